// SPDX-License-Identifier: Apache-2.0
#include "sessions_file.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "command.hpp"
#include "json_value.hpp"
#include "reveille/config.hpp"

namespace reveille::sim {
namespace {

using nlohmann::json;
using Value = JsonValue;

constexpr std::size_t version_registers = 4;

/// One more of the server's addresses, of one family. `entry.fail` tells where it stands.
void add_server_address(std::vector<net::Address>& read, bool ipv4, const Value& entry) {
  const net::Address address = entry.address(ipv4, !ipv4);
  if (!ipv4 && address.is_ipv4()) entry.fail("not an IPv4-mapped address expected");
  if (std::find(read.begin(), read.end(), address) != read.end()) entry.fail("an address that stands once expected");
  const std::size_t registers = ipv4 ? config::kIpv4Addresses : config::kIpv6Addresses;
  if (read.size() == registers) {
    entry.fail(std::to_string(registers) + " addresses at most expected: the core has " + std::to_string(registers) +
               " registers of the family");
  }
  read.push_back(address);
}

std::vector<net::Address> server_addresses(const Value& addresses, bool ipv4) {
  std::vector<net::Address> read;
  for (const Value& entry : addresses.list()) add_server_address(read, ipv4, entry);
  return read;
}

std::uint8_t version(const Value& value) {
  const std::string expected = "a string major.minor expected, each 0 to 15";
  const std::string& text = value.text(expected);
  const auto number = [&](const std::string& digits) {
    const bool right = !digits.empty() && digits.size() <= 2 &&
                       digits.find_first_not_of("0123456789") == std::string::npos &&
                       (digits.size() == 1 || digits[0] != '0') && std::stoi(digits) <= 15;
    if (!right) value.fail(expected);
    return static_cast<unsigned>(std::stoi(digits));
  };
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) value.fail(expected);
  return static_cast<std::uint8_t>(number(text.substr(0, dot)) << 4 | number(text.substr(dot + 1)));
}

void read_policy(const Value& policy, policy::ServerConfig& config) {
  policy.require_keys({"destination", "later_fragments", "doi", "version", "client_initiated", "resend_budget"});
  config.destination = policy["destination"].one_of("any", "listed") == "any"
                           ? policy::ServerConfig::Destination::any
                           : policy::ServerConfig::Destination::listed;
  config.later_fragments = policy["later_fragments"].one_of("pass", "drop") == "pass"
                               ? policy::ServerConfig::LaterFragments::pass
                               : policy::ServerConfig::LaterFragments::drop;
  config.doi_ipsec = config.doi_snmp = false;
  const auto dois = policy["doi"].list();
  if (dois.empty()) policy["doi"].fail("at least one of 1 and 2 expected");
  for (const Value& doi : dois) (doi.integer(1, 2) == 1 ? config.doi_ipsec : config.doi_snmp) = true;

  config.versions.clear();
  const auto versions = policy["version"].list();
  if (versions.empty() || versions.size() > version_registers) policy["version"].fail("1 to 4 versions expected");
  for (const Value& each : versions) {
    const std::uint8_t octet = version(each);
    if (std::find(config.versions.begin(), config.versions.end(), octet) == config.versions.end())
      config.versions.push_back(octet);
  }

  const Value client_initiated = policy["client_initiated"];
  if (client_initiated.is_object()) {
    client_initiated.require_keys({"interval_us", "burst"});
    config.client_initiated = policy::ServerConfig::pass_limited;
    config.interval_us = client_initiated["interval_us"].integer(1, 0xffffffff);
    config.tolerance_us = (client_initiated["burst"].integer(1, 65535) - 1) * config.interval_us;
  } else {
    const std::string expected = R"("drop", "pass" or {"interval_us", "burst"} expected)";
    const std::string& word = client_initiated.text(expected);
    if (word != "drop" && word != "pass") client_initiated.fail(expected);
    config.client_initiated = word == "pass" ? policy::ServerConfig::pass : policy::ServerConfig::drop;
  }
  config.resend_budget = static_cast<unsigned>(policy["resend_budget"].integer(0, 15));
}

driver::Command read_session(const Value& entry, const policy::ServerConfig& config) {
  entry.require_keys({"client", "nonce", "state", "lifetime_ms"}, {"expected_tag"});
  driver::Command session{.code = CommandCode::restore, .client = entry["client"].address(true, true)};
  const bool is_ipv6_text = entry["client"].text("").find(':') != std::string::npos;
  if (is_ipv6_text && session.client.is_ipv4()) entry["client"].fail("not an IPv4-mapped address expected");
  if (config.addresses(!is_ipv6_text).empty()) {
    entry["client"].fail(std::string("an address of the server's family expected: ") +
                         (is_ipv6_text ? "server.ipv6" : "server.ipv4") + " is empty");
  }

  session.nonce = static_cast<std::uint32_t>(entry["nonce"].hexadecimal(8));
  if (session.nonce == 0) entry["nonce"].fail("a nonce that is not 0 expected");

  const std::string expected_state = R"("outstanding", "in_service" or "replied" expected)";
  const std::string& state = entry["state"].text(expected_state);
  if (state == "outstanding") {
    session.phase = Phase::outstanding;
  } else if (state == "in_service") {
    session.phase = Phase::in_service;
  } else if (state == "replied") {
    session.phase = Phase::replied;
    entry.require_keys({"client", "nonce", "state", "lifetime_ms", "expected_tag"});
  } else {
    entry["state"].fail(expected_state);
  }
  if (entry.has("expected_tag")) session.tag = entry["expected_tag"].hexadecimal(16);
  session.lifetime = entry["lifetime_ms"].integer(1, 0x7fffffff) * 1000;
  return session;
}

/// Times are bounded so that no sum of them and of a capture's span wraps.
constexpr std::uint64_t longest_us = std::uint64_t{1} << 52;
constexpr std::uint64_t longest_ns = std::uint64_t{1} << 62;

CaptureChoice read_capture(const Value& capture) {
  capture.require_keys({"interface", "begin_ns"});
  const std::string expected = "an interface's name expected";
  CaptureChoice choice{capture["interface"].text(expected), capture["begin_ns"].integer(0, longest_ns)};
  if (choice.interface.empty()) capture["interface"].fail(expected);
  return choice;
}

RecordedCommand read_command(const Value& entry, std::uint64_t earliest_ns) {
  const std::set<std::string> common = {"time_ns", "command", "client"};
  std::set<std::string> keys = common;
  entry.require_keys(common, {"nonce", "until_us", "expected_tag"});
  const std::string expected = R"("wake", "reply", "reject", "close" or "restore" expected)";
  const std::string& word = entry["command"].text(expected);
  RecordedCommand recorded{.time_ns = entry["time_ns"].integer(earliest_ns, longest_ns),
                           .command = {.client = entry["client"].address(true, true)}};
  driver::Command& command = recorded.command;
  if (word == "wake" || word == "restore") {
    command.code = word == "wake" ? CommandCode::wake : CommandCode::restore;
    keys.insert({"nonce", "until_us"});
    if (word == "restore") keys.insert("expected_tag");
    entry.require_keys(keys);
    if (word == "restore") {
      command.phase = Phase::replied;
      command.tag = entry["expected_tag"].hexadecimal(16);
    }
    command.nonce = static_cast<std::uint32_t>(entry["nonce"].hexadecimal(8));
    if (command.nonce == 0) entry["nonce"].fail("a nonce that is not 0 expected");
    recorded.until_us = entry["until_us"].integer(recorded.time_ns / 1'000 + 1, longest_us);
  } else if (word == "reply") {
    keys.insert("expected_tag");
    entry.require_keys(keys);
    command.code = CommandCode::reply;
    command.tag = entry["expected_tag"].hexadecimal(16);
  } else if (word == "reject" || word == "close") {
    entry.require_keys(keys);
    command.code = word == "reject" ? CommandCode::reject : CommandCode::close;
  } else {
    entry["command"].fail(expected);
  }
  return recorded;
}

}  // namespace

SessionsFile read_sessions_file(const std::filesystem::path& path) {
  const std::string file = path.string();
  const json document = read_json_file(path);

  const Value root(file, "", document);
  root.require_keys({"server", "policy", "sessions"}, {"capture", "commands"});
  SessionsFile result;
  const Value server = root["server"];
  server.require_keys({"ipv4", "ipv6", "port"});
  result.config.ipv4 = server_addresses(server["ipv4"], true);
  result.config.ipv6 = server_addresses(server["ipv6"], false);
  result.config.port = static_cast<std::uint16_t>(server["port"].integer(1, 65535));
  read_policy(root["policy"], result.config);

  std::set<net::Address> clients;
  for (const Value& entry : root["sessions"].list()) {
    result.sessions.push_back(read_session(entry, result.config));
    if (!clients.insert(result.sessions.back().client).second) entry["client"].fail("a second session for this client");
  }
  if (root.has("capture")) result.capture = read_capture(root["capture"]);
  if (!root.has("commands")) return result;
  for (const Value& entry : root["commands"].list())
    result.commands.push_back(read_command(entry, result.commands.empty() ? 0 : result.commands.back().time_ns));
  return result;
}

SessionsFile default_sessions() {
  SessionsFile sessions;
  sessions.config.ipv4 = {net::Address::parse("192.0.2.1")};
  sessions.config.ipv6 = {net::Address::parse("2001:db8::1")};
  return sessions;
}

SessionsFile sessions_of_server(const std::string& addresses, const std::optional<std::string>& port) {
  const std::string option = "--server";
  SessionsFile sessions;
  for (std::size_t at = 0; at <= addresses.size();) {
    const std::size_t end = std::min(addresses.find(',', at), addresses.size());
    const json text = addresses.substr(at, end - at);
    const Value entry(option, "", text);
    const bool ipv4 =
        entry.address(true, true).is_ipv4() && text.get_ref<const std::string&>().find(':') == std::string::npos;
    add_server_address(ipv4 ? sessions.config.ipv4 : sessions.config.ipv6, ipv4, entry);
    at = end + 1;
  }
  if (port) sessions.config.port = static_cast<std::uint16_t>(whole_number(*port, 1, 65535, "--port"));
  return sessions;
}

}  // namespace reveille::sim
