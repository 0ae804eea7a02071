// SPDX-License-Identifier: Apache-2.0
//
// What the benches of session_control and session_guard have in common: a host and a nonce generator that do everything
// that is allowed, the ports, and the comparison of every output in every cycle.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <unordered_map>

#include "catch.hpp"
#include "guard/session_reference.hpp"

namespace reveille::tb {

inline std::vector<std::uint32_t> random_nonces(std::mt19937_64& random) {
  std::vector<std::uint32_t> nonces(kHashWords);
  for (std::uint32_t& nonce : nonces) nonce = static_cast<std::uint32_t>(random());
  return nonces;
}

/// Clients of one set of tables: `crowded` share both rows, so that eight of them fill their buckets.
struct Clients {
  std::vector<u128> crowded, others;

  Clients(const HashTables& tables, std::mt19937_64& random, unsigned many) {
    // Of 2^32 addresses with one prefix a 2^18th collides with the first: two octets are tried against a list of the
    // other two.
    const u128 prefix = (static_cast<u128>(0x20010db8) << 64 | (random() & 0xffffffff)) << 32;
    const auto part = [&tables](unsigned i, unsigned octets) {
      return tables[256 * i + (octets >> 8)] ^ tables[256 * (i + 1) + (octets & 0xff)];
    };
    std::unordered_multimap<std::uint32_t, unsigned> lower;
    for (unsigned octets = 0; octets < 0x10000; octets += 8) lower.emplace(part(14, octets), octets);
    const std::uint32_t target = part(12, 0) ^ part(14, 0);
    for (unsigned octets = 0; octets < 0x10000 && crowded.size() < 12; octets += 37) {
      const auto found = lower.find(target ^ part(12, octets));
      if (found != lower.end()) crowded.push_back(prefix | octets << 16 | found->second);
    }
    others.push_back(u128{0xffff} << 32 | 0xc0000201);
    others.push_back(u128{0xffff} << 32 | 0xc0000202);
    others.push_back(0xc0000201);  // as the first IPv4 client in all octets that are hashed of it, another session
    others.push_back(0);
    others.push_back(u128{0xfffe} << 32 | 0xc0000201);
    while (others.size() < many) others.push_back(static_cast<u128>(random()) << 64 | random());
  }
};

/// How a random run behaves.
struct Manners {
  unsigned nonce_per_mille = 500, unseeded_per_mille = 2, busy_percent = 30, idle_host_percent = 20;
  unsigned time_jump_per_mille = 0;
  Time time_step = 1;  // at most, a cycle
  bool registers_change = true;
  bool frequent_wake_ups = true;
};

/// The host, the nonce generator, the framer and the event log, as one stream of inputs.
class Traffic {
 public:
  Traffic(std::uint64_t seed, const Manners& manners) : random_(seed), manners_(manners) {
    nonces_ = random_nonces(random_);
    tables_ = tables_of(nonces_);
    clients_.emplace(tables_, random_, 300);
    now_.seeded = true;
    change_registers();
  }

  std::mt19937_64& random() { return random_; }
  [[nodiscard]] unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  [[nodiscard]] bool percent(unsigned chance) { return below(100) < chance; }
  const Clients& clients() const { return *clients_; }
  u128 any_client() {
    const auto& pool = percent(60) ? clients_->crowded : clients_->others;
    return pool[below(static_cast<unsigned>(pool.size()))];
  }

  /// The inputs of the next cycle (`free` excepted), given the outputs of the last.
  const Inputs& next(const Outputs& last) {
    if (last.nonce_ready && now_.nonce_valid) {
      now_.nonce_valid = false;
      ++nonces_taken_;
    }
    if (!last.ready) {
      now_.nonce_valid = percent(60);
      now_.nonce = nonces_taken_ < kHashWords ? nonces_[nonces_taken_] : 1;
    } else if (!now_.nonce_valid || percent(1)) {  // rarely one is withdrawn: the generator's restart
      now_.nonce_valid = below(1000) < manners_.nonce_per_mille;
      now_.nonce = static_cast<std::uint32_t>(random_());
    }
    now_.seeded = now_.seeded ? below(1000) >= manners_.unseeded_per_mille : percent(5);
    now_.wakeup_ready = !percent(manners_.busy_percent);
    now_.event_ready = !percent(manners_.busy_percent);
    now_.time = std::min(now_.time + below(static_cast<unsigned>(manners_.time_step) + 1), kTimeMask);
    if (below(1000) < manners_.time_jump_per_mille) jump();
    if (manners_.registers_change && below(3000) == 0) change_registers();
    command(last);
    return now_;
  }

 private:
  void jump() {
    const Time distance = percent(50) ? below(1 << 20) : (random_() & kTimeMask) >> below(40);
    now_.time = std::min(now_.time + distance, kTimeMask);
  }

  void change_registers() {
    now_.resend_budget = static_cast<std::uint8_t>(below(percent(50) ? 4 : 16));
    now_.wake_tries = static_cast<std::uint8_t>(below(percent(70) ? 4 : 16));
    now_.wake_interval =
        percent(80) ? below(manners_.frequent_wake_ups ? 300 : 100000) : static_cast<std::uint32_t>(random_());
    now_.ipv4_enable = !percent(20);
    now_.ipv6_enable = !percent(10);
  }

  void command(const Outputs& last) {
    if (now_.command_valid && !last.done) return;
    if (now_.command_valid && percent(10)) {  // at once the same client again
      now_.command.opcode = static_cast<Opcode>(below(8));
      return;
    }
    if (now_.command_valid || !prepared_) {
      now_.command_valid = false;
      prepared_ = true;
      prepare();
    } else if (!percent(manners_.idle_host_percent)) {
      now_.command_valid = true;
      prepared_ = false;
    } else if (percent(20)) {
      prepare();
    }
  }

  void prepare() {
    static constexpr Opcode kMix[] = {kWake,  kWake,  kWake,  kWake,   kRestore, kRestore, kRestore, kRestore,
                                      kReply, kReply, kReply, kReject, kClose,   kRead,    kRead,    kReadLocation};
    Command& command = now_.command;
    if (last_client_ && percent(30)) {
      command.client = *last_client_;
    } else {
      command.client = any_client();
    }
    last_client_ = command.client;
    command.opcode = percent(2) ? kNone : kMix[below(16)];
    command.lifetime = below(1 << (4 + below(16)));
    if (percent(2)) command.lifetime = 0;
    if (percent(5)) command.lifetime = random_() & kTimeMask;
    command.nonce = percent(3) ? 0 : static_cast<std::uint32_t>(random_());
    command.phase = static_cast<std::uint8_t>(below(4));
    command.tag = random_();
    command.hop = static_cast<std::uint8_t>(below(8));
    command.doi = percent(50);
    command.armed = percent(70);
    command.source = static_cast<std::uint8_t>(below(8));
    const Rows rows = hash(tables_, command.client);
    const unsigned bank = below(2);
    command.location = percent(70) ? location(bank == 0 ? rows.row0 : rows.row1, bank, below(4)) : below(4096);
  }

  std::mt19937_64 random_;
  Manners manners_;
  std::vector<std::uint32_t> nonces_;
  HashTables tables_;
  std::optional<Clients> clients_;
  std::optional<u128> last_client_;
  unsigned nonces_taken_ = 0;
  bool prepared_ = false;
  Inputs now_;
};

/// Cycles with a frame's look-up, at least seven apart, and what they leave free (timing.md, "Frame cycles").
class Lookups {
 public:
  /// The next cycle. `wanted`: it is a T+7, if it may be.
  void step(bool wanted) {
    const bool soon = wanted && (history_ & 0x3f) == 0;
    history_ = history_ << 1 | static_cast<unsigned>(soon);
  }
  [[nodiscard]] bool at(unsigned offset) const { return history_ >> (offset - 7) & 1; }  // T + offset
  [[nodiscard]] bool free() const { return !at(8) && !at(9) && !at(14); }

 private:
  unsigned history_ = 0;
};

inline std::string hex(u128 value) {
  std::string text;
  for (; value != 0; value >>= 4) text.insert(text.begin(), "0123456789abcdef"[static_cast<unsigned>(value & 15)]);
  return text.empty() ? "0" : text;
}

/// Drives the ports that session_control and session_guard share, and compares what they answer.
template <class Dut>
class SessionPorts {
 public:
  explicit SessionPorts(Dut& dut) : dut_(dut) {}

  void drive(const Inputs& in) {
    dut_.ipv4_enable_i = in.ipv4_enable;
    dut_.ipv6_enable_i = in.ipv6_enable;
    dut_.wake_tries_i = in.wake_tries;
    dut_.wake_interval_i = in.wake_interval;
    dut_.nonce_seeded_i = in.seeded;
    dut_.nonce_valid_i = in.nonce_valid;
    dut_.nonce_i = in.nonce;
    dut_.wakeup_ready_i = in.wakeup_ready;
    dut_.event_ready_i = in.event_ready;
    drive(in.command_valid, in.command);
  }

  void drive(bool command_valid, const Command& c) {
    dut_.command_valid_i = command_valid;
    tb::drive(dut_.command_i, {{c.opcode, 3},
                               {c.client, 128},
                               {c.lifetime, 52},
                               {c.nonce, 32},
                               {c.phase, 2},
                               {c.tag, 64},
                               {c.hop, 3},
                               {c.doi, 1},
                               {c.armed, 1},
                               {c.source, 3},
                               {c.location, 12}});
  }

  /// What client_hash answers: the rows of what was started six cycles ago or more, noise before.
  void drive_rows(const HashTables& tables, std::mt19937_64& noise) {
    for (unsigned age = kHashCycles; age-- > 1;) started_[age] = started_[age - 1];
    started_[0] = last_start_;
    last_start_.reset();
    if (started_[kHashCycles - 1]) rows_ = hash(tables, *started_[kHashCycles - 1]);
    const bool under_way =
        std::any_of(started_.begin(), started_.end() - 1, [](const auto& s) { return s.has_value(); });
    if (under_way) rows_ = {static_cast<unsigned>(noise() % 512), static_cast<unsigned>(noise() % 512)};
  }
  [[nodiscard]] const Rows& rows() const { return rows_; }

  /// After eval() in the same cycle: what client_hash is to answer.
  void sample_start() {
    if (!dut_.hash_start_o) return;
    u128 client = 0;
    Fields(dut_.hash_client_o, 128).take(client, 128);
    last_start_ = client;
  }

  /// After eval() in the same cycle.
  void compare(const Outputs& expected) {
    REQUIRE(static_cast<bool>(dut_.command_done_o) == expected.done);
    REQUIRE(static_cast<bool>(dut_.ready_o) == expected.ready);
    REQUIRE(static_cast<bool>(dut_.nonce_ready_o) == expected.nonce_ready);
    REQUIRE(static_cast<bool>(dut_.wakeup_valid_o) == expected.wakeup.has_value());
    REQUIRE(static_cast<bool>(dut_.event_valid_o) == expected.event.has_value());
    // The result holds between commands: read it only when it may or does change.
    if (expected.done || !result_ || std::memcmp(&*result_, &dut_.result_o, sizeof(*result_)) != 0) {
      result_ = dut_.result_o;
      Result got;
      bool held = false;
      Fields(dut_.result_o, 307)
          .take(got.code, 3)
          .take(got.location, 12)
          .take(held, 1)
          .take(got.entry.client, 128)
          .take(got.entry.nonce, 32)
          .take(got.entry.deadline, 52)
          .take(got.entry.aux, 64)
          .take(got.entry.phase, 2)
          .take(got.entry.resends_left, 4)
          .take(got.entry.false_nonces, 9);
      CAPTURE(static_cast<int>(got.code), static_cast<int>(expected.result.code), got.location,
              expected.result.location);
      CAPTURE(hex(got.entry.nonce), hex(expected.result.entry.nonce), hex(got.entry.aux),
              hex(expected.result.entry.aux));
      REQUIRE(held <= (got.entry.nonce != 0));
      REQUIRE(got == expected.result);
    }
    if (expected.wakeup) {
      Wakeup got;
      Fields(dut_.wakeup_o, 167)
          .take(got.client, 128)
          .take(got.nonce, 32)
          .take(got.hop, 3)
          .take(got.doi, 1)
          .take(got.source, 3);
      REQUIRE(got == *expected.wakeup);
    }
    if (expected.event) {
      Event got;
      unsigned verdict = 0;
      Fields(dut_.event_o, 220)
          .take(got.kind, 3)
          .take(verdict, 5)
          .take(got.now, 52)
          .take(got.nonce, 32)
          .take(got.client, 128);
      REQUIRE(verdict == 0);
      REQUIRE(got == *expected.event);
    }
    REQUIRE(static_cast<bool>(dut_.hash_start_o) == expected.hash_start);
    sample_start();
    if (last_start_) REQUIRE(static_cast<bool>(dut_.hash_ipv4_o) == is_ipv4(*last_start_));
    bool writes = false;
    unsigned index = 0;
    std::uint32_t word = 0;
    Fields(dut_.hash_write_o, 31).take(writes, 1).take(index, 12).take(word, 18);
    REQUIRE(writes == expected.hash_write.has_value());
    if (writes) REQUIRE(std::pair(index, word) == *expected.hash_write);
  }

 private:
  Dut& dut_;
  std::optional<std::decay_t<decltype(Dut::result_o)>> result_;
  static constexpr unsigned kHashCycles = 6;
  std::array<std::optional<u128>, kHashCycles> started_{};  // by cycles since
  std::optional<u128> last_start_;
  Rows rows_{};
};

/// What a run has seen, so that no test passes because nothing happened.
struct Coverage {
  std::map<std::pair<Opcode, Code>, unsigned> results;
  unsigned wakeups = 0, expired = 0, wake_failed = 0, waits = 0;

  void sample(const Inputs& in, const Outputs& out) {
    if (out.done) ++results[{in.command.opcode, out.result.code}];
    if (out.wakeup) ++(in.wakeup_ready ? wakeups : waits);
    if (out.event) ++(!in.event_ready ? waits : out.event->kind == kExpired ? expired : wake_failed);
  }
};

}  // namespace reveille::tb
