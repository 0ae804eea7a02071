// SPDX-License-Identifier: Apache-2.0
// reveille_egress_arbiter against two queues and one rule: docs/timing/egress.md E1 to E3.
#include <cstdint>
#include <deque>
#include <random>

#include "Vreveille_egress_arbiter.h"
#include "bench.hpp"
#include "catch.hpp"
#include "guard/packed.hpp"

namespace {

using reveille::tb::drive;
using reveille::tb::Fields;

struct Beat {
  std::uint64_t data = 0;
  std::uint8_t keep = 0;
  bool last = false;
  bool user = false;
};

/// A source of frames: its next beat stays until it is taken. Data is a serial number, so that nothing can be swapped.
class Source {
 public:
  Source(unsigned seed, bool gaps) : random_(seed), gaps_(gaps) {}

  /// Whether a beat is offered in this cycle; without gaps a frame, once begun, always is.
  bool offer(unsigned percent) {
    if (!offered_) offered_ = (!gaps_ && !first_) || random_() % 100 < percent;
    if (offered_ && first_ && left_ == 0) {
      left_ = 1 + random_() % 9;
      message_ = random_() % 3 == 0;
    }
    return offered_;
  }
  [[nodiscard]] Beat beat() const {
    const bool last = left_ == 1;
    return {serial_, static_cast<std::uint8_t>(last ? 0xFF >> (serial_ % 8) : 0xFF), last,
            first_ ? message_ : serial_ % 2 == 0};  // behind the first beat tuser means nothing
  }
  void take() {
    first_ = left_ == 1;
    --left_;
    serial_ += 0x0101;
    offered_ = false;
  }

 private:
  std::mt19937 random_;
  bool gaps_;
  bool offered_ = false, first_ = true, message_ = false;
  unsigned left_ = 0;
  std::uint64_t serial_ = 0x1234'5678'0001;
};

}  // namespace

TEST_CASE("E1 to E3: whole frames, the framer's first, through two queues") {
  reveille::tb::Bench<Vreveille_egress_arbiter> bench(1);
  auto& dut = *bench.dut;
  dut.host_valid_i = 0;
  drive(dut.frame_i, {{0, 74}});
  bench.reset();
  std::mt19937 random(3);
  Source host(1, true), framer(2, false);
  std::deque<Beat> h, n;
  bool first = true, message = false;
  enum { kFree, kHost, kFramer } under_way = kFree;
  unsigned passed = 0, framed = 0, messages = 0;

  for (int cycle = 0; cycle < 300'000; ++cycle) {
    const int phase = cycle / 2000 % 4;
    const bool host_valid = host.offer(phase == 1 ? 100 : 50);
    const bool frame_valid = framer.offer(phase == 2 ? 100 : 10);
    const bool net_ready = phase == 3 ? random() % 4 == 0 : phase == 1 || random() % 8 != 0;
    const bool message_ready = random() % 3 != 0;
    const Beat in = host_valid ? host.beat() : Beat{random(), 0xFF, true, true};
    const Beat frame = frame_valid ? framer.beat() : Beat{};
    dut.host_valid_i = host_valid;
    dut.host_data_i = in.data;
    dut.host_keep_i = in.keep;
    dut.host_last_i = in.last;
    dut.host_user_i = in.user;
    dut.message_ready_i = message_ready;
    drive(dut.frame_i, {{frame_valid, 1}, {frame.last, 1}, {frame.keep, 8}, {frame.data, 64}});
    dut.net_ready_i = net_ready;
    bench.settle();

    // E1, E2
    REQUIRE(dut.host_ready_o == (h.size() < 2));
    REQUIRE(dut.net_valid_o == !n.empty());
    const Beat out = n.empty() ? Beat{} : n.front();
    REQUIRE(dut.net_data_o == out.data);
    REQUIRE(dut.net_keep_o == out.keep);
    REQUIRE(dut.net_last_o == out.last);

    // H's head
    const bool is_message = !h.empty() && (first ? h.front().user : message);
    Fields offered(dut.message_o, 74);
    REQUIRE(static_cast<bool>(offered.next(1)) == is_message);
    if (is_message) {
      REQUIRE(static_cast<bool>(offered.next(1)) == h.front().last);
      REQUIRE(static_cast<std::uint8_t>(offered.next(8)) == h.front().keep);
      REQUIRE(static_cast<std::uint64_t>(offered.next(64)) == h.front().data);
    }

    // E3
    const bool room = n.empty() || net_ready;
    const bool move_frame = room && frame_valid && under_way != kHost;
    const bool move_host = room && !h.empty() && !is_message && under_way != kFramer && !move_frame &&
                           (under_way == kHost || !frame_valid);
    if (frame_valid) REQUIRE(dut.frame_ready_o == (room && under_way != kHost));

    const bool take = net_ready && !n.empty();
    const bool put = host_valid && h.size() < 2;
    if (move_frame) {
      n.push_back(frame);
      under_way = frame.last ? kFree : kFramer;
      framed += frame.last;
      framer.take();
    }
    if (move_host) {
      n.push_back(h.front());
      under_way = h.front().last ? kFree : kHost;
      passed += h.front().last;
    }
    if (move_host || (is_message && message_ready)) {
      message = is_message;
      first = h.front().last;
      messages += is_message && first;
      h.pop_front();
    }
    if (take) n.pop_front();
    if (put) {
      h.push_back(in);
      host.take();
    }
    bench.tick();
  }
  REQUIRE(passed > 3000);
  REQUIRE(framed > 3000);
  REQUIRE(messages > 3000);
}
