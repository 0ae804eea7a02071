// SPDX-License-Identifier: Apache-2.0
//
// The driver library: takes over a core behind a memory-mapped file, wakes a client, and tells what becomes of it.
// usage: wake_client /dev/uio0 SERVER CLIENT
#include <iostream>
#include <thread>

#include "reveille/driver/driver.hpp"
#include "reveille/driver/mapped_bus.hpp"

using namespace reveille;

namespace {

/// Until the client's SA Recovered has come, or its time is up. Another thread may give commands meanwhile: the AP
/// Request wants its reply().
void watch(driver::Driver& core, const net::Address& client) {
  for (;;) {
    const auto event = core.pop_event();
    if (!event) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    } else if (event->address == client) {
      std::cout << event->time << " us: " << kVerdictNames[index(event->verdict)] << '\n';
      if (event->kind == driver::EventKind::expired || event->verdict == Verdict::sa_recovered) return;
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw Error(ErrorKind::bad_input, "usage: wake_client FILE SERVER CLIENT");
  const auto server = net::Address::parse(argv[2]);
  const auto client = net::Address::parse(argv[3]);

  driver::MappedBus bus(argv[1]);  // nobody else has it from here on
  driver::Driver core(bus);
  const driver::Identity identity = core.identify();
  std::cout << "a core for " << identity.sessions << " sessions\n";

  driver::Setup setup;
  (server.is_ipv4() ? setup.server.ipv4 : setup.server.ipv6) = {server};
  setup.event_mask = 1U << index(Verdict::accepted) | 1U << index(Verdict::sa_recovered);
  core.configure(setup);
  const driver::Hop hop = {.destination = {2, 0, 0, 0, 0, 1}, .source = {2, 0, 0, 0, 0, 2}};
  core.load_framing(std::span(&hop, 1), "mtakerb/server.example@EXAMPLE");
  core.wait_until_usable();

  core.realign_events();
  const driver::Woken woken = core.wake(client, {.lifetime_us = 30'000'000});
  std::cout << "woken: nonce " << woken.nonce << " at location " << woken.location << '\n';
  watch(core, client);
} catch (const Error& error) {
  std::cerr << "wake_client: " << error.what() << '\n';
  return 1;
}
