// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <set>
#include <vector>

#include "net/frame.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

/// The attackers on the server's own line: an endless row of frames, one made when it is asked for. They know the
/// addresses of the woken clients and have heard true AP Requests; they do not know a nonce that is still of use.
class Flood {
 public:
  struct Frame {
    Bytes octets;
    Attack attack = Attack::garbage;
  };

  /// `attacks` without forged_wakeup (that one goes to the clients). `servers`: the addresses attacked.
  Flood(const std::set<Attack>& attacks, std::vector<net::Address> servers, std::vector<net::Address> clients,
        std::uint64_t seed);

  [[nodiscard]] bool empty() const { return attacks_.empty(); }
  /// A true AP Request went by: material for replays.
  void overhear(const Bytes& frame);
  /// The next frame, valid until the next call; nothing where all that is left to do is to replay what was not heard
  /// yet.
  const Frame* next();

 private:
  void make_garbage();
  void make_ap_request(const net::Address& source, std::uint32_t nonce);
  void make_recovered(const net::Address& source);
  [[nodiscard]] net::UdpFrame towards_server(const net::Address& source) const;
  void finish(const net::UdpFrame& frame);
  [[nodiscard]] const net::Address& client();
  [[nodiscard]] net::Address stranger(bool ipv4);

  std::vector<Attack> attacks_;
  std::vector<net::Address> servers_;
  std::vector<net::Address> clients_;
  std::vector<Bytes> overheard_;
  std::mt19937_64 random_;
  Frame frame_;
};

}  // namespace reveille::sim
