// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Vreveille_frame_parser.h>

#include <deque>
#include <random>
#include <set>
#include <string>

#include "catch.hpp"
#include "guard/packed.hpp"
#include "ingress/toeplitz.hpp"
#include "nonce/support.hpp"
#include "policy/policy.hpp"

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

/// reveille_frame_parser, watched in every cycle: what a frame must show is computed by the untimed policy, when it
/// must show it by rules I1 to I3 of docs/timing/ingress.md.
class ParserBench {
 public:
  static constexpr std::size_t kMaxFrame = 9216;

  explicit ParserBench(const policy::ServerConfig& config, std::uint64_t seed = 1) : random_(seed) {
    for (auto& octet : key_) octet = static_cast<std::uint8_t>(random_());
    for (unsigned word = 0; word < 5; ++word) {
      rtl_->hash_key_i[word] = 0;
      for (unsigned i = 0; i < 4; ++i) rtl_->hash_key_i[word] = rtl_->hash_key_i[word] << 8 | key_[16 - 4 * word + i];
    }
    idle();
    rtl_.reset();
    configure(config);
  }

  /// Between frames: let everything under way come out, then change the registers.
  void configure(const policy::ServerConfig& config) {
    drain();
    config_ = config;
    config_.destination = policy::ServerConfig::Destination::listed;
    const auto value = [](ByteView octets) {
      tb::u128 all = 0;
      for (const auto octet : octets) all = all << 8 | octet;
      return all;
    };
    std::uint32_t versions = 0, enables = 0;
    for (std::size_t i = 0; i < config.versions.size(); ++i) {
      versions |= std::uint32_t{config.versions[i]} << 8 * i;
      enables |= 1U << i;
    }
    tb::drive(rtl_->config_i, {{!config.ipv4.empty(), 1},
                               {config.ipv4.empty() ? random_() : value(config.ipv4.front().header_octets()), 32},
                               {!config.ipv6.empty(), 1},
                               {config.ipv6.empty() ? random_() : value(config.ipv6.front().octets), 128},
                               {config.port, 16},
                               {config.doi_ipsec, 1},
                               {config.doi_snmp, 1},
                               {enables, 4},
                               {versions, 32}});
  }

  /// Plays a frame; `gap_percent`: chance of an idle cycle before each beat.
  void play(const Bytes& frame, unsigned gap_percent = 0) {
    const std::size_t beats = (frame.size() + 7) / 8;
    for (std::size_t beat = 0; beat < beats; ++beat) {
      while (random_() % 100 < gap_percent) idle_cycle();
      std::uint64_t data = random_();  // octets beyond `keep` do not exist: anything
      const std::size_t count = std::min<std::size_t>(8, frame.size() - 8 * beat);
      for (std::size_t i = 0; i < count; ++i) {
        data = (data & ~(std::uint64_t{0xff} << 8 * i)) | std::uint64_t{frame[8 * beat + i]} << 8 * i;
      }
      const bool last = beat + 1 == beats;
      const auto keep = last ? (1U << count) - 1 : static_cast<unsigned>(random_());  // only the last beat's counts
      time_ = random_() & 0xffffffffffff;
      if (beat == 0) now_ = time_;
      tb::drive(rtl_->beat_i, {{1, 1}, {last, 1}, {last ? keep : 0xff, 8}, {data, 64}});
      if (last) expect(frame, beats);
      cycle();
    }
    idle();
  }

  void drain() {
    for (int i = 0; i < 8; ++i) idle_cycle();
  }

  /// What the last frame came to, by the policy: tests count these to know that they met everything.
  policy::FrameFacts facts;

 private:
  struct Expected {
    std::uint64_t end;  ///< T
    bool looked_up, oversize;
    policy::FrameFacts facts;
    std::uint64_t now;
    Bytes frame;
  };

  void idle() { tb::drive(rtl_->beat_i, {{0, 1}, {random_(), 1}, {random_(), 8}, {random_(), 64}}); }
  void idle_cycle() {
    idle();
    time_ = random_() & 0xffffffffffff;
    cycle();
  }

  void expect(const Bytes& frame, std::size_t beats) {
    const bool oversize = frame.size() > kMaxFrame;
    facts = oversize ? policy::FrameFacts{} : policy::parse_frame(frame, config_);
    expected_.push_back({rtl_.cycle, beats >= 7, oversize, facts, now_, frame});
  }

  void cycle() {
    rtl_->time_i = time_;
    rtl_->eval();
    bool descriptor = false, look_up = false;
    for (const auto& frame : expected_) {
      const std::uint64_t age = rtl_.cycle - frame.end;
      if (age < 2) continue;
      INFO("cycle T+" << age << ", frame " << hex_dump(frame.frame));
      const bool decided = frame.facts.kind == policy::FrameFacts::Kind::decided;
      if (age == 2 && frame.looked_up) {
        look_up = true;
        check_look_up(frame, decided);
      }
      if ((age == 4 || age == 5) && !decided) {
        const bool is_ap_request = frame.facts.kind == policy::FrameFacts::Kind::ap_request;
        REQUIRE(rtl_->lookup_value_o == (is_ap_request ? frame.facts.returned_nonce : frame.facts.tag));
      }
      if (age == 6) {
        descriptor = true;
        check_descriptor(frame, decided);
      }
    }
    tb::Fields look_up_fields(rtl_->lookup_o, kLookupWidth);
    REQUIRE(static_cast<bool>(look_up_fields.next(1)) == look_up);
    tb::Fields descriptor_fields(rtl_->descriptor_o, kDescriptorWidth);
    REQUIRE(static_cast<bool>(descriptor_fields.next(1)) == descriptor);
    while (!expected_.empty() && rtl_.cycle - expected_.front().end >= 6) expected_.pop_front();
    next_rows_ = static_cast<std::uint32_t>(rtl_->next_row0_o) << 9 | rtl_->next_row1_o;
    rtl_.step();
  }

  void check_look_up(const Expected& frame, bool decided) {
    tb::Fields fields(rtl_->lookup_o, kLookupWidth);
    bool valid = false;
    std::uint32_t row0 = 0, row1 = 0;
    std::uint64_t now = 0;
    tb::u128 client = 0;
    fields.take(valid, 1).take(client, 128).take(row0, 9).take(row1, 9).take(now, 48);
    REQUIRE(valid);
    REQUIRE(now == frame.now);
    if (decided) return;  // its client is not used
    REQUIRE(client == value(frame.facts.source));
    Bytes hashed(frame.facts.source.octets.begin(), frame.facts.source.octets.end());
    if (frame.facts.source.is_ipv4()) hashed[10] = hashed[11] = 0;
    REQUIRE((row0 << 9 | row1) == toeplitz(key_, hashed, 18));
    REQUIRE((row0 << 9 | row1) == next_rows_);
  }

  void check_descriptor(const Expected& frame, bool decided) {
    tb::Fields fields(rtl_->descriptor_o, kDescriptorWidth);
    bool valid = false, oversize = false, is_decided = false, ap_request = false, looked_up = false;
    unsigned verdict = 0;
    std::uint32_t nonce = 0;
    tb::u128 source = 0;
    std::uint64_t now = 0;
    fields.take(valid, 1).take(oversize, 1).take(is_decided, 1).take(verdict, 5).take(ap_request, 1).take(looked_up, 1);
    fields.take(nonce, 32).take(source, 128).take(now, 48);
    REQUIRE(valid);
    REQUIRE(oversize == frame.oversize);
    REQUIRE(std::string(name(static_cast<Verdict>(verdict))) ==
            std::string(name(decided ? frame.facts.early : Verdict::bypass)));
    REQUIRE(is_decided == decided);
    REQUIRE(ap_request == (frame.facts.kind == policy::FrameFacts::Kind::ap_request));
    REQUIRE(looked_up == frame.looked_up);
    if (ap_request) REQUIRE(nonce == frame.facts.returned_nonce);
    REQUIRE(source == value(frame.facts.source));
    REQUIRE(now == frame.now);
  }

  static tb::u128 value(const net::Address& address) {
    tb::u128 all = 0;
    for (const auto octet : address.octets) all = all << 8 | octet;
    return all;
  }

  static constexpr unsigned kLookupWidth = 1 + 128 + 9 + 9 + 48;
  static constexpr unsigned kDescriptorWidth = 1 + 1 + 1 + 5 + 1 + 1 + 32 + 128 + 48;

  std::mt19937_64 random_;
  Bench<Vreveille_frame_parser> rtl_;
  policy::ServerConfig config_;
  Bytes key_ = Bytes(20);
  std::uint32_t next_rows_ = 0;  // of the cycle before
  std::uint64_t time_ = 0, now_ = 0;
  std::deque<Expected> expected_;
};

}  // namespace reveille::test
