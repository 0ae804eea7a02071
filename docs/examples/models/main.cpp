// SPDX-License-Identifier: Apache-2.0
//
// The models from CMake: the cycle-accurate core is brought up by the driver of ../driver.c, wakes a client, and judges
// what is sent to it. Prints the verdict of each frame; status 1 where one is not what docs/protocol.md says.
#include <cstdlib>
#include <iostream>

#include "reveille/core/core.hpp"
#include "reveille/core/driver.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/net/frame.hpp"
#include "reveille/verdict.hpp"

extern "C" {
#include "driver.h"
#include "reveille.h"
std::uint32_t model_read(std::uint32_t offset);
void model_write(std::uint32_t offset, std::uint32_t word);
}

using namespace reveille;

namespace {

constexpr std::uint32_t server = 0xC0000201, client = 0xC6336407;  // as below, for the driver

core::Core guard;
core::Driver bus(guard);  // of it only what moves the bus and makes noise: the driver is the C one

// An AP Request with that nonce, as far as the guard looks at it: a ticket of zeros.
Bytes ap_request(std::uint32_t nonce) {
  keymgmt::ApRequest request;
  request.ap_req = {0x6E, 4, 0, 0, 0, 0};
  request.server_nonce = nonce;
  request.ciphersuites = {{}};
  net::UdpFrame frame;
  frame.source = net::Address::parse("198.51.100.7");
  frame.destination = net::Address::parse("192.0.2.1");
  frame.payload = keymgmt::encode(request);
  return net::build(frame);
}

// The frame beat by beat, then its verdict.
Verdict judge(const Bytes& frame) {
  core::StreamSource& beat = guard.inputs.net_rx;
  for (std::size_t at = 0; at < frame.size(); at += 8) {
    beat = {.valid = true, .last = at + 8 >= frame.size()};
    for (std::size_t octet = 0; octet < 8 && at + octet < frame.size(); ++octet) {
      beat.data |= std::uint64_t{frame[at + octet]} << 8 * octet;
      beat.keep = static_cast<std::uint8_t>(beat.keep | 1U << octet);
    }
    guard.clock();
  }
  beat = {};
  while (!guard.outputs().verdict_valid) guard.clock();
  const auto verdict = static_cast<Verdict>(guard.outputs().verdict_code);
  bus.run(32);
  return verdict;
}

void expect(std::string_view what, Verdict got, Verdict expected) {
  std::cout << what << ": " << kVerdictNames[reveille::index(got)] << '\n';
  if (got == expected) return;
  std::cerr << "expected " << kVerdictNames[reveille::index(expected)] << '\n';
  std::exit(1);
}

void expect(std::string_view what, bool good) {
  std::cout << what << ": " << (good ? "done" : "not done") << '\n';
  if (!good) std::exit(1);
}

}  // namespace

std::uint32_t model_read(std::uint32_t offset) { return bus.read(static_cast<std::uint16_t>(offset)); }
void model_write(std::uint32_t offset, std::uint32_t word) { bus.write(static_cast<std::uint16_t>(offset), word); }

int main() {
  guard.inputs.rst_n = false;
  bus.run(4);
  guard.inputs.rst_n = true;
  const std::uint32_t hop[4] = {0x00000002, 0x00020100, 0x02000000, 0};  // 02:00:00:00:00:01 from 02:00:00:00:00:02
  expect("start", guard_start(nullptr, server, hop, "mtafqdn/server.example"));
  expect("an AP Request that nobody asked for", judge(ap_request(1)), Verdict::not_woken);
  bus.feed_entropy(1);  // the hash tables take 4,096 nonces
  expect("ready", guard_ready(nullptr));

  std::uint32_t nonce = 0;
  expect("wake", guard_wake(nullptr, client, 30'000'000, &nonce) == REVEILLE_RESULT_OK);
  expect("a false nonce", judge(ap_request(nonce ^ 1)), Verdict::false_nonce);
  expect("the right nonce", judge(ap_request(nonce)), Verdict::accepted);
  std::uint32_t record[8];
  expect("its event", guard_event(nullptr, record) && record[3] == nonce && record[7] == client);
  expect("the same again", judge(ap_request(nonce)), Verdict::repeat);
  const std::uint32_t tag[2] = {0x01234567, 0x89ABCDEF};
  expect("reply", guard_reply(nullptr, client, tag) == REVEILLE_RESULT_OK);
  expect("and again, now that there is an answer", judge(ap_request(nonce)), Verdict::resend);
  expect("close", guard_close(nullptr, client) == REVEILLE_RESULT_OK);
  expect("and after its end", judge(ap_request(nonce)), Verdict::not_woken);
}
