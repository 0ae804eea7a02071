// SPDX-License-Identifier: Apache-2.0
// reveille_octet_sequencer: octet k of a frame of F octets at octet_o in s + F + 20 + k, and at no other time (E7).
#include <algorithm>
#include <cstdint>

#include "Vreveille_octet_sequencer.h"
#include "bench.hpp"
#include "catch.hpp"
#include "egress/framing.hpp"

namespace {

using namespace reveille;

class SequencerBench : public tb::Bench<Vreveille_octet_sequencer> {
 public:
  explicit SequencerBench(unsigned seed) : Bench(static_cast<int>(seed)), random(seed) {
    dut->start_i = 0;
    reset();
    framing.randomize(random, 1 + random() % 100);
    for (unsigned word = 0; word < 64; ++word) {
      dut->framing_write_i = 1;
      for (const unsigned bank : {0U, 1U}) {  // in the other one: anything
        dut->framing_address_i = static_cast<std::uint8_t>(bank << 6 | word);
        dut->framing_data_i =
            bank == seed % 2 ? tb::framing_word(framing.memory, word) : static_cast<std::uint32_t>(random());
        tick();
      }
    }
    dut->framing_write_i = 0;
    dut->framing_bank_i = seed % 2;
    dut->port_i = framing.port;
  }

  using Framing = tb::Framing;
  std::mt19937 random;
  Framing framing;

  /// What the message buffer holds for a Wake Up: client at 0, header at 24, nonce at 28.
  Bytes wakeup(const net::Address& client, std::uint32_t nonce, bool doi) const {
    Bytes octets(32);
    for (std::size_t i = 0; i < 16; ++i) octets[i] = client.octets[i];
    octets[24] = 1;
    octets[25] = doi ? 2 : 1;
    octets[26] = framing.wake_version;
    for (std::size_t i = 0; i < 4; ++i) octets[28 + i] = static_cast<std::uint8_t>(nonce >> (24 - 8 * i));
    return octets;
  }

  /// Lets it write `expected`; of a Wake Up `message` is what the message buffer holds.
  void run(bool is_message, const Bytes& message, const net::Address& client, unsigned hop, const Bytes& expected) {
    const auto frame = static_cast<int>(expected.size());
    Bytes buffer = message;
    buffer.resize(2048);  // the last 16 octets: the server's address
    std::ranges::copy((client.is_ipv4() ? framing.ipv4 : framing.ipv6)[1].octets, buffer.end() - 16);
    const auto word = [&](std::size_t at) {
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(buffer[8 * at + i]) << 8 * i;
      return word;
    };
    std::uint64_t word1 = random(), word2 = random();
    for (int cycle = -1; cycle < 2 * frame + 36; ++cycle) {  // s is 0
      dut->start_i = cycle == -1;
      if (cycle >= -1) dut->message_last_i = static_cast<std::uint16_t>(message.size() - 1) & 0x7FF;
      if (cycle >= 0) {
        dut->message_i = is_message;
        dut->hop_i = static_cast<std::uint8_t>(hop);
      }
      if (cycle >= 8) dut->ipv4_i = client.is_ipv4();
      dut->message_word_i = word2;
      settle();
      tb::Fields out(dut->octet_o, 10);
      const int octet = cycle - (frame + 21);
      const bool valid = octet >= 0 && octet < frame;
      REQUIRE(static_cast<bool>(out.next(1)) == valid);
      if (valid) {
        REQUIRE(static_cast<bool>(out.next(1)) == (octet == frame - 1));
        REQUIRE(static_cast<unsigned>(out.next(8)) == expected[static_cast<std::size_t>(octet)]);
      }
      word2 = word1;
      word1 = word(dut->message_address_o);
      tick();
    }
  }
};

}  // namespace

TEST_CASE("E7: the octets of Wake Ups and host messages, each in its cycle") {
  for (unsigned seed = 1; seed < 60; ++seed) {
    SequencerBench bench(seed);
    const net::Address client = tb::random_client(bench.random, seed % 2);
    const auto nonce = static_cast<std::uint32_t>(bench.random());
    const auto hop = static_cast<unsigned>(bench.random() % 8);
    const bool doi = seed % 4 < 2;
    bench.run(false, bench.wakeup(client, nonce, doi), client, hop, bench.framing.wakeup(client, nonce, hop, doi, 1));
    const Bytes message = tb::random_message(bench.random, seed % 2, 33 + bench.random() % 300);
    const net::Address to = net::Address::from_octets(ByteView(message).first(16));
    bench.run(true, message, to, message[19] & 7U, bench.framing.host_message(message, 1));
  }
}
