// SPDX-License-Identifier: Apache-2.0
#include "live/live_core.hpp"

#include <sys/random.h>

#include "engine/difference_report.hpp"
#include "interrupt.hpp"

namespace reveille::sim {
namespace {

/// Cycles without a look at interfaces and control socket: an access to a register waits so long at most.
constexpr unsigned slice = 64;
/// More than a beat from the host takes to the network.
constexpr std::uint64_t egress_cycles = 32;

std::uint64_t unix_us() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

void FrameQueue::push(ByteView frame, bool message) {
  if (count_ == frames_.size()) {
    std::rotate(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_), frames_.end());
    first_ = 0;
    frames_.resize(std::max<std::size_t>(16, 2 * frames_.size()));
  }
  Slot& slot = frames_[(first_ + count_++) % frames_.size()];
  slot.octets.assign(frame.begin(), frame.end());
  slot.message = message;
}

void FrameQueue::pop() {
  first_ = (first_ + 1) % frames_.size();
  --count_;
}

LiveCore::LiveCore(EngineKind kind, std::function<std::uint64_t()> passed)
    : cores_(kind, unix_us()),
      driver_(cores_.core(), [this] { step(); }),
      passed_(std::move(passed)),
      begin_us_(unix_us()) {}

// Unlike the machine's clock, which may be set, this never runs backwards.
std::function<std::uint64_t()> LiveCore::steady_time() {
  using namespace std::chrono;
  return [begin = steady_clock::now()] {
    return static_cast<std::uint64_t>(duration_cast<microseconds>(steady_clock::now() - begin).count());
  };
}

void LiveCore::bring_up(const core::Setup& setup) {
  core::CoreInterface& core = cores_.core();
  core.inputs.rst_n = false;
  driver_.run(2);
  core.inputs.rst_n = true;
  driver_.identify();
  driver_.configure(setup);
  driver_.load_framing(setup.hops, setup.principal);
  driver_.wait_until_usable();
  up_ = true;
}

void LiveCore::run_frames() {
  while (!net_queue_.empty() || !host_queue_.empty() || !net_line_.idle() || !host_line_.idle()) step();
}

bool LiveCore::run_on() {
  set_time();
  const auto busy = [this] {
    return owed_ != 0 || !judged_next_.empty() || host_expected_ != 0 || cycles_ - last_egress_ < egress_cycles;
  };
  for (unsigned i = 0; i < slice && busy(); ++i) step();
  return busy();
}

void LiveCore::step() {
  if (!up_) end_if_interrupted();
  core::CoreInterface& core = cores_.core();
  core::Inputs& in = core.inputs;
  if (net_line_.idle() && !net_queue_.empty()) {
    net_line_.start(net_queue_.front());
    judged_next_.push(net_queue_.front());
    net_queue_.pop();
    in.time_us = now_us();
  }
  if (host_line_.idle() && !host_queue_.empty()) {
    start_host_frame();
    host_queue_.pop();
  }
  const core::Outputs& out = core.outputs();
  in.net_rx = net_line_.beat();
  in.host_tx = host_line_.beat();
  feed_noise(in);
  take_outputs(out);
  const bool net_taken = in.net_rx.valid && out.net_rx_ready;
  const bool host_taken = in.host_tx.valid && out.host_tx_ready;
  try {
    core.clock();
  } catch (const LockstepError& error) {
    throw DifferenceFound(describe(error.difference(), *cores_.lockstep()));
  }
  if (net_taken) net_line_.advance();
  if (host_taken) {
    host_line_.advance();
    last_egress_ = cycles_;
  }
  if (owed_ != 0) --owed_;
  ++cycles_;
}

void LiveCore::start_host_frame() {
  const bool message = host_queue_.is_message();
  if (!core::kInBandHeader) return host_line_.start(host_queue_.front(), message ? 1 : 0);
  host_frame_.clear();
  const std::uint64_t header = core::tx_header(message).data;
  for (unsigned i = 0; i < core::kHeaderOctets; ++i) host_frame_.push_back(static_cast<std::uint8_t>(header >> 8 * i));
  append(host_frame_, host_queue_.front());
  host_line_.start(host_frame_);
}

// All samples are tested, so in a cycle out of eight there is one: more than the start and any reseeding wait for.
void LiveCore::feed_noise(core::Inputs& in) {
  in.entropy_valid = cycles_ % 8 == 0;
  if (!in.entropy_valid) return;
  if (noise_used_ == noise_.size()) {
    std::size_t got = 0;
    while (got < noise_.size()) {
      const ssize_t octets = getrandom(noise_.data() + got, std::min<std::size_t>(256, noise_.size() - got), 0);
      if (octets > 0) got += static_cast<std::size_t>(octets);
    }
    noise_used_ = 0;
  }
  in.entropy_data = noise_[noise_used_++];
}

void LiveCore::take_outputs(const core::Outputs& out) {
  if (out.verdict_valid) {
    if (judged_next_.empty()) throw Error(ErrorKind::internal, "a verdict without a frame");
    if (out.verdict_pass && !out.verdict_lost) ++host_expected_;
    if (on_verdict)
      on_verdict(judged_next_.front(), static_cast<Verdict>(out.verdict_code), out.verdict_pass, out.verdict_lost);
    judged_next_.pop();
  }
  if (out.host_rx.valid && host_frames_.take(out.host_rx)) {
    if (host_expected_ == 0) throw Error(ErrorKind::internal, "a frame for the host that did not pass");
    --host_expected_;
    if (on_host_frame) on_host_frame(host_frames_.frame(), static_cast<Verdict>(out.host_rx.user));
  }
  if (!out.net_tx.valid) return;
  last_egress_ = cycles_;
  if (net_frames_.take(out.net_tx) && on_net_frame) on_net_frame(net_frames_.frame());
}

}  // namespace reveille::sim
