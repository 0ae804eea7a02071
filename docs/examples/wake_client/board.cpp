// SPDX-License-Identifier: Apache-2.0
//
// The driver library with a board (docs/board.md): feeds it noise, wakes a client, answers its AP Request, and tells
// when its SA Recovered has come. Host messages need CAP_NET_RAW.
// usage: board BOARD SERVER CLIENT CLIENT_MAC SERVER_MAC
#include <sys/random.h>

#include <array>
#include <iostream>

#include "reveille/driver/driver.hpp"
#include "reveille/driver/etherbone_bus.hpp"

using namespace reveille;

namespace {

constexpr std::uint16_t noise = 0x1000;  // of the board; a word is four samples
constexpr std::uint64_t tag = 0x0123456789ABCDEF;

std::array<std::uint8_t, 6> mac(const char* text) {
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<std::uint8_t>(std::stoul(std::string(text + 3 * i, 2), nullptr, 16));
  return octets;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 6) throw Error(ErrorKind::bad_input, "usage: board BOARD SERVER CLIENT CLIENT_MAC SERVER_MAC");
  const auto client = net::Address::parse(argv[3]);
  driver::EtherboneBus bus(argv[1]);
  driver::Driver core(bus);
  core.identify();
  driver::Setup setup;
  setup.server.ipv4 = {net::Address::parse(argv[2])};
  setup.event_mask = 1U << index(Verdict::accepted) | 1U << index(Verdict::sa_recovered);
  core.configure(setup);
  core.load_framing(std::vector<driver::Hop>{{.destination = mac(argv[4]), .source = mac(argv[5])}}, "server.example");
  while (!core.health().usable()) {  // the kernel's noise, where a board has none that is assessed
    std::uint32_t samples = 0;
    if (getrandom(&samples, sizeof samples, 0) == sizeof samples) bus.write(noise, samples);
  }
  std::cout << "nonce " << core.wake(client).nonce << std::endl;
  for (;;) {
    const auto event = core.pop_event();
    if (!event || event->address != client) continue;
    std::cout << kVerdictNames[index(event->verdict)] << std::endl;
    if (event->kind == driver::EventKind::expired) return 1;
    if (event->verdict == Verdict::sa_recovered) return 0;
    core.reply(client, tag);  // KMMID 3, DOI 1, version 1.0, and what a server would say
    core.send(client, Bytes{3, 1, 0x10, 'a', 'n', ' ', 'A', 'P', ' ', 'R', 'e', 'p', 'l', 'y'});
  }
} catch (const Error& error) {
  std::cerr << "board: " << error.what() << '\n';
  return 2;
}
