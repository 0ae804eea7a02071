// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <set>
#include <vector>

#include "story/holes.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

/// The attackers on the server's own line: an endless row of frames, one made when it is asked for. They know the
/// addresses of the woken clients and have heard true AP Requests; they do not know a nonce that is still of use.
class Flood {
 public:
  struct Frame {
    Bytes octets;
    Attack attack = Attack::garbage;
    const Hole* hole = nullptr;  ///< of Attack::holes
  };

  /// `attacks` without forged_wakeup (that one goes to the clients).
  Flood(const std::set<Attack>& attacks, const ServerHost& host, std::vector<net::Address> clients, std::uint64_t seed);

  [[nodiscard]] bool empty() const { return attacks_.empty(); }
  /// A true AP Request went by: material for replays.
  void overhear(const Bytes& frame);
  /// The next frame, valid until the next call; nothing where all that is left to do is to replay what was not heard
  /// yet.
  const Frame* next();

 private:
  void make_garbage();
  void make_ap_request(const net::Address& source, std::uint32_t nonce);
  void make_hole();
  void make_recovered(const net::Address& source);
  [[nodiscard]] net::UdpFrame towards_server(const net::Address& source) const;
  /// One in `whole_share` with somebody's true ticket, where one was overheard.
  [[nodiscard]] Bytes ap_request(std::uint32_t nonce, unsigned whole_share);
  void finish(Bytes octets);
  [[nodiscard]] const net::Address& client();
  [[nodiscard]] net::Address stranger(bool ipv4);
  [[nodiscard]] std::uint32_t wrong_nonce() { return static_cast<std::uint32_t>(random_()) | 1U; }

  std::vector<Attack> attacks_;
  ServerHost host_;
  std::vector<net::Address> clients_;
  std::vector<Bytes> overheard_;
  std::mt19937_64 random_;
  std::size_t next_hole_ = 0;
  Frame frame_;
};

}  // namespace reveille::sim
