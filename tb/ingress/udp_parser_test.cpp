// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_udp_parser.h>

#include "ingress/stage_bench.hpp"

namespace {

using reveille::Bytes;
using reveille::test::Datagram;

constexpr std::uint16_t kPort = 0x050d;

struct Case {
  std::size_t start = 20;  // of the UDP header in the datagram
  std::size_t held = 60;   // octets of the datagram
  std::uint16_t length = 20;
  std::uint16_t port = kPort;
  std::uint16_t checksum = 1;
  int payload_length = 40;  // of IP, which may be anything
};

void check(reveille::test::Bench<Vreveille_udp_parser>& rtl, std::mt19937_64& random, const Case& c) {
  Datagram datagram{reveille::test::random_octets(std::max<std::size_t>(c.held, c.start + 8), random), false, false,
                    random() % 2 == 0};
  const auto put = [&](std::size_t at, unsigned value) {
    datagram.octets[at] = static_cast<std::uint8_t>(value >> 8);
    datagram.octets[at + 1] = static_cast<std::uint8_t>(value);
  };
  put(c.start + 2, c.port);
  put(c.start + 4, c.length);
  put(c.start + 6, c.checksum);
  datagram.octets.resize(c.held);
  const bool at_4 = c.start % 8 == 4, has_header = c.held >= c.start + 8;
  const std::size_t end = c.start + c.length;

  rtl->port_i = kPort;
  rtl->udp_at_4_i = at_4;
  rtl->payload_length_i = static_cast<std::uint32_t>(c.payload_length) & 0x1ffff;
  // What is said of a beat is seen two cycles behind it, beside datagram_o.
  const auto check_beat = [&](const reveille::test::DatagramBeat& beat) {
    INFO("beat " << beat.index << ", header at " << c.start << ", UDP length " << c.length << ", held " << c.held);
    const unsigned coverage = rtl->coverage_o;
    if (beat.valid) {
      REQUIRE((coverage >> 1 & 1) == static_cast<unsigned>(8 * beat.index >= c.start));
      REQUIRE((coverage & 1) == static_cast<unsigned>(8 * beat.index + 4 >= c.start));
    }
    const bool starts = beat.valid && beat.index == (c.start + 8) / 8;
    REQUIRE(static_cast<bool>(rtl->payload_start_o) == starts);
    if (starts) REQUIRE(static_cast<bool>(rtl->payload_at_4_o) == at_4);
    if (!has_header || c.length < 8) return;  // then nobody uses the rest
    if (beat.last) REQUIRE(rtl->length_o == c.length);
    for (std::size_t i = 0; i < 8 && beat.valid; ++i) {
      REQUIRE((rtl->inside_o >> i & 1) == (8 * beat.index + i < end));
    }
  };
  reveille::test::DatagramBeat before, two_before;
  rtl->coverage_i = 0;
  reveille::test::play(rtl, datagram, random, 20, [&](const reveille::test::DatagramBeat& beat) {
    check_beat(two_before);
    two_before = before;
    before = beat;
    rtl->follows_i = beat.valid && !beat.first;
    rtl->udp_start_i = beat.valid && beat.index == c.start / 8;
    rtl->eval();
  });
  rtl->udp_start_i = rtl->follows_i = 0;
  check_beat(two_before);
  reveille::test::settle(rtl, 2);
  check_beat(before);
  reveille::test::settle(rtl, 3);

  bool ports = false, header = false, match = false, too_short = false, too_long = false, no_message = false,
       recovered = false, none = false;
  reveille::tb::Fields(rtl->facts_o, 8)
      .take(ports, 1)
      .take(header, 1)
      .take(match, 1)
      .take(too_short, 1)
      .take(too_long, 1)
      .take(no_message, 1)
      .take(recovered, 1)
      .take(none, 1);
  REQUIRE(ports == (c.held >= c.start + 4));
  REQUIRE(header == has_header);
  if (ports) REQUIRE(match == (c.port == kPort));
  if (!header) return;
  REQUIRE(too_short == (c.length < 8));
  REQUIRE(too_long == (c.length > c.payload_length));
  REQUIRE(no_message == (c.length < 8 + 3));
  REQUIRE(recovered == (c.length == 8 + 23));
  REQUIRE(none == (c.checksum == 0));
}

TEST_CASE("L1, L10, L17: the UDP header at both places, cut anywhere, with any length") {
  reveille::test::Bench<Vreveille_udp_parser> rtl;
  rtl->udp_start_i = rtl->follows_i = 0;
  rtl.reset();
  std::mt19937_64 random(1);
  for (const std::size_t start : {20U, 24U, 40U, 60U}) {
    for (std::size_t held = start + 1; held < start + 50; ++held) {
      for (std::uint16_t length = 0; length < 50; ++length) {
        check(rtl, random, {start, held, length, kPort, 1, static_cast<int>(random() % 60) - 5});
      }
    }
  }
}

TEST_CASE("L10: UDP length against the IP payload, also where that is below 0") {
  reveille::test::Bench<Vreveille_udp_parser> rtl;
  rtl->udp_start_i = rtl->follows_i = 0;
  rtl.reset();
  std::mt19937_64 random(2);
  for (const int payload : {-65535, -1, 0, 7, 8, 30, 31, 32, 255, 256, 32768, 65535}) {
    for (const int step : {-1, 0, 1}) {
      const int length = std::clamp(payload + step, 0, 65535);
      check(rtl, random, {20, 60, static_cast<std::uint16_t>(length), kPort, 0, payload});
    }
  }
}

TEST_CASE("The port, bit for bit, and a checksum of 0") {
  reveille::test::Bench<Vreveille_udp_parser> rtl;
  rtl->udp_start_i = rtl->follows_i = 0;
  rtl.reset();
  std::mt19937_64 random(3);
  for (const std::size_t start : {20U, 24U}) {
    for (unsigned bit = 0; bit < 17; ++bit) {
      const auto flip = static_cast<std::uint16_t>(1U << bit);
      check(rtl, random, {start, 70, 31, static_cast<std::uint16_t>(kPort ^ flip), flip, 40});
    }
  }
}

}  // namespace
