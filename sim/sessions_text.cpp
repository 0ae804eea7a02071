// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <nlohmann/json.hpp>

#include "sessions_file.hpp"

namespace reveille::sim {
namespace {

using nlohmann::ordered_json;

std::string hexadecimal(std::uint64_t value, int digits) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

ordered_json addresses_json(const std::vector<net::Address>& addresses) {
  ordered_json list = ordered_json::array();
  for (const net::Address& address : addresses) list.push_back(net::format(address));
  return list;
}

ordered_json policy_json(const policy::ServerConfig& config) {
  ordered_json policy;
  policy["destination"] = config.destination == policy::ServerConfig::Destination::any ? "any" : "listed";
  policy["later_fragments"] = config.later_fragments == policy::ServerConfig::LaterFragments::pass ? "pass" : "drop";
  policy["doi"] = ordered_json::array();
  if (config.doi_ipsec) policy["doi"].push_back(1);
  if (config.doi_snmp) policy["doi"].push_back(2);
  policy["version"] = ordered_json::array();
  for (const std::uint8_t version : config.versions)
    policy["version"].push_back(std::to_string(version >> 4) + "." + std::to_string(version & 0xF));
  if (config.client_initiated == policy::ServerConfig::pass_limited) {
    policy["client_initiated"] = {{"interval_us", config.interval_us},
                                  {"burst", config.tolerance_us / config.interval_us + 1}};
  } else {
    policy["client_initiated"] = config.client_initiated == policy::ServerConfig::pass ? "pass" : "drop";
  }
  policy["resend_budget"] = config.resend_budget;
  return policy;
}

const char* phase_name(Phase phase) {
  return phase == Phase::replied ? "replied" : phase == Phase::in_service ? "in_service" : "outstanding";
}

ordered_json session_json(const driver::Command& session) {
  return {{"client", net::format(session.client)},
          {"nonce", hexadecimal(session.nonce, 8)},
          {"state", phase_name(session.phase)},
          {"expected_tag", hexadecimal(session.tag, 16)},
          {"lifetime_ms", session.lifetime / 1'000}};
}

ordered_json command_json(const RecordedCommand& recorded) {
  static constexpr const char* names[] = {"", "wake", "reply", "reject", "close", "restore"};
  const driver::Command& command = recorded.command;
  ordered_json json = {{"time_ns", recorded.time_ns},
                       {"command", names[static_cast<std::size_t>(command.code)]},
                       {"client", net::format(command.client)}};
  if (command.inserts()) {
    json["nonce"] = hexadecimal(command.nonce, 8);
    json["until_us"] = recorded.until_us;
  }
  if (command.code == CommandCode::reply || command.code == CommandCode::restore) {
    json["expected_tag"] = hexadecimal(command.tag, 16);
  }
  return json;
}

/// `"key": [` and a line for each.
template <typename Entry, typename ToJson>
std::string list_text(const char* key, const std::vector<Entry>& entries, ToJson to_json) {
  std::string text = std::string(" \"") + key + "\": [";
  for (const Entry& entry : entries) text += (&entry == entries.data() ? "\n  " : ",\n  ") + to_json(entry).dump();
  return text + "]";
}

}  // namespace

std::string sessions_text(const SessionsFile& sessions) {
  const policy::ServerConfig& config = sessions.config;
  const ordered_json server = {
      {"ipv4", addresses_json(config.ipv4)}, {"ipv6", addresses_json(config.ipv6)}, {"port", config.port}};
  std::string text = "{\"server\": " + server.dump() + ",\n \"policy\": " + policy_json(config).dump() + ",\n";
  if (sessions.capture) {
    const ordered_json capture = {{"interface", sessions.capture->interface}, {"begin_ns", sessions.capture->begin_ns}};
    text += " \"capture\": " + capture.dump() + ",\n";
  }
  text += list_text("sessions", sessions.sessions, session_json) + ",\n";
  return text + list_text("commands", sessions.commands, command_json) + "}\n";
}

}  // namespace reveille::sim
