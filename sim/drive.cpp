// SPDX-License-Identifier: Apache-2.0
#include "drive.hpp"

#include <cstdio>
#include <iostream>
#include <memory>

#include "core_buses.hpp"
#include "reveille/driver/driver.hpp"

namespace reveille::sim {
namespace {

struct DriveOptions {
  std::string bus;
  std::string verb;
  std::vector<std::string> arguments;
  std::string lifetime = "30000";
  std::string hop = "0";
  bool snmp = false;
};

std::string hexadecimal(std::uint64_t value, int digits) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

std::uint64_t tag_of(const std::string& text) {
  const bool right = text.size() > 2 && text.size() <= 18 && text.starts_with("0x") &&
                     text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
  if (!right) throw Error(ErrorKind::bad_input, "TAG: \"" + text + "\": 0x and 1 to 16 hexadecimal digits expected");
  return std::stoull(text, nullptr, 16);
}

void print(const driver::Session& session) {
  static constexpr const char* phases[] = {"outstanding", "in_service", "replied", "recovered"};
  std::cout << net::format(session.client) << "  " << phases[static_cast<std::size_t>(session.phase)] << "  nonce "
            << hexadecimal(session.nonce, 8) << "  until " << session.deadline << " us  false nonces "
            << session.false_nonces << "  location " << session.location << '\n';
}

void print(const driver::Event& event) {
  static constexpr const char* kinds[] = {"none", "verdict", "expired", "wake_failed", "guessing"};
  const auto kind = static_cast<std::size_t>(event.kind);
  std::cout << event.time << " us  " << (kind < std::size(kinds) ? kinds[kind] : "unknown");
  if (event.kind == driver::EventKind::verdict && index(event.verdict) < kVerdictCount)
    std::cout << ' ' << kVerdictNames[index(event.verdict)];
  std::cout << "  " << net::format(event.address) << "  " << hexadecimal(event.value, 8) << '\n';
}

void status(driver::Driver& core, const driver::Identity& identity) {
  const driver::Health health = core.health();
  std::cout << "registers " << identity.major << '.' << identity.minor << '.' << identity.patch << ", "
            << identity.sessions << " sessions, " << identity.ipv4_addresses << " IPv4 and " << identity.ipv6_addresses
            << " IPv6 addresses\n"
            << (health.usable()   ? "ready and seeded"
                : health.failed() ? "the nonce generator has failed"
                                  : "not ready")
            << "; time " << core.time() << " us\n";
  for (unsigned i = 0; i < kVerdictCount; ++i)
    if (const std::uint64_t count = core.counter(i)) std::cout << "  " << kVerdictNames[i] << ' ' << count << '\n';
}

void act(driver::Driver& core, const driver::Identity& identity, const DriveOptions& options) {
  const std::string& verb = options.verb;
  const std::size_t wanted = verb == "reply" ? 2 : verb == "status" || verb == "sessions" || verb == "events" ? 0 : 1;
  if (options.arguments.size() != wanted) {
    throw Error(ErrorKind::bad_input, verb + ": " + std::to_string(options.arguments.size()) + " arguments: " +
                                          (wanted == 0   ? "none"
                                           : wanted == 1 ? "CLIENT"
                                                         : "CLIENT and TAG") +
                                          " expected");
  }
  if (verb == "status") return status(core, identity);
  if (verb == "sessions") {
    for (unsigned i = 0; i < identity.sessions; ++i)
      if (const auto session = core.read_location(static_cast<std::uint16_t>(i))) print(*session);
    return;
  }
  if (verb == "events") {
    while (const auto event = core.pop_event()) print(*event);
    return;
  }
  const net::Address client = net::Address::parse(options.arguments[0]);
  if (verb == "wake") {
    driver::WakeOptions wake{.lifetime_us = 1000 * whole_number(options.lifetime, 1, 0x7FFFFFFF, "--lifetime"),
                             .hop = static_cast<std::uint8_t>(whole_number(options.hop, 0, 7, "--hop")),
                             .snmp = options.snmp};
    const driver::Woken woken = core.wake(client, wake);
    std::cout << "nonce " << hexadecimal(woken.nonce, 8) << "  location " << woken.location << '\n';
  } else if (verb == "reply") {
    core.reply(client, tag_of(options.arguments[1]));
  } else if (verb == "reject") {
    core.reject(client);
  } else if (verb == "close") {
    core.close(client);
  } else {
    print(core.read_session(client));
  }
}

int drive(const DriveOptions& options) {
  try {
    const std::unique_ptr<driver::Bus> bus = open_bus(options.bus);
    driver::Driver core(*bus);
    act(core, core.identify(), options);
  } catch (const driver::Refused& refused) {
    std::cerr << "reveille: " << refused.what() << '\n';
    return exit_difference;
  } catch (const Error& error) {
    throw Error(ErrorKind::bad_input, error.what());
  }
  return exit_success;
}

}  // namespace

void add_drive_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("drive", "Give a running core a command, or ask it something");
  const auto options = std::make_shared<DriveOptions>();
  command->add_option("--lifetime", options->lifetime, "of a session, milliseconds, with wake")
      ->type_name("MS")
      ->capture_default_str();
  command->add_option("--hop", options->hop, "next hop of the framing memory, with wake")
      ->type_name("INDEX")
      ->capture_default_str();
  command->add_flag("--snmp", options->snmp, "DOI 2 in place of 1, with wake");
  command->add_option("BUS", options->bus, "control socket of reveille live, or a memory-mapped file: /dev/uio0")
      ->required()
      ->type_name("FILE");
  command->add_option("COMMAND", options->verb, "what to do")
      ->required()
      ->check(one_of({"status", "wake", "reply", "reject", "close", "read", "sessions", "events"}));
  command->add_option("ARGUMENT", options->arguments, "CLIENT, and with reply the TAG");
  command->callback([options, &action] { action = [options] { return drive(*options); }; });
}

}  // namespace reveille::sim
