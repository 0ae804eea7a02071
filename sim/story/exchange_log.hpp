// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "report/exchange.hpp"
#include "reveille/nodes/datagram.hpp"
#include "reveille/verdict.hpp"
#include "story/recorded_frame.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

/// Writes down each client's exchange for the sequence diagram: its own messages, and what attackers sent to it or in
/// its name meanwhile.
class ExchangeLog {
 public:
  static constexpr std::size_t most_clients = 256;  ///< of further ones nothing is kept
  static constexpr std::size_t most_steps = 80;     ///< of an exchange

  void add_client(const net::Address& address, const std::string& name);
  /// A true frame, and its place among those handed on.
  void recorded(const RecordedFrame& frame, std::uint64_t place);
  /// An attacker's frame has its verdict. `place`: if it was handed on.
  void attacked(ByteView frame, Attack attack, Verdict verdict, bool passed, std::uint64_t time_ns,
                std::optional<std::uint64_t> place);
  /// A datagram reached a CTA; those that the core sent are left out.
  void reached(const nodes::Datagram& datagram, std::uint64_t time_ns);
  void ended(const net::Address& client, const std::string& outcome);

  /// In the order of add_client, those that have begun.
  [[nodiscard]] std::vector<Exchange> exchanges() const;

 private:
  /// Frames of attackers between two messages, by what they were and what became of them.
  struct Crowd {
    std::map<std::pair<Attack, Verdict>, std::uint64_t> dropped;
    std::map<std::pair<Attack, Verdict>, std::uint64_t> passed;
  };
  struct Entry {
    ExchangeStep step;
    Crowd crowd = {};  ///< if not empty the step stands for all of it
  };
  struct Client {
    net::Address address;
    std::string name;
    std::string outcome = "still under way when the run ended";
    std::set<std::uint32_t> nonces = {};  ///< of the core's Wake Ups
    std::vector<Entry> entries = {};
  };

  [[nodiscard]] Client* find(const net::Address& address);
  static Exchange exchange(const Client& client);
  static std::string before(const std::vector<Entry>& entries);
  static void describe(ExchangeStep& step, const Crowd& crowd);

  std::vector<Client> clients_;
  std::unordered_map<net::Address, std::size_t> places_;
};

}  // namespace reveille::sim
