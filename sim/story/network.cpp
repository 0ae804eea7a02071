// SPDX-License-Identifier: Apache-2.0
#include "story/network.hpp"

namespace reveille::sim {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

namespace {

/// A share in [0, 1); std::uniform_real_distribution differs from one standard library to the next, this does not.
double share(std::mt19937_64& random) { return static_cast<double>(random() >> 11) * 0x1p-53; }

}  // namespace

Network::Network(sc_core::sc_module_name name, NetworkQuality quality, std::uint64_t seed)
    : sc_module(name), quality_(quality), random_(seed) {
  SC_METHOD(deliver);
  sensitive << arrival_;
  dont_initialize();
}

void Network::attach(const net::Address& address, Receiver receiver) { receivers_[address] = std::move(receiver); }

void Network::send(nodes::Datagram datagram, const sc_time& offset) {
  ++sent_;
  const bool is_lost = share(random_) < quality_.loss;
  const bool is_doubled = share(random_) < quality_.duplicate;
  if (is_lost) {
    ++lost_;
    return;
  }
  if (is_doubled) {
    ++duplicated_;
    schedule(datagram, offset);
  }
  schedule(std::move(datagram), offset);
}

void Network::schedule(nodes::Datagram datagram, const sc_time& offset) {
  const double spread = static_cast<double>(quality_.delay_max_us - quality_.delay_min_us);
  const double delay = static_cast<double>(quality_.delay_min_us) + share(random_) * spread;
  arrivals_.push({sc_time_stamp() + offset + sc_time(delay, sc_core::SC_US), order_++, std::move(datagram)});
  arrival_.notify(arrivals_.top().time - sc_time_stamp());
}

void Network::deliver() {
  while (!arrivals_.empty() && arrivals_.top().time <= sc_time_stamp()) {
    const nodes::Datagram datagram = arrivals_.top().datagram;
    arrivals_.pop();
    if (const auto receiver = receivers_.find(datagram.destination.address); receiver != receivers_.end()) {
      receiver->second(datagram);
    }
  }
  if (!arrivals_.empty()) arrival_.notify(arrivals_.top().time - sc_time_stamp());
}

}  // namespace reveille::sim
