// SPDX-License-Identifier: Apache-2.0
// The guess bound of docs/protocol.md, scaled down: an attacker who knows all but 12 bits of a woken client's nonce is
// let through once in 2^12 guesses, and each time `reject` gives the true client its turn back.
#include <cmath>
#include <random>

#include "catch.hpp"
#include "reveille/core/core.hpp"
#include "reveille/core/driver.hpp"
#include "story/stream.hpp"

namespace reveille {
namespace {

constexpr unsigned unknown_bits = 12;
constexpr unsigned guesses = 200'000;
constexpr std::uint32_t nonce = 0x1BAD'C5A7;

Bytes request(const net::Address& client, std::uint32_t guess) {
  net::UdpFrame frame;
  frame.source = client;
  frame.destination = net::Address::parse("192.0.2.1");
  frame.payload = {2, 1, 0x10, 0x6E, 0};
  append_big_endian(frame.payload, guess, 4);
  return net::build(frame);
}

TEST_CASE("guesses are accepted as often as chance says, and reject undoes each") {
  const net::Address client = net::Address::parse("198.51.100.7");
  core::Core core;
  core::Driver driver(core);
  core::Setup setup;
  setup.server.ipv4 = {net::Address::parse("192.0.2.1")};
  driver.bring_up(setup, 1);

  core::Command command;
  command.code = CommandCode::restore;
  command.client = client;
  command.lifetime = 1'000'000'000;
  command.nonce = nonce;
  REQUIRE(driver.command(command).code == ResultCode::ok);
  command.code = CommandCode::reject;

  std::mt19937 random(7);
  unsigned accepted = 0;
  const auto judge = [&](std::uint32_t guess) {
    sim::FrameSender line;
    line.start(request(client, guess));
    while (!line.idle()) {
      core.inputs.net_rx = line.beat();
      core.clock();
      line.advance();
    }
    core.inputs.net_rx = {};
    while (!core.outputs().verdict_valid) core.clock();
    return static_cast<Verdict>(core.outputs().verdict_code);
  };
  for (unsigned i = 0; i < guesses; ++i) {
    const Verdict verdict = judge((nonce & ~((1U << unknown_bits) - 1)) | (random() & ((1U << unknown_bits) - 1)));
    if (verdict == Verdict::accepted) {
      ++accepted;
      REQUIRE(driver.command(command).code == ResultCode::ok);
    } else {
      REQUIRE(verdict == Verdict::false_nonce);
    }
  }
  // Five standard deviations around guesses / 2^12 = 48.8.
  const double expected = std::ldexp(guesses, -static_cast<int>(unknown_bits));
  CHECK(std::abs(accepted - expected) < 5 * std::sqrt(expected));
  CHECK(judge(nonce) == Verdict::accepted);
}

}  // namespace
}  // namespace reveille
