// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/telephone.hpp"
#include "programs/event_loop.hpp"
#include "programs/log.hpp"
#include "programs/sockets.hpp"
#include "reveille/nodes/cta.hpp"

namespace reveille::sim {

/// A telephone at a CTA's program: what happens there goes to the server in signalling under the CTA's association,
/// media over a socket of its own, UDP 16384. One that calls dials when the first association is there.
class TelephoneLine {
 public:
  /// `send`: what the CTA sends. All are kept.
  TelephoneLine(const Telephone::Config& config, nodes::Cta& cta, nodes::Send send, EventLoop& loop, const Log& log);
  TelephoneLine(const TelephoneLine&) = delete;
  TelephoneLine& operator=(const TelephoneLine&) = delete;

  void established();
  [[nodiscard]] std::optional<nodes::Time> deadline() const { return telephone_.deadline(); }
  void expire();
  [[nodiscard]] const Telephone::Counters& counters() const { return telephone_.counters(); }

 private:
  bool calls_;
  EventLoop& loop_;
  const Log& log_;
  kerberos::SystemRandom random_;
  Telephone telephone_;
  UdpSocket media_;
  bool has_dialled_ = false;
};

}  // namespace reveille::sim
