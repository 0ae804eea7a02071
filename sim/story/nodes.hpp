// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <systemc>
#include <vector>

#include "call/telephone.hpp"
#include "reveille/nodes/controller.hpp"
#include "reveille/nodes/cta.hpp"
#include "story/network.hpp"

namespace reveille::sim {

/// The true time of the simulation: its beginning on the calendar, and the kernel's time since.
class Calendar {
 public:
  explicit Calendar(nodes::Time epoch) : epoch_(epoch) {}
  /// Microseconds since 1970.
  [[nodiscard]] nodes::Time epoch() const { return epoch_; }
  [[nodiscard]] nodes::Time now() const { return epoch_ + to_microseconds(sc_core::sc_time_stamp()); }
  /// Of a time of the core, which is the kernel's in microseconds.
  [[nodiscard]] nodes::Time at(std::uint64_t core_us) const { return epoch_ + static_cast<nodes::Time>(core_us); }

 private:
  nodes::Time epoch_;
};

/// Calls `on_due` when the time it was armed for has come.
class Alarm final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Alarm);
  Alarm(sc_core::sc_module_name name, const Calendar& calendar, std::function<void()> on_due);
  void arm(std::optional<nodes::Time> time);

 private:
  void ring();
  const Calendar& calendar_;
  std::function<void()> on_due_;
  sc_core::sc_event due_;
};

/// A CTA on the network; `answer_delay_us` late with everything, silent if `dead`.
class CtaModule final : public sc_core::sc_module {
 public:
  CtaModule(sc_core::sc_module_name name, nodes::CtaConfig config, kerberos::RandomSource& random, Network& network,
            const Calendar& calendar, std::uint64_t answer_delay_us, bool dead);

  [[nodiscard]] const nodes::Cta& cta() const { return cta_; }
  /// Puts a telephone there: it takes the server's commands, and media. Behind each command `on_command` is called.
  void connect(Telephone& telephone, std::function<void()> on_command);
  void send(nodes::Datagram datagram);
  [[nodiscard]] bool dead() const { return dead_; }
  std::function<void(const nodes::Datagram&, bool outgoing)> on_datagram;  ///< whatever it sends and takes

 private:
  void receive(const nodes::Datagram& datagram);

  nodes::Cta cta_;
  Telephone* telephone_ = nullptr;
  Network& network_;
  const Calendar& calendar_;
  sc_core::sc_time answer_delay_;
  bool dead_;
  Alarm alarm_;
};

/// A KDC on the network: answers each request after its service time. What answers is a function: the model's KDC, or
/// a real one behind a socket.
class KdcModule final : public sc_core::sc_module {
 public:
  using Answer = std::function<Bytes(ByteView request, nodes::Time now)>;
  KdcModule(sc_core::sc_module_name name, nodes::Endpoint endpoint, Answer answer, std::uint64_t service_us,
            Network& network, const Calendar& calendar);
};

/// Sends forged Wake Ups in the server's name to clients: random nonces and the out-of-bounds value in turn.
class WakeupForger final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(WakeupForger);
  WakeupForger(sc_core::sc_module_name name, std::vector<nodes::Endpoint> servers, std::vector<net::Address> clients,
               std::string principal, std::uint64_t interval_us, std::uint64_t seed, Network& network);
  [[nodiscard]] std::uint64_t sent() const { return sent_; }

 private:
  void forge();

  std::vector<nodes::Endpoint> servers_;
  std::vector<net::Address> clients_;
  std::string principal_;
  sc_core::sc_time interval_;
  std::mt19937_64 random_;
  Network& network_;
  std::uint64_t sent_ = 0;
};

}  // namespace reveille::sim
