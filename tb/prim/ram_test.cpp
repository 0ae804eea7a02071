// SPDX-License-Identifier: Apache-2.0
// Both forms of reveille_ram against the sentence of its header, written down as Memory below.
#include <verilated.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "Vram_ecp5.h"
#include "Vram_plain.h"
#include "catch.hpp"

namespace {

constexpr std::size_t kWords = 9;  // 274 bits in words of 32
using Word = std::array<std::uint32_t, kWords>;

struct Shape {
  unsigned width, depth, address_space;
};
constexpr std::array<Shape, 9> kShapes = {{{72, 512, 512},
                                           {64, 300, 512},
                                           {274, 1024, 1024},
                                           {8, 1024, 1024},
                                           {72, 2048, 2048},
                                           {5, 4096, 4096},
                                           {3, 8192, 8192},
                                           {2, 16384, 16384},
                                           {18, 1024, 1024}}};  // in two parts

Word low_bits(Word word, unsigned width) {
  for (unsigned i = 0; i < kWords; ++i) {
    if (32 * i >= width) word[i] = 0;
    if (32 * i < width && width < 32 * (i + 1)) word[i] &= (1U << width % 32) - 1;
  }
  return word;
}

/// One shape: what a read must give two cycles later, or nothing where that is undefined.
class Memory {
 public:
  explicit Memory(const Shape& shape) : shape_(shape), words_(shape.depth) {}

  /// `write`: a bit for each half of the word, 3 where it has no parts.
  std::optional<Word> cycle(unsigned write, unsigned waddr, const Word& data, bool read, bool moves, unsigned raddr) {
    waddr %= shape_.address_space;
    raddr %= shape_.address_space;
    if (waddr >= shape_.depth) write = 0;
    if (read && moves) out_ = pending_;
    if (read)
      pending_ = raddr >= shape_.depth || (write != 0 && waddr == raddr) ? std::nullopt : std::optional(words_[raddr]);
    if (write == 3) words_[waddr] = low_bits(data, shape_.width);
    if (write == 1 || write == 2) {
      const std::uint32_t mask = write == 1 ? 0x1ff : 0x3fe00;
      words_[waddr][0] = (words_[waddr][0] & ~mask) | (data[0] & mask);
    }
    return out_;
  }

 private:
  Shape shape_;
  std::vector<Word> words_;
  std::optional<Word> pending_, out_;
};

template <class Rtl>
void run(unsigned cycles, unsigned seed) {
  VerilatedContext context;
  context.randReset(2);
  context.randSeed(static_cast<int>(seed));
  Rtl rtl(&context);
  std::mt19937 random(seed);
  std::vector<Memory> memories(kShapes.begin(), kShapes.end());
  // Few addresses in one phase, so that words are written again and collisions happen; all of them in the other.
  unsigned compared = 0;
  for (unsigned cycle = 0; cycle < cycles; ++cycle) {
    const unsigned mask = cycle < cycles / 2 ? 0x1f : 0x3fff;
    Word data;
    for (std::uint32_t& word : data) word = random();
    rtl.clk_i = 0;
    rtl.we_i = random() % 2;
    rtl.part_we_i = random() % 4;
    rtl.waddr_i = random() & mask;
    rtl.re_i = random() % 8 != 0;
    rtl.oe_i = random() % 4 != 0;
    rtl.raddr_i = random() & mask;
    for (unsigned i = 0; i < kWords; ++i) rtl.wdata_i[i] = data[i];
    rtl.wdata_i[kWords - 1] &= (1U << 274 % 32) - 1;
    rtl.eval();
    rtl.clk_i = 1;
    rtl.eval();
    for (unsigned i = 0; i < kShapes.size(); ++i) {
      const std::optional<Word> expected =
          memories[i].cycle(i == 8 ? rtl.part_we_i : 3 * rtl.we_i, rtl.waddr_i, data, rtl.re_i, rtl.oe_i, rtl.raddr_i);
      if (!expected) continue;
      ++compared;
      Word got;
      for (unsigned k = 0; k < kWords; ++k) got[k] = rtl.rdata_o[i][k];
      if (got != *expected) {
        CAPTURE(seed, cycle, i, kShapes[i].width, kShapes[i].depth);
        REQUIRE(got == *expected);
      }
    }
  }
  CHECK(compared > 8 * cycles);
}

}  // namespace

TEMPLATE_TEST_CASE("a read answers two cycles later with what lay at the address", "", Vram_plain, Vram_ecp5) {
  run<TestType>(100'000, GENERATE(1U, 2U));
}

TEST_CASE("a read that meets a write is answered by a word that is neither") {
  VerilatedContext context;
  Vram_plain rtl(&context);
  const auto cycle = [&rtl](bool write, std::uint32_t data) {
    rtl.clk_i = 0;
    rtl.we_i = write;
    rtl.re_i = rtl.oe_i = true;
    rtl.waddr_i = rtl.raddr_i = 7;
    rtl.wdata_i[0] = data;
    rtl.eval();
    rtl.clk_i = 1;
    rtl.eval();
  };
  cycle(true, 0x1111);
  cycle(true, 0x2222);  // meets
  cycle(false, 0);
  CHECK(rtl.rdata_o[0][0] != 0x1111);
  CHECK(rtl.rdata_o[0][0] != 0x2222);
  cycle(false, 0);
  CHECK(rtl.rdata_o[0][0] == 0x2222);
}
