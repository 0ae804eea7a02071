// SPDX-License-Identifier: Apache-2.0
// Both forms of reveille_dual_read_ram against the sentence of its header, written down as Memory below.
#include <verilated.h>

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "Vdual_read_ram_ecp5.h"
#include "Vdual_read_ram_plain.h"
#include "catch.hpp"

namespace {

struct Shape {
  unsigned width, depth, address_space;
};
constexpr std::array<Shape, 6> kShapes = {
    {{18, 1024, 1024}, {40, 300, 512}, {9, 2048, 2048}, {5, 4096, 4096}, {3, 8192, 8192}, {2, 16384, 16384}}};

/// One shape: what both reads must give two cycles later, or nothing where that is undefined.
class Memory {
 public:
  using Word = std::optional<std::uint64_t>;
  explicit Memory(const Shape& shape) : shape_(shape), words_(shape.depth) {}

  std::array<Word, 2> cycle(bool write, unsigned a, std::uint64_t data, unsigned b) {
    a %= shape_.address_space;
    b %= shape_.address_space;
    const bool writes = write && a < shape_.depth;
    const auto out = pending_;
    pending_ = {writes ? Word{} : at(a), writes && a == b ? Word{} : at(b)};
    if (writes) words_[a] = data & ((std::uint64_t{1} << shape_.width) - 1);
    return out;
  }

 private:
  Word at(unsigned address) const { return address < shape_.depth ? Word{words_[address]} : Word{}; }

  Shape shape_;
  std::vector<std::uint64_t> words_;
  std::array<Word, 2> pending_;
};

}  // namespace

TEMPLATE_TEST_CASE("both reads answer two cycles later with what lay at their addresses", "", Vdual_read_ram_plain,
                   Vdual_read_ram_ecp5) {
  const unsigned seed = GENERATE(1U, 2U);
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(static_cast<int>(seed));
  TestType rtl(&context);
  std::mt19937_64 random(seed);
  std::vector<Memory> memories(kShapes.begin(), kShapes.end());
  constexpr unsigned kCycles = 100'000;
  unsigned compared = 0;
  for (unsigned cycle = 0; cycle < kCycles; ++cycle) {
    // Few addresses in one phase, so that words are written again and collisions happen; all of them in the other.
    const unsigned mask = cycle < kCycles / 2 ? 0x1f : 0x3fff;
    rtl.clk_i = 0;
    rtl.a_write_i = random() % 3 == 0;
    rtl.a_addr_i = random() & mask;
    rtl.a_wdata_i = random() & 0xff'ffff'ffff;
    rtl.b_addr_i = random() & mask;
    rtl.eval();
    rtl.clk_i = 1;
    rtl.eval();
    for (unsigned i = 0; i < kShapes.size(); ++i) {
      const auto expected = memories[i].cycle(rtl.a_write_i, rtl.a_addr_i, rtl.a_wdata_i, rtl.b_addr_i);
      CAPTURE(seed, cycle, i);
      if (expected[0]) REQUIRE(rtl.a_rdata_o[i] == *expected[0]);
      if (expected[1]) REQUIRE(rtl.b_rdata_o[i] == *expected[1]);
      compared += expected[0].has_value() + expected[1].has_value();
    }
  }
  CHECK(compared > 8 * kCycles);
}

TEST_CASE("what is undefined is answered by a word that is neither old nor new") {
  VerilatedContext context;
  Vdual_read_ram_plain rtl(&context);
  const auto cycle = [&rtl](bool write, std::uint32_t data) {
    rtl.clk_i = 0;
    rtl.a_write_i = write;
    rtl.a_addr_i = rtl.b_addr_i = 7;
    rtl.a_wdata_i = data;
    rtl.eval();
    rtl.clk_i = 1;
    rtl.eval();
  };
  cycle(true, 0x111);
  cycle(true, 0x222);  // meets
  cycle(false, 0);
  for (const std::uint64_t seen : {rtl.a_rdata_o[0], rtl.b_rdata_o[0]}) {
    CHECK(seen != 0x111);
    CHECK(seen != 0x222);
  }
  cycle(false, 0);
  CHECK(rtl.a_rdata_o[0] == 0x222);
  CHECK(rtl.b_rdata_o[0] == 0x222);
}
