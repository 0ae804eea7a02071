// SPDX-License-Identifier: Apache-2.0
// The table of docs/hash.md: how full the store gets before somebody is refused, with rows from the RTL, which must be
// the model's. REVEILLE_STARTS: how many starts of each family, 20 by default.
#include <Vclient_hash_load.h>

#include <cstdlib>

#include "bench.hpp"
#include "catch.hpp"
#include "hash_load.hpp"
#include "reveille/core/client_hash.hpp"

namespace {

using namespace reveille;

/// The block, its tables, and the model's beside it.
class TwoHashes {
 public:
  TwoHashes() {
    rtl_.dut->hash_write_i = 0;
    rtl_.dut->ready_i = 0;
    rtl_.dut->hash_start_i = 0;
    rtl_.dut->source_ipv4_i = rtl_.dut->source_upper_i = rtl_.dut->source_lower_i = 0;
  }

  void fill(std::mt19937_64& random) {
    rtl_.dut->ready_i = 0;
    for (unsigned word = 0; word < core::ClientHash::kWords; ++word) {
      const auto bits = static_cast<std::uint32_t>(random() & 0x3FFFF);
      model_.write(word, bits);
      rtl_.dut->hash_write_i = 1U << 30 | word << 18 | bits;
      rtl_.tick();
    }
    rtl_.dut->hash_write_i = 0;
    rtl_.dut->ready_i = 1;
    rtl_.tick();
  }

  hash_load::Rows rows(const net::Address& client) {
    for (unsigned i = 0; i < 16; ++i) {
      if (i % 4 == 0) rtl_.dut->hash_client_i[3 - i / 4] = 0;
      rtl_.dut->hash_client_i[3 - i / 4] |= std::uint32_t{client.octets[i]} << (24 - 8 * (i % 4));
    }
    rtl_.tick();  // x-1
    rtl_.dut->hash_ipv4_i = client.is_ipv4();
    rtl_.dut->hash_start_i = 1;
    rtl_.tick();
    rtl_.dut->hash_start_i = 0;
    for (unsigned cycle = 1; cycle < 6; ++cycle) rtl_.tick();  // I7
    rtl_.settle();
    const core::ClientHash::Rows model = model_.rows(client);
    if (model.row0 != rtl_.dut->hash_row0_o || model.row1 != rtl_.dut->hash_row1_o)
      FAIL("rows differ, RTL against model");
    return {rtl_.dut->hash_row0_o, rtl_.dut->hash_row1_o};
  }

 private:
  tb::Bench<Vclient_hash_load> rtl_{1};
  core::ClientHash model_;
};

TEST_CASE("Half the store's capacity is refused to a client of structured addresses no more often than chance has it") {
  const char* text = std::getenv("REVEILLE_STARTS");
  const unsigned starts = text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 0)) : 20;
  TwoHashes hashes;
  std::mt19937_64 random(1);
  hash_load::print_header();
  for (const hash_load::Family& family : hash_load::families(1)) {
    std::vector<unsigned> first;
    unsigned refused = 0;
    for (unsigned start = 0; start < starts; ++start) {
      hashes.fill(random);
      first.push_back(
          hash_load::first_refusal(family, [&](const net::Address& client) { return hashes.rows(client); }));
      if (first.back() < hash_load::kSessions / 2) ++refused;
    }
    hash_load::print(family.name, first);
    CHECK(refused <= 2 + starts / 400);  // 0.25 %, and chance
  }
}

}  // namespace
