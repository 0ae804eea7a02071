// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Vreveille_frame_parser.h>

#include <deque>
#include <random>
#include <set>
#include <string>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "ingress/reference.hpp"
#include "nonce/support.hpp"

namespace reveille::test {

/// Octets of a frame as hexadecimal text, for a failure's message.
inline std::string hex_dump(ByteView octets) {
  std::string text;
  for (const auto octet : octets.first(std::min<std::size_t>(octets.size(), 200))) {
    text += "0123456789abcdef"[octet >> 4];
    text += "0123456789abcdef"[octet & 15];
  }
  return text + (octets.size() > 200 ? "... of " : " of ") + std::to_string(octets.size());
}

/// reveille_frame_parser, watched in every cycle: what a frame must show is computed by the reference, when it must
/// show it by rules I2 and I3 of docs/timing/ingress.md, and the source by what client_hash needs of it.
class ParserBench {
 public:
  static constexpr std::size_t kMaxFrame = 9216;
  static constexpr std::uint64_t kMaxCycles = 16384;

  explicit ParserBench(const GuardConfig& config, std::uint64_t seed = 1) : random_(seed) {
    idle();
    rtl_.reset();
    configure(config);
  }

  /// Between frames: let everything under way come out, then change the registers.
  void configure(const GuardConfig& config) {
    drain();
    config_ = config;
    drive_config(rtl_->config_i, config, random_);
  }

  /// Plays a frame; `gap_percent`: chance of an idle cycle before each beat. The last beat comes `last_at` cycles
  /// behind the first, if not later.
  void play(const Bytes& frame, unsigned gap_percent = 0, std::uint64_t last_at = 0) {
    const std::size_t beats = (frame.size() + 7) / 8;
    for (std::size_t beat = 0; beat < beats; ++beat) {
      while (random_() % 100 < gap_percent) idle_cycle();
      const bool last = beat + 1 == beats;
      while (last && beat != 0 && rtl_.cycle < begin_ + last_at) idle_cycle();
      std::uint64_t data = random_();  // octets beyond `keep` do not exist: anything
      const std::size_t count = std::min<std::size_t>(8, frame.size() - 8 * beat);
      for (std::size_t i = 0; i < count; ++i) {
        data = (data & ~(std::uint64_t{0xff} << 8 * i)) | std::uint64_t{frame[8 * beat + i]} << 8 * i;
      }
      const auto keep = last ? (1U << count) - 1 : static_cast<unsigned>(random_());  // only the last beat's counts
      time_ = random_() & kTimeMask;
      if (beat == 0) {
        now_ = time_;
        begin_ = rtl_.cycle;
      }
      tb::drive(rtl_->beat_i, {{1, 1}, {last, 1}, {keep, 8}, {data, 64}});
      if (last) expect(frame, beats);
      cycle();
    }
    idle();
  }

  void drain() {
    for (int i = 0; i < 13; ++i) idle_cycle();
  }

  /// What the last frame came to: tests count these to know that they met everything.
  Shown shown;

 private:
  struct Expected {
    std::uint64_t begin, end;  ///< end: T
    std::size_t beats;
    bool oversize;
    Shown shown;
    std::uint64_t now;
    Bytes frame;
    [[nodiscard]] bool looked_up() const { return beats >= 7; }
  };

  void idle() { tb::drive(rtl_->beat_i, {{0, 1}, {random_(), 1}, {random_(), 8}, {random_(), 64}}); }
  void idle_cycle() {
    idle();
    time_ = random_() & kTimeMask;
    cycle();
  }

  void expect(const Bytes& frame, std::size_t beats) {
    const bool oversize = frame.size() > kMaxFrame || rtl_.cycle - begin_ > kMaxCycles;
    shown = oversize ? Shown{} : judge(frame, config_);
    expected_.push_back({begin_, rtl_.cycle, beats, oversize, shown, now_, frame});
  }

  void cycle() {
    rtl_->time_i = time_;
    rtl_->eval();
    bool descriptor = false;
    if (rtl_->source_ipv4_o) {
      ipv4_at_ = rtl_.cycle;
      ipv4_ = rtl_->source_o & 0xffffffff;
    }
    if (rtl_->source_upper_o) {
      upper_at_ = rtl_.cycle;
      upper_ = rtl_->source_o;
    }
    if (rtl_->source_lower_o) {
      lower_at_ = rtl_.cycle;
      lower_ = rtl_->source_o;
    }
    for (const auto& frame : expected_) {
      const std::uint64_t age = rtl_.cycle - frame.end;
      if (age < 6) continue;
      INFO("cycle T+" << age << ", frame " << hex_dump(frame.frame));
      const bool decided = frame.shown.kind == Shown::Kind::decided;
      if (age == 6 && !decided) check_source_in_time(frame);
      if (age == 8 && frame.looked_up() && !decided)
        REQUIRE(tb::Fields(rtl_->client_o, 128).next(128) == number(frame.shown.source));
      if ((age == 10 || age == 11) && !decided) REQUIRE(rtl_->lookup_value_o == frame.shown.value);
      if (age == 12) {
        descriptor = true;
        check_descriptor(frame, decided);
      }
    }
    if (!descriptor) check_no_descriptor();
    while (!expected_.empty() && rtl_.cycle - expected_.front().end >= 12) expected_.pop_front();
    rtl_.step();
  }

  /// client_hash has the rows in T+7 if an IPv4 source is announced in T+1, the halves of an IPv6 one in T-1 and T, at
  /// the latest.
  void check_source_in_time(const Expected& frame) const {
    const bool ipv4 = number(ByteView(frame.shown.source).first(12)) == 0xffff;
    if (ipv4) {
      REQUIRE(ipv4_at_ >= frame.begin + 6);
      REQUIRE(ipv4_at_ <= frame.end + 1);
      REQUIRE(tb::u128{ipv4_} == (number(frame.shown.source) & 0xffffffff));
      REQUIRE((upper_at_ < frame.begin + 6 || upper_at_ > frame.end + 6));
    } else {
      REQUIRE(upper_at_ >= frame.begin + 6);
      REQUIRE(upper_at_ < frame.end);
      REQUIRE(lower_at_ > upper_at_);
      REQUIRE(lower_at_ <= frame.end);
      REQUIRE((tb::u128{upper_} << 64 | lower_) == number(frame.shown.source));
      REQUIRE((ipv4_at_ < frame.begin + 6 || ipv4_at_ > frame.end + 6));
    }
  }

  void check_no_descriptor() {
    tb::Fields fields(rtl_->descriptor_o, kDescriptorWidth);
    tb::u128 source = 0;
    REQUIRE(fields.next(1) == 0);
    fields.next(9);
    fields.next(32);
    fields.take(source, 128);
    REQUIRE(source == 0);
  }

  void check_descriptor(const Expected& frame, bool decided) {
    tb::Fields fields(rtl_->descriptor_o, kDescriptorWidth);
    bool valid = false, oversize = false, is_decided = false, ap_request = false, looked_up = false;
    unsigned verdict = 0;
    std::uint32_t nonce = 0;
    tb::u128 source = 0;
    std::uint64_t now = 0;
    fields.take(valid, 1).take(oversize, 1).take(is_decided, 1).take(verdict, 5).take(ap_request, 1).take(looked_up, 1);
    fields.take(nonce, 32).take(source, 128).take(now, 52);
    REQUIRE(valid);
    REQUIRE(oversize == frame.oversize);
    REQUIRE(std::string(name(static_cast<Verdict>(verdict))) == std::string(name(frame.shown.verdict)));
    REQUIRE(is_decided == decided);
    REQUIRE(ap_request == (frame.shown.kind == Shown::Kind::ap_request));
    REQUIRE(looked_up == frame.looked_up());
    if (ap_request) REQUIRE(nonce == frame.shown.value);
    REQUIRE(source == (frame.shown.verdict == Verdict::bypass && decided ? 0 : number(frame.shown.source)));
    // No shorter frame comes to an event, unless it is lost.
    if (frame.beats >= 3) REQUIRE(now == frame.now);
  }

  static constexpr unsigned kDescriptorWidth = 1 + 1 + 1 + 5 + 1 + 1 + 32 + 128 + 52;
  static constexpr std::uint64_t kTimeMask = 0xfffffffffffff;

  std::mt19937_64 random_;
  Bench<Vreveille_frame_parser> rtl_;
  GuardConfig config_;
  std::uint64_t time_ = 0, now_ = 0, begin_ = 0;
  std::uint64_t ipv4_at_ = 0, upper_at_ = 0, lower_at_ = 0;  // when a source was announced last,
  std::uint64_t ipv4_ = 0, upper_ = 0, lower_ = 0;           // ... and which
  std::deque<Expected> expected_;
};

inline const net::Address kServer4 = net::Address::parse("192.0.2.1"), kServer6 = net::Address::parse("2001:db8::1");
inline const net::Address kSecond4 = net::Address::parse("192.0.2.65"), kSecond6 = net::Address::parse("2001:db8:1::1");

inline GuardConfig both_families() {
  GuardConfig config;
  config.ipv4 = {kServer4, kSecond4};
  config.ipv6 = {kServer6, kSecond6};
  return config;
}

}  // namespace reveille::test
