// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <queue>
#include <random>
#include <systemc>
#include <unordered_map>
#include <vector>

#include "reveille/nodes/datagram.hpp"

namespace reveille::sim {

/// Simulated time to the microseconds that nodes count in, and back.
inline nodes::Time to_microseconds(const sc_core::sc_time& time) {
  return static_cast<nodes::Time>(time.to_seconds() * 1e6 + 1e-6);
}
inline sc_core::sc_time from_microseconds(std::uint64_t time) {
  return sc_core::sc_time(static_cast<double>(time), sc_core::SC_US);
}

/// What a datagram meets on its way. Delays are uniform between the bounds; reordering follows from their spread.
struct NetworkQuality {
  double loss = 0;
  double duplicate = 0;
  std::uint64_t delay_min_us = 1;
  std::uint64_t delay_max_us = 1;
};

/// A network of datagrams that delays, loses, duplicates and reorders. Same seed, same fate of every datagram.
class Network final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Network);
  using Receiver = std::function<void(const nodes::Datagram&)>;

  Network(sc_core::sc_module_name name, NetworkQuality quality, std::uint64_t seed);

  /// Datagrams to `address` go to `receiver`; those to nobody are lost.
  void attach(const net::Address& address, Receiver receiver);
  /// Takes a datagram sent `offset` after the kernel's present time.
  void send(nodes::Datagram datagram, const sc_core::sc_time& offset = sc_core::SC_ZERO_TIME);

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] std::uint64_t duplicated() const { return duplicated_; }

 private:
  struct Arrival {
    sc_core::sc_time time;
    std::uint64_t order;  ///< of sending; settles equal times
    nodes::Datagram datagram;
    bool operator>(const Arrival& other) const { return time != other.time ? time > other.time : order > other.order; }
  };

  void deliver();
  void schedule(nodes::Datagram datagram, const sc_core::sc_time& offset);

  NetworkQuality quality_;
  std::mt19937_64 random_;
  std::unordered_map<net::Address, Receiver> receivers_;
  std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals_;
  sc_core::sc_event arrival_;
  std::uint64_t order_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t duplicated_ = 0;
};

}  // namespace reveille::sim
