// SPDX-License-Identifier: Apache-2.0
#include "core_buses.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string_view>
#include <thread>

#include "interrupt.hpp"
#include "reveille/common/error.hpp"
#include "reveille/driver/etherbone_bus.hpp"
#include "reveille/driver/mapped_bus.hpp"
#include "reveille/driver/socket_bus.hpp"

namespace reveille::sim {
namespace {

constexpr std::chrono::milliseconds patience_at_start(500);
constexpr std::chrono::seconds patience(30);
constexpr std::chrono::milliseconds between_tries(5);

/// Also where the event loop has blocked them.
bool is_told_to_end() {
  sigset_t waiting;
  sigemptyset(&waiting);
  sigpending(&waiting);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    if (sigismember(&waiting, number) == 1) return true;
  return interrupted();
}

}  // namespace

std::unique_ptr<driver::Bus> open_bus(const std::string& where) {
  constexpr std::string_view etherbone = "etherbone:";
  if (where.starts_with(etherbone)) return std::make_unique<driver::EtherboneBus>(where.substr(etherbone.size()));
  if (std::filesystem::is_socket(where)) return std::make_unique<driver::SocketBus>(where);
  return std::make_unique<driver::MappedBus>(where);
}

std::unique_ptr<driver::Bus> CoreBuses::connect() {
  const auto begin = std::chrono::steady_clock::now();
  const std::chrono::milliseconds limit = current_.empty() ? patience_at_start : patience;
  for (;;) {
    std::optional<Error> first;
    for (const std::string& place : places_) {
      try {
        std::unique_ptr<driver::Bus> bus = open_bus(place);
        current_ = place;
        return bus;
      } catch (const Error& error) {
        if (!first) first = error;
      }
    }
    if (std::chrono::steady_clock::now() > begin + limit) throw Error(ErrorKind::bad_input, first->what());
    if (is_told_to_end()) throw Interrupted();
    std::this_thread::sleep_for(between_tries);
  }
}

}  // namespace reveille::sim
