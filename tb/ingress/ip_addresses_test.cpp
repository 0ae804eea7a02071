// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_ip_addresses.h>

#include "ingress/reference.hpp"
#include "ingress/stage_bench.hpp"
#include "reveille/net/frame.hpp"

namespace {

using reveille::Bytes;
using reveille::ByteView;
using reveille::net::Address;
using reveille::test::Datagram;
using reveille::test::GuardConfig;
using reveille::test::number;

struct Facts {
  bool counts = false, bad = false;
};

struct AddressBench {
  reveille::test::Bench<Vreveille_ip_addresses> rtl;
  std::mt19937_64 random{1};

  explicit AddressBench(const GuardConfig& config) { configure(config); }
  void configure(const GuardConfig& config) { reveille::test::drive_config(rtl->config_i, config, random); }

  /// Plays a datagram as the walk sees it; ipv6_i belongs to the datagram from the cycle behind its first beat on.
  Facts play(const Bytes& octets, bool ipv6) {
    const Datagram datagram{octets, ipv6, false, random() % 2 == 0};
    bool before_first = false;
    reveille::test::play(rtl, datagram, random, 25, [&](const reveille::test::DatagramBeat& beat) {
      rtl->source_ipv4_i = beat.valid && !ipv6 && beat.index == 1;
      rtl->source_upper_i = beat.valid && ipv6 && beat.index == 1;
      rtl->source_lower_i = beat.valid && ipv6 && beat.index == 2;
      if (before_first) rtl->ipv6_i = ipv6;
      before_first = beat.first;
      rtl->eval();
    });
    reveille::test::settle(rtl, 3);
    const std::size_t at = ipv6 ? 8 : 12, size = ipv6 ? 16 : 4;
    if (octets.size() >= at + size) {
      const Address source = Address::from_octets(ByteView(octets).subspan(at, size));
      REQUIRE(reveille::tb::Fields(rtl->source_o, 128).next(128) == number(source.octets));
    }
    const unsigned facts = rtl->facts_o;
    return {(facts >> 1 & 1) != 0, (facts & 1) != 0};
  }
};

Bytes datagram(const Address& source, const Address& destination) {
  Bytes octets(destination.is_ipv4() ? 40 : 60, 0x55);
  const std::size_t at = destination.is_ipv4() ? 12 : 8;
  const ByteView from = destination.is_ipv4() ? source.header_octets() : ByteView(source.octets);
  std::copy(from.begin(), from.end(), octets.begin() + static_cast<std::ptrdiff_t>(at));
  const ByteView to = destination.header_octets();
  std::copy(to.begin(), to.end(), octets.begin() + static_cast<std::ptrdiff_t>(at + to.size()));
  return octets;
}

const Address kServers4[] = {Address::parse("192.0.2.1"), Address::parse("198.51.100.200")};
const Address kServers6[] = {Address::parse("2001:db8::1"), Address::parse("2001:db8:0:3::1")};
const Address kClient4 = Address::parse("198.51.100.7"), kClient6 = Address::parse("2001:db8::7");

GuardConfig server(bool listed) {
  GuardConfig config;
  config.ipv4 = {kServers4[0], kServers4[1]};
  config.ipv6 = {kServers6[0], kServers6[1]};
  config.listed = listed;
  return config;
}

TEST_CASE("L8: listed destinations bit for bit, each with its enable; any other with `any`") {
  AddressBench bench(server(true));
  for (const bool ipv6 : {false, true}) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Address& own = ipv6 ? kServers6[i] : kServers4[i];
      const Bytes right = datagram(ipv6 ? kClient6 : kClient4, own);
      bench.configure(server(true));
      CHECK(bench.play(right, ipv6).counts);
      for (std::size_t at = ipv6 ? 24 : 16; at < (ipv6 ? 40U : 20U); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          Bytes other = right;
          other[at] ^= static_cast<std::uint8_t>(1U << bit);
          bench.configure(server(true));
          CHECK_FALSE(bench.play(other, ipv6).counts);
          bench.configure(server(false));
          CHECK(bench.play(other, ipv6).counts);
        }
      }
      GuardConfig config = server(true);
      (ipv6 ? config.ipv6 : config.ipv4)[i] = std::nullopt;
      bench.configure(config);
      CHECK_FALSE(bench.play(right, ipv6).counts);
      config.listed = false;
      bench.configure(config);
      CHECK(bench.play(right, ipv6).counts);
      // Cut: no destination, with `any` either (L1).
      for (std::size_t size = 9; size < right.size(); ++size) {
        CHECK(bench.play(Bytes(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(size)), ipv6).counts ==
              (size >= (ipv6 ? 40 : 20)));
      }
    }
  }
}

TEST_CASE("L9: sources, with `any` and `listed` alike") {
  AddressBench bench(server(GENERATE(true, false)));
  const auto is_bad = [&](const char* text) {
    const Address source = Address::parse(text);
    const bool ipv6 = std::string(text).find(':') != std::string::npos;
    return bench.play(datagram(source, ipv6 ? kServers6[0] : kServers4[0]), ipv6).bad;
  };
  for (const char* const bad : {"0.0.0.0", "127.0.0.0", "127.255.255.255", "224.0.0.0", "239.255.255.255",
                                "255.255.255.255", "192.0.2.1", "198.51.100.200", "::", "::1", "ff00::", "ffff::1",
                                "2001:db8::1", "2001:db8:0:3::1", "::ffff:0:0", "::ffff:198.51.100.7"}) {
    INFO(bad);
    CHECK(is_bad(bad));
  }
  for (const char* const fine : {"0.0.0.1",
                                 "1.0.0.0",
                                 "126.255.255.255",
                                 "128.0.0.0",
                                 "223.255.255.255",
                                 "240.0.0.0",
                                 "255.255.255.254",
                                 "192.0.2.0",
                                 "192.0.2.200",
                                 "198.51.100.1",
                                 "::2",
                                 "1::",
                                 "1::1",
                                 "0:0:0:1::1",
                                 "::1:0:0",
                                 "::fffe:1:1",
                                 "0:0:0:1:0:ffff:1:1",
                                 "fe00::1",
                                 "2001:db8::3",
                                 "2001:db8:1::1",
                                 "2001:db8:0:3::",
                                 "2001:db8:0:2::1"}) {
    INFO(fine);
    CHECK_FALSE(is_bad(fine));
  }
}

TEST_CASE("L9: the enabled addresses of the frame's own family") {
  AddressBench bench(server(false));
  for (unsigned enabled = 0; enabled < 4; ++enabled) {
    GuardConfig config = server(false);
    for (std::size_t i = 0; i < 2; ++i) {
      if ((enabled >> i & 1) == 0) config.ipv4[i] = config.ipv6[i] = std::nullopt;
    }
    bench.configure(config);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(bench.play(datagram(kServers4[i], kServers4[0]), false).bad == ((enabled >> i & 1) != 0));
      CHECK(bench.play(datagram(kServers6[i], kServers6[0]), true).bad == ((enabled >> i & 1) != 0));
    }
  }
}

}  // namespace
