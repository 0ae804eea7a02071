// SPDX-License-Identifier: Apache-2.0
#include "reveille/net/checksum.hpp"

#include <Vreveille_checksum.h>

#include "ingress/stage_bench.hpp"

namespace {

using reveille::Bytes;
using reveille::ByteView;
using reveille::net::ones_complement_sum;
using reveille::test::Datagram;

/// Plays `datagram` with random octets made right or nearly right, and compares both checks in T+11 with RFC 1071 done
/// by octets. What is covered is the test's choice: a header of `words`, then UDP with `inside` octets.
void check(reveille::test::Bench<Vreveille_checksum>& rtl, std::mt19937_64& random, bool spoil_header, bool spoil_udp) {
  const std::size_t words = 5 + random() % 11, header = 4 * words;
  const std::size_t inside = 8 + random() % 60, trailer = random() % 3 == 0 ? random() % 20 : 0;
  Datagram datagram{reveille::test::random_octets(header + inside + trailer, random), false, false, random() % 2 == 0};
  if (random() % 4 == 0) std::fill(datagram.octets.begin(), datagram.octets.end(), random() % 2 == 0 ? 0xff : 0x00);
  datagram.octets[0] = 0x45;  // a sum of nothing but zeros would be no checksum
  Bytes& octets = datagram.octets;
  const auto put = [&](std::size_t at, unsigned value) {
    octets[at] = static_cast<std::uint8_t>(value >> 8);
    octets[at + 1] = static_cast<std::uint8_t>(value);
  };
  const auto header_sum = [&] { return ones_complement_sum(ByteView(octets).first(header)); };
  const auto udp_sum = [&] {
    return ones_complement_sum(
        ByteView(octets).subspan(header, inside),
        reveille::net::udp_pseudo_header_sum(ByteView(octets).subspan(12, 4), ByteView(octets).subspan(16, 4), inside));
  };
  put(10, 0);
  put(10, 0xffffU - header_sum());
  put(header + 6, 0);
  put(header + 6, 0xffffU - udp_sum());
  if (spoil_header) octets[random() % 12] ^= static_cast<std::uint8_t>(1U << random() % 8);
  if (spoil_udp) octets[header + random() % inside] ^= static_cast<std::uint8_t>(1U << random() % 8);

  rtl->udp_length_i = static_cast<std::uint16_t>(inside);
  const auto watch = [&](const reveille::test::DatagramBeat& beat) {
    unsigned coverage = 0, mask = 0;
    for (unsigned half = 0; half < 2 && beat.valid; ++half) {  // bit order of coverage_t: high before low
      const std::size_t at = 4 * (2 * std::size_t{beat.index} + half);
      coverage |= (at < header) << (3 - half);
      coverage |= (at == 12 || at == 16 || at >= header) << (1 - half);
    }
    for (unsigned i = 0; i < 8; ++i) mask |= (8 * beat.index + i < header + inside) << i;
    rtl->coverage_i = static_cast<std::uint8_t>(coverage);
    rtl->inside_i = static_cast<std::uint8_t>(mask);
    rtl->eval();
  };
  reveille::test::play(rtl, datagram, random, 20, watch);
  rtl->coverage_i = 0;
  reveille::test::settle(rtl, 5);
  INFO("header of " << header << " octets, UDP of " << inside << ", trailer of " << trailer);
  REQUIRE(static_cast<bool>(rtl->udp_good_o) == (udp_sum() == 0xffff));
  REQUIRE(static_cast<bool>(rtl->header_good_o) == (header_sum() == 0xffff));
}

TEST_CASE("L11: both checksums in T+11, right and with one bit wrong") {
  reveille::test::Bench<Vreveille_checksum> rtl;
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) check(rtl, random, i % 4 == 1, i % 4 == 2);
}

}  // namespace
