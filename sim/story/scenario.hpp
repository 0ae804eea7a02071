// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reveille/policy/policy.hpp"

namespace reveille::sim {

/// What an attacker does. Names on the command line are those of `attack_name`.
enum class Attack : std::uint8_t {
  garbage,           ///< random octets to the key-management port
  false_nonce,       ///< true AP Requests with a wrong returned nonce, from woken clients' addresses
  replay,            ///< captured true AP Requests, octet for octet
  spoof,             ///< AP Requests from addresses that nobody woke
  forged_wakeup,     ///< Wake Ups to the clients, with random nonces and with 0
  client_initiated,  ///< AP Requests with returned nonce 0
  forged_recovered,  ///< SA Recovered with a wrong tag
  holes,             ///< AP Requests in the forms of story/holes.hpp
};
const std::vector<Attack>& all_attacks();
std::string_view attack_name(Attack attack);

/// One story, with every delay and time-out that it plays with; times in microseconds of simulated time.
/// A second of a 10GbE core is minutes of lockstep, so the default story plays delays of microseconds and time-outs of
/// milliseconds where the field has milliseconds and seconds; the report says so.
struct Scenario {
  std::uint64_t seed = 1;
  unsigned ctas = 256;
  std::uint64_t duration_us = 0;  ///< 0, which cannot be written: as long as whole() says
  double loss = 0.05;
  std::set<Attack> attacks{all_attacks().begin(), all_attacks().end()};
  /// The core's policy: which destinations it judges.
  policy::ServerConfig::Destination destination = policy::ServerConfig::Destination::any;

  double duplicate = 0.01;  ///< share of datagrams that arrive twice
  double ipv6_share = 0.25;
  double no_ticket_share = 0.25;    ///< get theirs from the KDC only when woken
  double dead_share = 0.04;         ///< never answer anything
  double late_share = 0.06;         ///< answer after `late_us`
  double stale_clock_share = 0.02;  ///< a clock wrong by more than the skew: refused by Kerberos
  std::uint64_t delay_min_us = 20;  ///< of the network, one way; reordering follows from the spread
  std::uint64_t delay_max_us = 200;
  std::uint64_t late_us = 3'000;
  std::uint64_t wake_spacing_us = 40;  ///< between the wake commands of the controller
  std::uint64_t session_lifetime_us = 60'000;
  unsigned wake_rounds = 3;  ///< sessions that a CTA gets before the controller gives it up
  unsigned wake_tries = 4;
  std::uint64_t wake_interval_us = 1'500;    ///< then doubled
  std::uint64_t cta_timeout_us = 1'200;      ///< of a CTA waiting for an AP Reply or the KDC, then doubled
  std::uint64_t cta_timeout_max_us = 4'800;  ///< but never longer
  unsigned cta_tries = 8;
  std::uint64_t cta_answer_interval_us = 400;  ///< a CTA answers one Wake Up in that time, bursts of four
  std::uint64_t reply_timeout_us = 1'200;      ///< of the controller waiting for SA Recovered, then doubled
  std::uint64_t reply_timeout_max_us = 4'800;  ///< but never longer
  unsigned reply_tries = 8;
  std::uint64_t kdc_service_us = 30;
  std::uint64_t host_service_us = 55;        ///< of the controller for one AP Request: 18 k/s, a measured libkrb5
  std::uint64_t rekey_after_us = 0;          ///< from an association to the Rekey that follows it; 0: none
  std::uint64_t signalling_interval_us = 0;  ///< of CTAs whose association is of DOI 1; 0: no signalling
  unsigned call_packets = 0;                 ///< that each end of the call at the end says; 0: no call
  std::uint64_t call_packet_us = 200;        ///< from one to the next
  double flood_share = 1.0;                  ///< of the line's cycles that true frames leave, filled by attackers

  /// The default, changed by the keys of a JSON file. Unknown keys, wrong types and values out of range:
  /// Error{bad_input} naming file, key, value and what was expected.
  static Scenario load(const std::filesystem::path& file);
  /// One key's value, as written on the command line; Error{bad_input} beginning with `where` if it is none, or out of
  /// range.
  void set(std::string_view key, const std::string& text, const std::string& where);
  /// What concerns several keys together; load() has checked it.
  void validate(const std::string& where) const;
  /// What the call takes at the end of the story, its signalling included; 0 if there is none.
  [[nodiscard]] std::uint64_t call_us() const;
  /// With a duration, if none was given: until the CTA that is woken last has had all its sessions.
  [[nodiscard]] Scenario whole() const;
  /// The keys and values of a scenario file that gives this scenario, made whole.
  [[nodiscard]] std::string to_json() const;
};

/// "all", "none" or a comma-separated list of names; Error{bad_input} beginning with `where` and naming the word
/// otherwise.
std::set<Attack> parse_attacks(std::string_view list, const std::string& where);

}  // namespace reveille::sim
