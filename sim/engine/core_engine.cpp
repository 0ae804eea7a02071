// SPDX-License-Identifier: Apache-2.0
#include "engine/core_engine.hpp"

#include <algorithm>

#include "engine/difference_report.hpp"
#include "engine/server_setup.hpp"
#include "interrupt.hpp"
#include "reveille/core/core.hpp"

namespace reveille::sim {

namespace {

constexpr std::uint64_t seed = 1;  // of the entropy source: a replay has no other randomness
/// Cycles in which every frame under way has its verdict and has left for the host: no frame is longer than 1,152
/// beats.
constexpr std::uint64_t patience = 4'096;
/// Cycles in which a core without traffic visits every place of its store.
constexpr std::uint64_t sweep_cycles = std::uint64_t{25} * config::kSessions;

net::Address address_of(const std::array<std::uint32_t, 4>& words) {
  net::Address address;
  for (std::size_t i = 0; i < 16; ++i)
    address.octets[i] = static_cast<std::uint8_t>(words[i / 4] >> (24 - 8 * (i % 4)));
  return address;
}

}  // namespace

CoreSet::CoreSet(EngineKind kind, std::uint64_t seed, const std::optional<WaveformWindow>& waveform) {
  if (kind != EngineKind::model) rtl_ = make_verilated_core(static_cast<int>(seed & 0x7FFF'FFFF), waveform);
  if (kind != EngineKind::rtl) model_ = std::make_unique<core::Core>();
  if (kind == EngineKind::lockstep) lockstep_ = std::make_unique<Lockstep>(*rtl_, *model_, seed);
  driven_ = kind == EngineKind::rtl ? rtl_.get() : kind == EngineKind::model ? model_.get() : lockstep_.get();
}

CoreSet::CoreSet(std::unique_ptr<core::CoreInterface> rtl, std::unique_ptr<core::CoreInterface> model,
                 std::uint64_t seed)
    : rtl_(std::move(rtl)),
      model_(std::move(model)),
      lockstep_(std::make_unique<Lockstep>(*rtl_, *model_, seed)),
      driven_(lockstep_.get()) {}

CoreEngine::CoreEngine(EngineKind kind) : CoreEngine(CoreSet(kind, seed)) {}
CoreEngine::CoreEngine(CoreSet cores) : cores_(std::move(cores)), driver_(cores_.core(), [this] { step(); }) {}

void CoreEngine::configure(const policy::ServerConfig& config) {
  core::Setup setup;
  setup.server = server_setup(config);
  setup.event_mask = 0;     // nobody reads the log
  setup.noise_silence = 0;  // noise is fed until the core is ready only
  try {
    driver_.bring_up(setup, seed);
  } catch (const LockstepError& error) {
    throw DifferenceFound(describe(error.difference(), *cores_.lockstep()));
  }
}

ResultCode CoreEngine::carry_out(const driver::Command& command, std::uint64_t time_us) {
  settle();
  cores_.core().inputs.time_us = time_us;
  try {
    const ResultCode result = driver_.command(command).code;
    if (result == ResultCode::not_ready || result > ResultCode::bad_argument) {
      throw Error(ErrorKind::internal, "a host command: the core is not ready");
    }
    return result;
  } catch (const LockstepError& error) {
    throw DifferenceFound(describe(error.difference(), *cores_.lockstep()));
  }
}

ResultCode CoreEngine::command(const driver::Command& command, std::uint64_t time_us) {
  ResultCode result = carry_out(command, time_us);
  if (!command.inserts()) return result;
  if (result == ResultCode::full && sweep(time_us)) result = carry_out(command, time_us);
  if (result == ResultCode::ok) deadlines_.push(time_us + command.lifetime);
  return result;
}

bool CoreEngine::sweep(std::uint64_t time_us) {
  // In the idle time that was jumped the core would have cleared their places.
  if (deadlines_.empty() || deadlines_.top() > time_us) return false;
  while (!deadlines_.empty() && deadlines_.top() <= time_us) deadlines_.pop();
  for (std::uint64_t i = 0; i < sweep_cycles; ++i) step();
  return true;
}

void CoreEngine::play(ByteView frame, std::uint64_t time_us) {
  // Frames before this one, which may still wait for their verdicts, go by their own times.
  cores_.core().inputs.time_us = time_us;
  pending_.emplace_back();
  line_.start(frame);
  while (!line_.idle()) {
    stream();
    step();
  }
}

void CoreEngine::stream() {
  host_beats_.clear();
  const std::size_t cycles = cores_.core().stream(line_.before_last_beat(), host_beats_);
  for (const core::StreamSource& beat : host_beats_) {
    if (host_.take(beat)) take_host_frame();
  }
  line_.advance(cycles);
  cycles_ += cycles;
}

void CoreEngine::settle() {
  for (std::uint64_t i = 0; !pending_.empty(); ++i) {
    if (i == patience) throw Error(ErrorKind::internal, "a frame has not come out at the host");
    step();
  }
}

void CoreEngine::finish() {
  settle();
  cores_.core().finish();
}

void CoreEngine::step() {
  end_if_interrupted();
  core::CoreInterface& core = cores_.core();
  core.inputs.net_rx = line_.beat();
  const core::Outputs& outputs = core.outputs();
  if (outputs.verdict_valid) take_verdict(outputs);
  if (outputs.host_rx.valid && host_.take(outputs.host_rx)) take_host_frame();
  const bool taken = core.inputs.net_rx.valid && outputs.net_rx_ready;
  try {
    core.clock();
  } catch (const LockstepError& error) {
    const std::string report = describe(error.difference(), *cores_.lockstep());
    finish_judged(error.difference());
    throw DifferenceFound(report);
  }
  if (taken) line_.advance();
  ++cycles_;
}

void CoreEngine::take_verdict(const core::Outputs& outputs) {
  if (judged_ == pending_.size()) throw Error(ErrorKind::internal, "a verdict without a frame");
  if (outputs.verdict_lost) throw Error(ErrorKind::internal, "a frame was lost although the host was ready");
  Pending& pending = pending_[judged_++];
  pending.outcome.verdict = static_cast<Verdict>(outputs.verdict_code);
  pending.outcome.source = address_of(outputs.verdict_source);
  pending.outcome.nonce = nonce_read(pending.outcome.verdict, outputs.verdict_value);
  pending.judged = true;
  pending.passes = outputs.verdict_pass;
  deliver();
}

void CoreEngine::take_host_frame() {
  const auto waiting = std::ranges::find_if(
      pending_, [](const Pending& pending) { return pending.passes && !pending.outcome.host_frame; });
  if (waiting == pending_.end()) throw Error(ErrorKind::internal, "a frame for the host that did not pass");
  waiting->outcome.host_frame = host_.frame();
  deliver();
}

void CoreEngine::deliver() {
  while (!pending_.empty() && pending_.front().judged &&
         pending_.front().passes == pending_.front().outcome.host_frame.has_value()) {
    on_outcome(std::move(pending_.front().outcome));
    pending_.pop_front();
    --judged_;
  }
}

void CoreEngine::finish_judged(const LockstepDifference& difference) {
  // Frames leave for the host in order: where that port differs, it is the frame now under way that does.
  if (difference.signal.rfind("m_axis_host", 0) == 0) return;
  pending_.resize(judged_);
  core::CoreInterface& model = *cores_.model();
  model.inputs.net_rx = {};
  for (std::uint64_t i = 0; i < patience && !pending_.empty(); ++i) {
    if (const core::StreamSource& beat = model.outputs().host_rx; beat.valid && host_.take(beat)) take_host_frame();
    model.clock();
  }
}

std::unique_ptr<Engine> make_engine(EngineKind kind) { return std::make_unique<CoreEngine>(kind); }

}  // namespace reveille::sim
