// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_keymgmt_parser.h>

#include "ingress/reference.hpp"
#include "ingress/stage_bench.hpp"

namespace {

using reveille::Bytes;
using reveille::test::Datagram;

struct Facts {
  bool unsupported = false, ap_request = false, sa_recovered = false, whole = false;
};

struct KeymgmtBench {
  reveille::test::Bench<Vreveille_keymgmt_parser> rtl;
  std::mt19937_64 random{1};

  KeymgmtBench() { configure(true, true, {0x10}); }
  void configure(bool ipsec, bool snmp, const Bytes& versions) {
    reveille::test::GuardConfig config;
    config.doi_ipsec = ipsec;
    config.doi_snmp = snmp;
    config.versions = versions;
    reveille::test::drive_config(rtl->config_i, config, random);
  }

  std::uint64_t value = 0;  // of the message played last

  /// A message behind `start` octets of headers; of the UDP payload `inside` octets count.
  Facts play(const Bytes& message, std::size_t start, std::size_t inside) {
    Datagram datagram{reveille::test::random_octets(start, random), false, false, random() % 2 == 0};
    reveille::append(datagram.octets, message);
    rtl->payload_at_4_i = start % 8 == 4;
    rtl->udp_length_i = static_cast<std::uint16_t>(inside + 8);
    reveille::test::play(rtl, datagram, random, 20, [&](const reveille::test::DatagramBeat& beat) {
      rtl->payload_start_i = beat.valid && beat.index == start / 8;
    });
    rtl->payload_start_i = 0;
    reveille::test::settle(rtl, 3);
    Facts facts;
    reveille::tb::Fields(rtl->facts_o, 3)
        .take(facts.unsupported, 1)
        .take(facts.ap_request, 1)
        .take(facts.sa_recovered, 1);
    rtl.step();
    facts.whole = rtl->whole_o;
    value = rtl->value_o;
    rtl.step();
    REQUIRE(value == rtl->value_o);  // T+10 and T+11
    return facts;
  }
};

Bytes ap_request(const Bytes& length, std::size_t content, std::uint32_t nonce, std::mt19937_64& random) {
  Bytes message = {2, 1, 0x10, 0x6e};
  reveille::append(message, length);
  reveille::append(message, reveille::test::random_octets(content, random));
  reveille::append_big_endian(message, nonce, 4);
  return message;
}

TEST_CASE("I2, L17: the returned nonce behind any length; whole only if its last octet counts") {
  KeymgmtBench bench;
  for (const std::size_t start : {28U, 32U}) {
    for (std::size_t content = 0; content < 700; ++content) {
      const auto low = static_cast<std::uint8_t>(content), high = static_cast<std::uint8_t>(content >> 8);
      const Bytes length = content < 0x80 ? Bytes{low} : content < 0x100 ? Bytes{0x81, low} : Bytes{0x82, high, low};
      const auto nonce = static_cast<std::uint32_t>(bench.random());
      const Bytes message = ap_request(length, content, nonce, bench.random);
      const std::size_t spare = bench.random() % 3 == 0 ? bench.random() % 12 : 0;
      for (const std::size_t inside : {message.size() + spare, message.size() - 1, message.size() - 4}) {
        const Facts facts = bench.play(message, start, inside);
        INFO("content " << content << " at " << start << ", inside " << inside << " of " << message.size());
        REQUIRE(facts.ap_request);
        REQUIRE_FALSE(facts.sa_recovered);
        REQUIRE_FALSE(facts.unsupported);
        REQUIRE(facts.whole == (inside >= message.size()));
        REQUIRE(bench.value == nonce);
      }
    }
  }
}

TEST_CASE("L18: DER tags and lengths that are not strict") {
  KeymgmtBench bench;
  struct {
    Bytes length;
    std::size_t content;
    bool strict;
  } const cases[] = {
      {{0x00}, 0, true},         {{0x7f}, 127, true},           {{0x80}, 0, false},
      {{0x81, 0x80}, 128, true}, {{0x81, 0xff}, 255, true},     {{0x81, 0x7f}, 127, false},
      {{0x81, 0x00}, 0, false},  {{0x82, 1, 0}, 256, true},     {{0x82, 0, 0xff}, 255, false},
      {{0x82, 0, 0}, 0, false},  {{0x83, 0, 1, 0}, 256, false}, {{0x84}, 4, false},
      {{0xff}, 127, false},      {{0x82, 2, 0}, 512, true},
  };
  for (const auto& c : cases) {
    for (const std::size_t start : {28U, 32U}) {
      const Bytes message = ap_request(c.length, c.content, 1, bench.random);
      INFO("length octet " << int{c.length[0]} << ", content " << c.content << " at " << start);
      CHECK(bench.play(message, start, message.size()).whole == c.strict);
      for (unsigned bit = 0; bit < 8; ++bit) {
        Bytes other_tag = message;
        other_tag[3] ^= static_cast<std::uint8_t>(1U << bit);
        CHECK_FALSE(bench.play(other_tag, start, message.size()).whole);
      }
    }
  }
}

TEST_CASE("I2: the tag of an SA Recovered at both places") {
  KeymgmtBench bench;
  for (int i = 0; i < 2000; ++i) {
    Bytes message = reveille::test::random_octets(23 + bench.random() % 9, bench.random);
    message[0] = 4;
    message[1] = static_cast<std::uint8_t>(1 + i % 2);
    message[2] = 0x10;
    std::uint64_t tag = 0;
    for (std::size_t k = 3; k < 11; ++k) tag = tag << 8 | message[k];
    const Facts facts = bench.play(message, i % 4 < 2 ? 28 : 32, message.size());
    REQUIRE(facts.sa_recovered);
    REQUIRE_FALSE(facts.ap_request);
    REQUIRE(bench.value == tag);
  }
}

TEST_CASE("L13: every KMMID, DOI and version") {
  KeymgmtBench bench;
  const Bytes versions = GENERATE(Bytes{0x10}, Bytes{0x00, 0x20}, Bytes{0x10, 0x11, 0x12, 0xff});
  const bool ipsec = GENERATE(true, false), snmp = GENERATE(true, false);
  bench.configure(ipsec, snmp, versions);
  for (unsigned octet = 0; octet < 256; ++octet) {
    const auto value = static_cast<std::uint8_t>(octet);
    for (unsigned field = 0; field < 3; ++field) {
      Bytes message = {2, static_cast<std::uint8_t>(ipsec ? 1 : 2), versions.back(), 0x6e, 0};
      message.resize(40);
      message[field] = value;
      const Facts facts = bench.play(message, octet % 2 == 0 ? 28 : 32, message.size());
      const bool version = std::find(versions.begin(), versions.end(), message[2]) != versions.end();
      const bool doi = (message[1] == 1 && ipsec) || (message[1] == 2 && snmp);
      REQUIRE(facts.unsupported == !(message[0] >= 1 && message[0] <= 6 && doi && version));
      REQUIRE(facts.ap_request == (message[0] == 2));
      REQUIRE(facts.sa_recovered == (message[0] == 4));
    }
  }
}

}  // namespace
