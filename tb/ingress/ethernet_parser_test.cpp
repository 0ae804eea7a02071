// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_ethernet_parser.h>

#include <algorithm>
#include <deque>
#include <random>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "nonce/support.hpp"

namespace {

using reveille::Bytes;

/// Where the datagram begins, or 0: two tags at most, and the types of the two versions. L20: what is not read.
std::size_t datagram_offset(const Bytes& frame, bool& ipv6, bool& unread) {
  const auto type_at = [&](std::size_t at) { return static_cast<unsigned>(frame[at] << 8 | frame[at + 1]); };
  unread = false;
  for (std::size_t tags = 0, at = 12; at + 2 <= frame.size(); ++tags, at += 4) {
    const unsigned type = type_at(at);
    if (type == 0x8100 || type == 0x88a8) {
      unread = tags == 2;
      if (unread) return 0;
      continue;
    }
    ipv6 = type == 0x86dd;
    if (ipv6 || type == 0x0800) return at + 2;
    if (type >= 0x600 || at + 10 > frame.size()) return 0;
    const unsigned inner = type_at(at + 8);
    unread = type_at(at + 2) == 0xaaaa && type_at(at + 4) == 0x0300 && type_at(at + 6) == 0 &&
             (inner == 0x0800 || inner == 0x86dd);
    return 0;
  }
  return 0;
}

Bytes random_frame(std::mt19937_64& random) {
  Bytes frame(1 + random() % (random() % 3 == 0 ? 200 : 40));
  for (auto& octet : frame) octet = static_cast<std::uint8_t>(random());
  static const unsigned types[] = {0x0800, 0x86dd, 0x8100, 0x88a8, 0x05ff, 0x0801, 0x8800, 0x0600};
  for (std::size_t at = 12; at + 2 <= std::min<std::size_t>(frame.size(), 26); at += 4) {
    const unsigned type = types[random() % (random() % 2 == 0 ? 8 : 5)];
    frame[at] = static_cast<std::uint8_t>(type >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(type);
    if (type != 0x05ff) continue;
    const std::uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x00};  // or nearly
    for (std::size_t i = 0; i < 8 && at + 2 + i < frame.size(); ++i) frame[at + 2 + i] = snap[i];
    if (random() % 3 == 0 && at + 3 < frame.size()) {
      frame[at + 2 + random() % std::min<std::size_t>(8, frame.size() - at - 2)] ^=
          static_cast<std::uint8_t>(1U << random() % 8);
    }
    break;
  }
  // A destination that goes on with the SNAP header of a frame that ended, or was cut off, within it.
  static const Bytes rests[] = {{3, 0, 0, 0, 0x08, 0x00}, {0x08, 0x00}};
  const Bytes& rest = rests[random() % 2];
  if (random() % 2 == 0 && frame.size() >= rest.size()) std::copy(rest.begin(), rest.end(), frame.begin());
  if (random() % 4 == 0) frame.resize(std::min<std::size_t>(frame.size(), random() % 2 == 0 ? 16 : 24));
  return frame;
}

struct End {
  std::uint64_t cycle;  // T
  Bytes datagram;
  bool ipv6, vlan;
  std::size_t beats;
  bool unread;
};

TEST_CASE("The datagram behind any tags, octet for octet, its end in T+3, and what is not read") {
  const unsigned gap = GENERATE(0U, 40U);
  reveille::test::Bench<Vreveille_ethernet_parser> rtl;
  std::mt19937_64 random(gap);
  std::deque<End> ends;
  Bytes seen;
  unsigned with_datagram = 0, with_unread = 0;

  const auto cycle = [&](bool valid, bool last, unsigned keep, std::uint64_t data) {
    reveille::tb::drive(rtl->beat_i, {{valid, 1}, {last, 1}, {keep, 8}, {data, 64}});
    rtl->eval();
    bool is_valid = false, first = false, is_last = false, ipv6 = false, vlan = false;
    unsigned octets = 0;
    std::uint64_t beat = 0;
    reveille::tb::Fields(rtl->datagram_o, 73)
        .take(is_valid, 1)
        .take(first, 1)
        .take(is_last, 1)
        .take(ipv6, 1)
        .take(vlan, 1)
        .take(octets, 4)
        .take(beat, 64);
    if (is_valid) {
      REQUIRE(first == seen.empty());
      REQUIRE((octets == 8 || is_last || (octets > 2 && octets < 8)));
      for (unsigned i = 0; i < octets; ++i) seen.push_back(static_cast<std::uint8_t>(beat >> (56 - 8 * i)));
    }
    const bool due = !ends.empty() && ends.front().cycle + 3 == rtl.cycle;
    REQUIRE(is_last == due);
    const bool end = rtl->frame_end_valid_o;
    bool datagram = false, unread = false, shows_source = false, looked_up = false, oversize = false;
    reveille::tb::Fields(rtl->frame_end_o, 5)
        .take(datagram, 1)
        .take(unread, 1)
        .take(shows_source, 1)
        .take(looked_up, 1)
        .take(oversize, 1);
    REQUIRE(end == due);
    if (due) {
      const End& frame = ends.front();
      // Beats are only formed of two: a datagram that begins in the frame's last beat is none.
      REQUIRE(datagram == !frame.datagram.empty());
      REQUIRE(seen == frame.datagram);
      if (datagram) {
        REQUIRE(ipv6 == frame.ipv6);
        REQUIRE(vlan == frame.vlan);
        ++with_datagram;
      }
      REQUIRE(unread == frame.unread);
      REQUIRE(shows_source == (frame.beats >= 5));
      REQUIRE(looked_up == (frame.beats >= 7));
      REQUIRE(oversize == (frame.beats > 1152));
      with_unread += unread;
      seen.clear();
      ends.pop_front();
    }
    rtl.step();
  };
  reveille::tb::drive(rtl->beat_i, {{0, 64}, {0, 10}});
  rtl.reset();

  for (int i = 0; i < 20000; ++i) {
    Bytes frame = random_frame(random);
    if (i % 2000 == 0) frame.resize(i % 4000 == 0 ? 9216 : 9217);
    if (i == 10000) frame.resize(40000);
    const std::size_t beats = (frame.size() + 7) / 8;
    for (std::size_t beat = 0; beat < beats; ++beat) {
      while (random() % 100 < gap) cycle(false, random() & 1, 0, random());
      const std::size_t count = std::min<std::size_t>(8, frame.size() - 8 * beat);
      std::uint64_t data = random();
      for (std::size_t k = 0; k < count; ++k)
        data = (data & ~(0xffULL << 8 * k)) | std::uint64_t{frame[8 * beat + k]} << 8 * k;
      const bool last = beat + 1 == beats;
      if (last) {
        bool ipv6 = false, unread = false;
        const std::size_t offset = datagram_offset(frame, ipv6, unread);
        const bool formed = offset != 0 && frame.size() > (offset + 7) / 8 * 8;
        ends.push_back({rtl.cycle,
                        formed ? Bytes(frame.begin() + static_cast<std::ptrdiff_t>(offset), frame.end()) : Bytes{},
                        ipv6, offset > 14, beats, unread});
      }
      cycle(true, last, (1U << count) - 1, data);
      if (random() % 1000 != 0) continue;
      rtl.reset();
      ends.clear();
      seen.clear();
      break;
    }
  }
  CHECK(with_datagram > 2000);
  CHECK(with_unread > 500);
}

}  // namespace
