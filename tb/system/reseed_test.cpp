// SPDX-License-Identifier: Apache-2.0
// A reseed that finds no noise: a `wake` waits for it, no longer than it may, and holds nothing up. RTL and model in
// lockstep, where there is RTL.
#include "catch.hpp"
#include "model/core/support.hpp"
#include "reveille/core/core.hpp"
#ifdef REVEILLE_HAS_RTL
#include <Vreveille_reseeding.h>

#include "engine/lockstep.hpp"
#include "engine/verilated_core.hpp"
#endif

namespace reveille::sim::test {
namespace {

using namespace core::test;
using core::Command;
using core::EventKind;
namespace address = core::address;

constexpr std::uint32_t reseed_interval = 1048;  // blocks, as in reseed.cmake
constexpr unsigned nonces_of_tables = 16 * 256;  // a word from each
constexpr unsigned nonces_left = 4 * reseed_interval - nonces_of_tables;
constexpr std::uint64_t longest_wait = 65'536;  // S5
constexpr std::uint64_t accesses = 200;         // cycles, of the registers around a command
constexpr std::uint64_t long_lifetime = std::uint64_t{1} << 40;

class Reseeding {
 public:
  Reseeding() : bench_(core()) {
    core::Setup setup = both_families_setup();
    setup.noise_silence = 0;
    setup.restart_limit = 0;
    bench_.driver.bring_up(setup, 3);  // and no noise from here on
    bench_.perturb = [this](core::Inputs& in) {
      in.entropy_valid = noise_;
      in.entropy_data = static_cast<std::uint8_t>(sample_ += 37);
    };
  }

  Bench& bench() { return bench_; }
  core::Driver& driver() { return bench_.driver; }
  void noise(bool comes) { noise_ = comes; }
  void advance(std::uint64_t microseconds) { core().inputs.time_us += microseconds; }

  ResultCode restore(const net::Address& client, std::uint64_t lifetime) {
    Command command = make_command(CommandCode::restore, client);
    command.nonce = nonce;
    command.lifetime = lifetime;
    return driver().command(command).code;
  }
  ResultCode wake(unsigned client) {
    Command command = make_command(CommandCode::wake, client_of(client));
    command.lifetime = long_lifetime;
    return driver().command(command).code;
  }
  /// A `wake` that the host does not wait for.
  void begin_wake(unsigned client) {
    Command read = make_command(CommandCode::read, client_of(client));
    read.lifetime = long_lifetime;
    CHECK(driver().command(read).code == ResultCode::not_found);
    driver().write(address::command, static_cast<std::uint32_t>(CommandCode::wake));
    begun_ = bench_.cycle;
  }
  bool is_busy() { return (driver().read(address::status) & REVEILLE_STATUS_COMMAND_BUSY_MASK) != 0; }
  bool is_seeded() { return (driver().read(address::status) & REVEILLE_STATUS_SEEDED_MASK) != 0; }
  /// How long it took, to the next access of a register.
  std::uint64_t await_end() {
    while (is_busy()) REQUIRE(bench_.cycle - begun_ < 2 * longest_wait);
    return bench_.cycle - begun_;
  }
  ResultCode result() { return static_cast<ResultCode>(driver().read(address::result) & 0xFF); }
  /// Wakes clients while there are nonces; those that were.
  unsigned use_up_nonces() {
    unsigned woken = 0;
    while (wake(woken) == ResultCode::ok) ++woken;
    return woken;
  }
  void finish() { core().finish(); }

  static net::Address client_of(unsigned i) {
    net::Address client = client4;
    client.octets[14] = static_cast<std::uint8_t>(16 + (i >> 8));
    client.octets[15] = static_cast<std::uint8_t>(i);
    return client;
  }

 private:
#ifdef REVEILLE_HAS_RTL
  core::CoreInterface& core() { return lockstep_; }
  VerilatedCore<Vreveille_reseeding> rtl_{3};
#else
  core::CoreInterface& core() { return model_; }
#endif
  core::Core model_{core::NonceGeneratorParameters{.reseed_interval = reseed_interval}};
#ifdef REVEILLE_HAS_RTL
  Lockstep lockstep_{rtl_, model_, 3};
#endif
  Bench bench_;
  bool noise_ = false;
  unsigned sample_ = 0;
  std::uint64_t begun_ = 0;
};

TEST_CASE("A wake without a nonce ends within its bound, and nothing waits for it") {
  Reseeding reseeding;
  core::Driver& driver = reseeding.driver();
  constexpr std::uint64_t lifetime = 1000;
  net::Address short_lived = client6;
  for (unsigned i = 0; i < 8; ++i) {
    short_lived.octets[15] = static_cast<std::uint8_t>(0x80 + i);
    REQUIRE(reseeding.restore(short_lived, lifetime) == ResultCode::ok);
  }
  REQUIRE(reseeding.restore(client6, long_lifetime) == ResultCode::ok);
  CHECK(reseeding.use_up_nonces() == nonces_left);
  CHECK(reseeding.is_seeded());

  // While a wake waits sessions expire, frames are judged, Wake Ups go out.
  while (driver.pop_event()) {
  }
  reseeding.begin_wake(nonces_left);
  reseeding.advance(lifetime);
  CHECK(reseeding.bench().judge(net::build(to_server6(ap_request(nonce)))) == Verdict::accepted);
  // A round of the sweep takes longer than a wake waits: most of the sessions, not all.
  unsigned expired = 0;
  for (const std::uint64_t begun = reseeding.bench().cycle; reseeding.bench().cycle - begun < 60'000;) {
    if (const auto event = driver.pop_event()) expired += event->kind == EventKind::expired ? 1 : 0;
  }
  CHECK(expired >= 4);
  CHECK(reseeding.is_busy());
  const std::uint64_t waited = reseeding.await_end();
  CHECK(waited >= longest_wait);
  CHECK(waited <= longest_wait + accesses);
  CHECK(reseeding.result() == ResultCode::not_ready);
  CHECK(reseeding.is_seeded());
  CHECK(driver.command(make_command(CommandCode::close, Reseeding::client_of(0))).code == ResultCode::ok);

  // Noise that comes while one waits ends its wait, and reseeds; so do all wakes after it.
  reseeding.begin_wake(nonces_left);
  reseeding.bench().run(10'000);
  CHECK(reseeding.is_busy());
  reseeding.noise(true);
  CHECK(reseeding.await_end() < 20'000);
  CHECK(reseeding.result() == ResultCode::ok);
  CHECK(reseeding.wake(nonces_left + 1) == ResultCode::ok);
  reseeding.finish();
}

TEST_CASE("A wake that waits for noise ends where its silence is a failure") {
  Reseeding reseeding;
  reseeding.use_up_nonces();
  reseeding.noise(true);
  reseeding.bench().run(20);  // less than a seed
  reseeding.noise(false);
  reseeding.begin_wake(nonces_left);
  reseeding.driver().write(address::noise_silence, 30'000);
  const std::uint64_t waited = reseeding.await_end();
  CHECK(waited > 29'000);
  CHECK(waited < 30'000 + accesses);
  CHECK(reseeding.result() == ResultCode::not_ready);
  CHECK_FALSE(reseeding.is_seeded());
  CHECK((reseeding.driver().read(address::status) & REVEILLE_STATUS_SILENT_MASK) != 0);
  CHECK(reseeding.wake(nonces_left) == ResultCode::not_ready);
  reseeding.finish();
}

}  // namespace
}  // namespace reveille::sim::test
