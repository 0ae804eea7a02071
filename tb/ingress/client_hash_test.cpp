// SPDX-License-Identifier: Apache-2.0
#include <Vreveille_client_hash.h>

#include <array>
#include <random>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "nonce/support.hpp"

namespace {

using reveille::Bytes;

/// The hash as docs/architecture.md has it.
struct Tables {
  std::array<std::array<std::uint32_t, 256>, 16> table{};
  [[nodiscard]] std::uint32_t hash(const Bytes& address, bool ipv4) const {
    std::uint32_t result = 0;
    for (std::size_t i = ipv4 ? 12 : 0; i < 16; ++i) result ^= table[i][address[i]];
    return result;
  }
};

reveille::tb::u128 value(const Bytes& address) {
  reveille::tb::u128 all = 0;
  for (const auto octet : address) all = all << 8 | octet;
  return all;
}

struct HashBench {
  reveille::test::Bench<Vreveille_client_hash> rtl;
  std::mt19937_64 random;
  Tables tables;

  explicit HashBench(std::uint64_t seed) : random(seed) {
    rtl->hash_start_i = rtl->source_ipv4_i = rtl->source_upper_i = rtl->source_lower_i = 0;
    rtl->ready_i = 0;
    reveille::tb::drive(rtl->hash_write_i, {{0, 31}});
    rtl.reset();
    for (unsigned i = 0; i < 16; ++i) {
      for (unsigned j = 0; j < 256; ++j) {
        tables.table[i][j] = static_cast<std::uint32_t>(random()) & 0x3ffff;
        reveille::tb::drive(rtl->hash_write_i, {{1, 1}, {i, 4}, {j, 8}, {tables.table[i][j], 18}});
        rtl.step();
      }
    }
    reveille::tb::drive(rtl->hash_write_i, {{0, 1}, {random(), 30}});
    rtl->ready_i = 1;
    rtl.step();
  }
  Bytes address(bool ipv4) {
    Bytes octets = reveille::test::random_octets(16, random);
    if (ipv4) {
      std::fill(octets.begin(), octets.begin() + 10, 0);
      octets[10] = octets[11] = 0xff;
    }
    return octets;
  }
  [[nodiscard]] std::uint32_t command_rows() {
    return static_cast<std::uint32_t>(rtl->hash_row0_o) << 9 | rtl->hash_row1_o;
  }
  [[nodiscard]] std::uint32_t frame_rows() {
    return static_cast<std::uint32_t>(rtl->lookup_row0_o) << 9 | rtl->lookup_row1_o;
  }
};

/// A command every few cycles; its rows from the sixth cycle on until the next start.
struct Command {
  explicit Command(HashBench& bench) : bench(bench) {}
  void before_edge() {
    if (age >= 6) REQUIRE(bench.command_rows() == bench.tables.hash(client, ipv4));
    bench.rtl->hash_start_i = soon;
    if (soon) {
      soon = false;
      age = 0;
      client = next;
      ipv4 = next_ipv4;
      bench.rtl->hash_ipv4_i = ipv4;
      ++started;
    } else if ((age < 0 || age >= 6) && bench.random() % 3 == 0) {  // x-1: the address stands still from here on
      soon = true;
      next_ipv4 = bench.random() % 2 == 0;
      next = bench.address(next_ipv4);
      reveille::tb::drive(bench.rtl->hash_client_i, {{value(next), 128}});
    }
  }
  void after_edge() {
    if (age >= 0) ++age;
    bench.rtl->hash_start_i = 0;
  }
  HashBench& bench;
  int age = -1;
  bool ipv4 = false, next_ipv4 = false, soon = false;
  Bytes client, next;
  unsigned started = 0;
};

TEST_CASE("I7: a command's rows, six cycles behind its start and until the next") {
  HashBench bench(1);
  Command command(bench);
  for (int cycle = 0; cycle < 20000; ++cycle) {
    command.before_edge();
    bench.rtl.step();
    command.after_edge();
  }
  CHECK(command.started > 1500);
}

// A source's beat is at the IP stage in T+1 at the latest for IPv4, in T-1 and T for the halves of an IPv6 one.
TEST_CASE("I1: a frame's rows in T+7, whatever commands do meanwhile") {
  HashBench bench(2);
  Command command(bench);
  auto& rtl = bench.rtl;
  const auto step = [&] {
    command.before_edge();
    rtl.step();
    command.after_edge();
    rtl->source_ipv4_i = rtl->source_upper_i = rtl->source_lower_i = 0;
    rtl->source_i = bench.random();
  };
  const auto show = [&](const Bytes& source, std::size_t from) {
    const Bytes half(source.begin() + static_cast<std::ptrdiff_t>(from),
                     source.begin() + static_cast<std::ptrdiff_t>(from) + 8);
    rtl->source_i = static_cast<std::uint64_t>(value(half));
  };
  for (int round = 0; round < 6000; ++round) {
    const bool ipv4 = round % 2 == 0;
    const Bytes source = bench.address(ipv4);
    if (bench.random() % 8 == 0) {  // a frame before, which ended with its source: three cycles lie in between
      rtl->source_upper_i = 1;
      step();
      rtl->source_lower_i = 1;
      step();
      step();
      step();
    }
    if (ipv4) {
      rtl->source_ipv4_i = 1;
      show(source, 8);
      step();  // T+1
    } else {
      if (bench.random() % 8 == 0) {  // a frame before, which ended inside its source
        rtl->source_upper_i = 1;
        step();
        for (auto gap = bench.random() % 4; gap != 0; --gap) step();
      }
      rtl->source_upper_i = 1;
      show(source, 0);
      step();
      for (auto gap = bench.random() % 3 == 0 ? bench.random() % 6 : 0; gap != 0; --gap) step();
      rtl->source_lower_i = 1;
      show(source, 8);
      step();  // T
      step();
    }
    const auto wait = bench.random() % 3 == 0 ? bench.random() % 4 : 0;  // a frame that goes on
    for (unsigned i = 0; i < 5 + wait; ++i) step();
    // T+7
    const std::uint32_t expected = bench.tables.hash(source, ipv4);
    REQUIRE(bench.frame_rows() == expected);
    step();
  }
  CHECK(command.started > 2000);
}

}  // namespace
