// SPDX-License-Identifier: Apache-2.0
// reveille_message_framer: frames judged by model/net, every output of every cycle by docs/timing/egress.md E4 to E9.
#include <cstdint>
#include <deque>
#include <optional>

#include "Vreveille_message_framer.h"
#include "bench.hpp"
#include "catch.hpp"
#include "egress/framing.hpp"

namespace {

using namespace reveille;
using tb::Framing;

struct Wakeup {
  net::Address client;
  std::uint32_t nonce;
  unsigned hop;
  bool doi;
  unsigned source;
};

/// The framer as egress.md tells it; holds for the cycle at hand, step() moves on.
class Reference {
 public:
  enum State { kIdle, kFill, kCheck, kStart, kFrame, kDone } state = kIdle;
  Bytes frame;           // while in kFrame
  std::size_t beat = 0;  // next to be taken
  unsigned turns = 0;    // that a message and a job both waited for

  [[nodiscard]] bool job_ready(bool message_waits) const { return state == kIdle && (!message_waits || message_last_); }
  [[nodiscard]] bool offered() const { return state == kFrame && wait_ == 0; }
  [[nodiscard]] bool last() const { return 8 * (beat + 1) >= frame.size(); }
  [[nodiscard]] bool error() const { return state == kStart && !good_; }

  /// `beat_octets`: of a message's beat at H's head; 0: none.
  void step(const Framing& framing, ByteView beat_octets, bool last_beat, const std::optional<Wakeup>& wakeup,
            bool take) {
    switch (state) {
      case kIdle:
        turns += wakeup && !beat_octets.empty();
        if (wakeup && job_ready(!beat_octets.empty())) {
          job_ = wakeup;
          check();
        } else if (!beat_octets.empty()) {
          job_.reset();
          message_.clear();
          state = kFill;
        }
        if (state != kIdle) message_last_ = !job_;
        break;
      case kFill:
        append(message_, beat_octets);
        if (!beat_octets.empty() && last_beat) check();
        break;
      case kCheck:
        if (wait_ == 1) {  // E7: m+2, w+2
          good_ = good(framing);
          if (good_) source_ = framing.chosen(client().is_ipv4(), job_ ? job_->source : message_[19] >> 4 & 7);
        }
        if (wait_-- == 0) state = kStart;
        break;
      case kStart:  // s-1, or the cycle of an error
        if (!good_) {
          state = kIdle;
          break;
        }
        frame = job_ ? framing.wakeup(job_->client, job_->nonce, job_->hop, job_->doi, source_)
                     : framing.host_message(message_, source_);
        beat = 0;
        wait_ = 2 * frame.size() + 23;
        state = kFrame;
        break;
      case kFrame:
        if (wait_ != 0)
          --wait_;
        else if (take) {
          if (last()) state = kDone;
          ++beat;
        }
        break;
      case kDone: state = kIdle; break;
    }
  }

 private:
  [[nodiscard]] net::Address client() const {
    return job_ ? job_->client : net::Address::from_octets(ByteView(message_).first(16));
  }
  [[nodiscard]] bool good(const Framing& framing) const {
    if (!job_ && (message_.size() < 33 || message_.size() > 1481)) return false;
    return framing.enable(client().is_ipv4()) != 0;
  }
  void check() {
    state = kCheck;
    wait_ = 2;
  }

  std::optional<Wakeup> job_;  // else a message
  Bytes message_;
  bool message_last_ = true, good_ = false;
  unsigned source_ = 0;
  std::size_t wait_ = 0;
};

class FramerBench : public tb::Bench<Vreveille_message_framer> {
 public:
  explicit FramerBench(unsigned seed) : Bench(static_cast<int>(seed)), random(seed) {
    tb::drive(dut->message_i, {{0, 74}});
    dut->wakeup_valid_i = dut->framing_write_i = dut->framing_commit_i = 0;
    reset();
  }

  std::mt19937 random;
  Framing framing;
  Reference reference;
  std::deque<Bytes> messages;    // for s_axis_host
  std::optional<Wakeup> wakeup;  // offered until taken, as nobody else does
  unsigned message_percent = 100, ready_percent = 100;
  unsigned errors = 0;
  std::vector<Bytes> sent;

  /// Writes the bank that is not in use; nothing changes until a commit.
  void write_bank(const std::array<std::uint8_t, 256>& memory) {
    for (unsigned word = 0; word < 64; ++word) {
      dut->framing_write_i = 1;
      dut->framing_address_i = static_cast<std::uint8_t>(word);
      dut->framing_data_i = tb::framing_word(memory, word);
      cycle();
    }
    dut->framing_write_i = 0;
  }
  void write_framing() {
    const auto memory = framing.memory;
    write_bank(memory);
    dut->framing_commit_i = 1;
    cycle();
    dut->framing_commit_i = 0;
  }

  void cycle() {
    framing.drive_server(dut->server_i);
    dut->wake_version_i = framing.wake_version;
    // A beat, once at H's head, stays there.
    if (!messages.empty() && !head_) head_ = random() % 100 < message_percent;
    Bytes octets;
    bool last = false;
    if (head_) {
      const std::size_t count = std::min<std::size_t>(8, messages.front().size() - offset_);
      octets.assign(messages.front().begin() + static_cast<std::ptrdiff_t>(offset_),
                    messages.front().begin() + static_cast<std::ptrdiff_t>(offset_ + count));
      last = offset_ + count == messages.front().size();
    }
    std::uint64_t data = 0;
    for (std::size_t i = 0; i < octets.size(); ++i) data |= static_cast<std::uint64_t>(octets[i]) << 8 * i;
    tb::drive(dut->message_i, {{head_, 1}, {last, 1}, {(1U << octets.size()) - 1, 8}, {data, 64}});
    dut->wakeup_valid_i = wakeup.has_value();
    const Wakeup job = wakeup.value_or(Wakeup{tb::random_client(random, false), 1, 2, true, 3});
    tb::drive(dut->wakeup_i,
              {{Framing::value(job.client), 128}, {job.nonce, 32}, {job.hop, 3}, {job.doi, 1}, {job.source, 3}});
    const bool ready = random() % 100 < ready_percent;
    dut->frame_ready_i = ready;
    settle();

    const bool taking = reference.state == Reference::kFill;
    const bool wakeup_ready = reference.job_ready(head_);
    REQUIRE(dut->busy_o == (reference.state != Reference::kIdle));
    REQUIRE(dut->wakeup_ready_o == wakeup_ready);
    REQUIRE(dut->message_ready_o == taking);
    REQUIRE(dut->message_error_o == reference.error());
    tb::Fields out(dut->frame_o, 74);
    REQUIRE(static_cast<bool>(out.next(1)) == reference.offered());
    if (reference.offered()) {
      const std::size_t at = 8 * reference.beat;
      const std::size_t count = std::min<std::size_t>(8, reference.frame.size() - at);
      std::uint64_t expected = 0;
      for (std::size_t i = 0; i < count; ++i) expected |= static_cast<std::uint64_t>(reference.frame[at + i]) << 8 * i;
      REQUIRE(static_cast<bool>(out.next(1)) == reference.last());
      REQUIRE(static_cast<unsigned>(out.next(8)) == (1U << count) - 1);
      REQUIRE(static_cast<std::uint64_t>(out.next(64)) == expected);
      if (ready && reference.last()) sent.push_back(reference.frame);
    }

    errors += reference.error();
    reference.step(framing, octets, last, wakeup, ready);
    if (wakeup_ready) wakeup.reset();
    if (head_ && taking) {
      offset_ += octets.size();
      head_ = false;
      if (last) {
        messages.pop_front();
        offset_ = 0;
      }
    }
    tick();
  }

  void run() {
    do cycle();
    while (wakeup || !messages.empty() || reference.state != Reference::kIdle);
    for (int i = 0; i < 3; ++i) cycle();
  }

 private:
  bool head_ = false;
  std::size_t offset_ = 0;
};

}  // namespace

TEST_CASE("Wake Ups: both families, both DOIs, with and without a tag, principals of any length") {
  FramerBench bench(1);
  unsigned parsed = 0;
  for (std::size_t length = 0; length <= 128; length += length < 4 || length > 120 ? 1 : 9) {
    bench.framing.randomize(bench.random, length);
    bench.write_framing();
    for (unsigned hop = 0; hop < 8; ++hop) {
      const bool ipv4 = bench.random() % 2;
      bench.wakeup = Wakeup{tb::random_client(bench.random, ipv4), static_cast<std::uint32_t>(bench.random()), hop,
                            bench.random() % 2 == 0, static_cast<unsigned>(bench.random() % 8)};
      const Wakeup job = *bench.wakeup;
      bench.run();
      const Bytes& frame = bench.sent.back();
      const unsigned tpid = bench.framing.memory[16 * hop + 12] << 8 | bench.framing.memory[16 * hop + 13];
      if (tpid != 0 && tpid != 0x8100 && tpid != 0x88A8) continue;  // the parser knows no other tags
      ++parsed;
      const net::UdpDatagram datagram = net::parse(frame);
      REQUIRE(datagram.destination == job.client);
      REQUIRE(datagram.payload.size() == 3 + 4 + std::min<std::size_t>(length, 127) + 1);
      REQUIRE(datagram.payload.back() == 0);
    }
  }
  REQUIRE(bench.sent.size() > 150);
  REQUIRE(parsed > 100);
}

TEST_CASE("Host messages of 1 to 1,449 octets") {
  FramerBench bench(2);
  bench.framing.randomize(bench.random, 20);
  bench.write_framing();
  std::size_t length = 1;
  while (length <= 1449) {
    const std::size_t before = bench.sent.size();
    bench.messages.push_back(tb::random_message(bench.random, bench.random() % 2, 32 + length));
    bench.message_percent = bench.random() % 3 ? 100 : 40;
    bench.ready_percent = bench.random() % 3 ? 100 : 40;
    bench.run();
    REQUIRE(bench.sent.size() == before + 1);
    length += length < 40 || length > 1440 ? 1 : std::min<std::size_t>(1 + bench.random() % 60, 1441 - length);
  }
  REQUIRE(bench.errors == 0);
}

TEST_CASE("E6: host messages too short, too long or of a family without a server address are dropped and counted") {
  FramerBench bench(3);
  bench.framing.randomize(bench.random, 5);
  bench.write_framing();
  unsigned expected = 0;
  for (const std::size_t octets :
       {1, 7, 8, 9, 16, 17, 31, 32, 1482, 1483, 1488, 2040, 2048, 2049, 2080, 2081, 4128, 9000}) {
    bench.messages.push_back(tb::random_message(bench.random, true, octets));
    bench.messages.push_back(tb::random_message(bench.random, false, 33 + octets % 50));
    bench.run();
    REQUIRE(bench.errors == ++expected);
  }
  for (const bool ipv4 : {false, true}) {
    (ipv4 ? bench.framing.ipv4_enable : bench.framing.ipv6_enable) = 0;
    bench.messages.push_back(tb::random_message(bench.random, ipv4, 100));
    bench.messages.push_back(tb::random_message(bench.random, !ipv4, 100));
    bench.run();
    REQUIRE(bench.errors == ++expected);
    bench.wakeup = Wakeup{tb::random_client(bench.random, ipv4), 1, 2, false, 0};
    bench.run();
    REQUIRE(bench.errors == ++expected);
    bench.wakeup = Wakeup{tb::random_client(bench.random, !ipv4), 1, 2, false, 0};
    bench.run();
    REQUIRE(bench.errors == expected);
    (ipv4 ? bench.framing.ipv4_enable : bench.framing.ipv6_enable) = 3;
  }
}

TEST_CASE("A UDP checksum that comes out as 0 is sent as 0xFFFF") {
  FramerBench bench(4);
  for (const bool ipv4 : {false, true}) {
    bench.framing.randomize(bench.random, 9);
    bench.write_framing();
    const net::Address client = tb::random_client(bench.random, ipv4);
    for (unsigned hop = 0; hop < 8; ++hop) {
      for (std::uint32_t low = 0; low < 0x10000; ++low) {
        const Bytes frame = bench.framing.wakeup(client, 0x1234'0000 | low, hop, false, 0);
        const std::size_t header =
            (bench.framing.memory[16 * hop + 12] | bench.framing.memory[16 * hop + 13]) ? 18 : 14;
        const std::size_t at = header + (ipv4 ? 20 : 40) + 6;
        if (frame[at] != 0xFF || frame[at + 1] != 0xFF) continue;
        bench.wakeup = Wakeup{client, 0x1234'0000 | low, hop, false, 0};
        bench.run();
        break;
      }
    }
  }
  REQUIRE(bench.sent.size() == 16);
}

TEST_CASE("Wake Ups and host messages, offered at random, framed one after the other") {
  FramerBench bench(5);
  bench.framing.randomize(bench.random, 30);
  bench.write_framing();
  for (int cycle = 0; cycle < 300'000; ++cycle) {
    if (cycle % 50'000 == 0) {
      bench.message_percent = cycle % 100'000 ? 30 : 100;
      bench.ready_percent = cycle % 150'000 ? 30 : 100;
    }
    if (bench.messages.size() < 2 && bench.random() % 400 == 0) {
      bench.messages.push_back(tb::random_message(bench.random, bench.random() % 2, 20 + bench.random() % 200));
    }
    // Offered for a cycle only, as session_control does.
    bench.wakeup.reset();
    if (bench.random() % 20 == 0) {
      bench.wakeup = Wakeup{tb::random_client(bench.random, bench.random() % 2),
                            static_cast<std::uint32_t>(bench.random()), static_cast<unsigned>(bench.random() % 8),
                            bench.random() % 2 == 0, static_cast<unsigned>(bench.random() % 8)};
    }
    bench.cycle();
  }
  REQUIRE(bench.sent.size() > 500);
  REQUIRE(bench.reference.turns > 20);
}

TEST_CASE("The source address is the one that was asked for, if it is enabled, else the first that is") {
  FramerBench bench(6);
  bench.framing.randomize(bench.random, 3);
  bench.write_framing();
  for (const bool ipv4 : {false, true}) {
    for (unsigned enable = 1; enable < 4; ++enable) {
      (ipv4 ? bench.framing.ipv4_enable : bench.framing.ipv6_enable) = enable;
      for (unsigned source = 0; source < 8; ++source) {
        bench.wakeup = Wakeup{tb::random_client(bench.random, ipv4), 1, 2, false, source};
        Bytes message = tb::random_message(bench.random, ipv4, 40);
        message[19] = static_cast<std::uint8_t>(message[19] & 0x8F) | static_cast<std::uint8_t>(source << 4);
        bench.messages.push_back(message);
        bench.run();
      }
    }
  }
  REQUIRE(bench.sent.size() == 2 * 3 * 8 * 2);
}

TEST_CASE("E6, E7: what the host changes counts up to its cycle, and not for the frame under way") {
  FramerBench bench(7);
  bench.framing.randomize(bench.random, 12);
  bench.write_framing();
  for (int change = 0; change < 400; ++change) {
    const bool ipv4 = change % 2;
    if (change % 4 < 2) {
      bench.wakeup = Wakeup{tb::random_client(bench.random, ipv4), static_cast<std::uint32_t>(bench.random()),
                            static_cast<unsigned>(bench.random() % 8), false, static_cast<unsigned>(change / 8 % 2)};
    } else {
      bench.messages.push_back(tb::random_message(bench.random, ipv4, 33 + bench.random() % 8));
    }
    // Around s-1, at any time within the frame, or behind it.
    for (unsigned wait = change % 8 < 4 ? bench.random() % 16 : bench.random() % 300; wait != 0; --wait) bench.cycle();
    switch (change / 8 % 5) {
      case 0:
        for (net::Address& address : bench.framing.ipv6) address = tb::random_client(bench.random, false);
        for (net::Address& address : bench.framing.ipv4) address = tb::random_client(bench.random, true);
        break;
      case 1: bench.framing.port = static_cast<std::uint16_t>(bench.random()); break;
      case 2: bench.framing.wake_version = static_cast<std::uint8_t>(bench.random()); break;
      case 3:
        bench.framing.ipv4_enable = 1 + static_cast<unsigned>(bench.random() % 3);
        bench.framing.ipv6_enable = bench.random() % 4;
        break;
      default: break;
    }
    bench.run();

    // The banks: written while a frame is under way, exchanged in any cycle of it.
    Framing next = bench.framing;
    next.randomize(bench.random, 1 + bench.random() % 40);
    bench.write_bank(next.memory);
    bench.wakeup = Wakeup{tb::random_client(bench.random, ipv4), 7, static_cast<unsigned>(bench.random() % 8), true, 0};
    bench.framing.ipv6_enable = 3;
    for (int wait = change % 8; wait != 0; --wait) bench.cycle();
    bench.framing.memory = next.memory;
    bench.dut->framing_commit_i = 1;
    bench.cycle();
    bench.dut->framing_commit_i = 0;
    bench.run();
  }
}
