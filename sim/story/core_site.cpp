// SPDX-License-Identifier: Apache-2.0
#include "story/core_site.hpp"

#include <algorithm>

#include "interrupt.hpp"
#include "reveille/core/register_map.hpp"

namespace reveille::sim {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

namespace {

const sc_time& period() {
  static const sc_time value(static_cast<double>(CoreSite::period_ps), sc_core::SC_PS);
  return value;
}

/// Cycles after the last thing that moved at a port in which the core may still be at work (framing: 2 x 1,514 + 10).
constexpr std::uint64_t settling_cycles = 4'096;
/// Cycles that the clock runs ahead at most, so that a run can be interrupted.
constexpr std::uint64_t longest_batch = 16'384;

}  // namespace

CoreSite::CoreSite(sc_core::sc_module_name name, core::CoreInterface& core, Config config, Network& network,
                   Flood* flood, CoreObserver& observer)
    : sc_module(name),
      core_(core),
      config_(std::move(config)),
      network_(network),
      flood_(flood),
      observer_(observer),
      host_([this](std::function<void()> call) { posted_.push_back(std::move(call)); }),
      entropy_(config_.seed) {
  for (const bool ipv4 : {true, false}) {
    for (const net::Address& address : config_.setup.server.addresses(ipv4))
      network_.attach(address, [this](const nodes::Datagram& datagram) { receive(datagram); });
  }
  SC_THREAD(clock_thread);
}

void CoreSite::receive(const nodes::Datagram& datagram) {
  net::UdpFrame frame;
  frame.ethernet_destination = config_.setup.hops.front().source;
  frame.ethernet_source = config_.setup.hops.front().destination;
  frame.source = datagram.source.address;
  frame.destination = datagram.destination.address;
  frame.source_port = datagram.source.port;
  frame.destination_port = datagram.destination.port;
  frame.payload = datagram.payload;
  line_queue_.push_back(net::build(frame));
  work_.notify(sc_core::SC_ZERO_TIME);
}

void CoreSite::clock_thread() {
  // SystemC would make a text of it; the story throws it again from where it was told.
  const auto fail = [this] {
    failure_ = std::current_exception();
    sc_core::sc_stop();
  };
  try {
    clock();
  } catch (const Error&) {
    fail();
  } catch (const Interrupted&) {
    fail();
  }
}

void CoreSite::clock() {
  bring_up();
  flooding_ = flood_ != nullptr && !flood_->empty();
  if (on_ready) on_ready();
  if (after_calls) after_calls();
  for (;;) {
    if (quiet() && may_sleep()) {
      sleep();
    } else {
      run();
    }
  }
}

void CoreSite::bring_up() {
  core::Driver driver(core_, [this] {
    end_if_interrupted();
    core_.clock();
    ++cycles_;
  });
  driver.bring_up(config_.setup, config_.seed);
  driver.write(core::address::irq_enable, HostInterface::interrupts());
}

void CoreSite::run() {
  const sc_time ahead = sc_core::sc_pending_activity()
                            ? sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext())
                            : sc_core::SC_ZERO_TIME;
  const sc_time left = config_.end > sc_time_stamp() ? config_.end - sc_time_stamp() : sc_core::SC_ZERO_TIME;
  const std::uint64_t batch =
      std::clamp<std::uint64_t>(std::min(ahead, left).value() / period().value(), 1, longest_batch);
  std::uint64_t done = 0;
  while (done < batch && posted_.empty()) {
    step(sc_time_stamp() + static_cast<double>(done) * period());
    ++done;
  }
  wait(static_cast<double>(done) * period());
  std::vector<std::function<void()>> calls;
  calls.swap(posted_);
  for (const auto& call : calls) call();
  if (!calls.empty() && after_calls) after_calls();
}

void CoreSite::sleep() {
  const auto begin = sc_time_stamp().value();
  wait(work_);
  jumped_us_ += sc_time::from_value(sc_time_stamp().value() - begin).to_seconds() * 1e6;
  last_activity_ = cycles_;
}

bool CoreSite::quiet() const {
  return !flooding_ && line_.idle() && line_queue_.empty() && host_.idle() && in_flight_count_ == 0 &&
         cycles_ - last_activity_ > settling_cycles;
}

void CoreSite::step(const sc_time& time) {
  const core::Outputs& outputs = core_.outputs();
  core::Inputs& inputs = core_.inputs;
  inputs.time_us = time.value() / 1'000'000;  // the kernel's resolution is a picosecond

  if (entropy_left_ == 0) {
    entropy_pool_ = entropy_();
    entropy_left_ = 8;
  }
  inputs.entropy_valid = true;
  inputs.entropy_data = static_cast<std::uint8_t>(entropy_pool_);
  if (outputs.entropy_ready) {
    entropy_pool_ >>= 8;
    --entropy_left_;
  }

  feed_line(time, outputs);
  host_.drive(outputs, inputs, time.value() / 1'000);
  inputs.net_tx_ready = inputs.host_rx_ready = true;
  collect(time, outputs);
  if (outputs.verdict_valid) settle_verdict(outputs);
  core_.clock();
  ++cycles_;
}

void CoreSite::feed_line(const sc_time& time, const core::Outputs& outputs) {
  if (line_.idle()) next_line_frame();
  core_.inputs.net_rx = line_.beat();
  if (!core_.inputs.net_rx.valid) return;
  last_activity_ = cycles_;
  if (!outputs.net_rx_ready) {
    ++net_ready_low_;
    return;
  }
  if (line_.at_first_beat()) {
    if (in_flight_count_ == in_flight_.size()) throw Error(ErrorKind::internal, "a frame has had no verdict");
    LineFrame& frame = in_flight_[(in_flight_head_ + in_flight_count_++) % in_flight_.size()];
    frame.octets.assign(line_.frame().begin(), line_.frame().end());
    frame.attack = line_attack_;
    frame.hole = line_hole_;
    frame.cycle = cycles_;
    frame.time = time;
  }
  line_.advance();
}

void CoreSite::next_line_frame() {
  if (!line_time_.free(cycles_)) return;
  if (!line_queue_.empty()) {
    line_attack_.reset();
    line_hole_ = nullptr;
    line_.start(line_queue_.front());
    line_queue_.pop_front();
    line_time_.take(cycles_, line_.frame().size());
  } else if (flooding_ && cycles_ * LineTime::octets_a_cycle >= flood_resumes_) {
    const Flood::Frame* frame = flood_->next();
    if (frame == nullptr) return;
    line_attack_ = frame->attack;
    line_hole_ = frame->hole;
    line_.start(frame->octets);
    const double pause =
        static_cast<double>(LineTime::taken(frame->octets.size())) * (1 / std::max(config_.flood_share, 1e-6) - 1);
    flood_resumes_ = line_time_.take(cycles_, frame->octets.size()) + static_cast<std::uint64_t>(pause);
  }
}

void CoreSite::settle_verdict(const core::Outputs& outputs) {
  if (in_flight_count_ == 0) throw Error(ErrorKind::internal, "a verdict without a frame");
  const LineFrame& frame = in_flight_[in_flight_head_];
  const auto verdict = static_cast<Verdict>(outputs.verdict_code);
  if (flood_ != nullptr && !frame.attack && verdict == Verdict::accepted) flood_->overhear(frame.octets);
  observer_.judged(frame, verdict, outputs.verdict_pass, outputs.verdict_lost);
  if (outputs.verdict_pass && !outputs.verdict_lost) passed_.push_back(frame.hole);
  in_flight_head_ = (in_flight_head_ + 1) % in_flight_.size();
  --in_flight_count_;
}

void CoreSite::collect(const sc_time& time, const core::Outputs& outputs) {
  if (outputs.host_rx.valid && host_frames_.take(outputs.host_rx)) {
    last_activity_ = cycles_;
    const auto verdict = static_cast<Verdict>(outputs.host_rx.user);
    if (passed_.empty()) throw Error(ErrorKind::internal, "a frame at the host that did not pass");
    observer_.delivered(host_frames_.frame(), verdict, passed_.front(), time);
    passed_.pop_front();
    posted_.emplace_back([this, frame = host_frames_.frame(), verdict] {
      if (on_frame) on_frame(frame, verdict);
    });
  }
  if (outputs.net_tx.valid && net_frames_.take(outputs.net_tx)) {
    last_activity_ = cycles_;
    observer_.transmitted(net_frames_.frame(), time);
    posted_.emplace_back([this, frame = net_frames_.frame()] {
      const net::UdpDatagram datagram = net::parse(frame);
      network_.send({{datagram.source, datagram.source_port},
                     {datagram.destination, datagram.destination_port},
                     datagram.payload});
    });
  }
}

}  // namespace reveille::sim
