// SPDX-License-Identifier: Apache-2.0
#include "core/core.hpp"

namespace reveille::core {

Core::Core(const NonceGeneratorParameters& generator) : generator_(generator) { reset(); }

void Core::reset() {
  parser_.reset();
  delay_.reset();
  buffer_.reset();
  guard_.reset();
  session_control_.reset();
  generator_.reset();
  framer_.reset();
  arbiter_.reset();
  event_log_.reset();
  counters_.reset();
  registers_.reset();
  release_cycles_left_ = kReleaseCycles;
  show();
}

// First what this cycle holds is gathered from all blocks, then each block moves on. Where a block's accessor is used
// after its `clock`, it shows the next cycle; so the order below matters.
void Core::clock() {
  if (!inputs.rst_n) return reset();
  if (release_cycles_left_ != 0) {
    --release_cycles_left_;
    return;
  }
  const std::uint64_t time = inputs.time_us & kTimeMask;
  const Configuration& config = registers_.configuration();
  if (registers_.framing_commit()) framer_.memory().commit();  // H25
  if (const auto& write = registers_.framing_write()) framer_.memory().write(write->word, write->value);

  const Lookup* lookup = parser_.lookup();
  const Descriptor* descriptor = parser_.descriptor();
  const VerdictOutput* verdict = guard_.verdict();
  const FrameVerdict frame_verdict = verdict != nullptr ? verdict->verdict : FrameVerdict{};
  const bool lost = buffer_.lost(frame_verdict);
  const HealthTests& health = generator_.health();
  const bool message_waits = arbiter_.message_waits();
  const bool event_ready = event_log_.ready();
  const bool wakeup_ready = framer_.wakeup_ready(message_waits);
  const bool wakeup_taken = wakeup_ready && session_control_.wakeup() != nullptr;
  const WakeupJob job = wakeup_taken ? *session_control_.wakeup() : WakeupJob{};

  if (registers_.reads_now()) sample();
  const RegisterInputs register_inputs{session_control_.done(), event_log_.count() != 0,
                                       health.rct_failed(),     health.apt_failed(),
                                       health.silent(),         wakeup_taken,
                                       framer_.error(),         time};

  event_log_.clock({verdict, lost, config.event_mask, session_control_.event(), registers_.reads_event(),
                    registers_.event_realign()});
  const bool nonce_ready = session_control_.nonce_ready();
  session_control_.clock({registers_.command(), generator_.nonce_valid(), generator_.nonce(), generator_.seeded(),
                          !guard_.owns_memories(lookup), event_ready, wakeup_ready, parser_.store_time(time)},
                         store_, config);
  generator_.clock({inputs.entropy_valid, inputs.entropy_data, nonce_ready, registers_.generator_restart(),
                    config.silence_limit, config.restart_limit});

  counters_.clock(frame_verdict.valid, frame_verdict.code, lost, frame_verdict.oversize);
  buffer_.clock(delay_.beat(), frame_verdict, inputs.host_rx_ready);
  guard_.clock(lookup, descriptor, lost, store_, config);
  delay_.clock(parser_.ready() ? inputs.net_rx : StreamSource{});
  parser_.clock(inputs.net_rx, time, config, session_control_.hash());

  clock_egress(message_waits, wakeup_taken ? &job : nullptr, config);
  registers_.clock(inputs, register_inputs);
  show();
}

void Core::clock_egress(bool message_waits, const WakeupJob* job, const Configuration& config) {
  const StreamSource* host_head = arbiter_.host_head();
  const StreamSource* offered = framer_.offered();
  const bool moved = arbiter_.moves_framer(offered, inputs.net_tx_ready);
  const bool taken = framer_.takes(host_head);
  const StreamSource host_beat = taken ? *host_head : StreamSource{};
  arbiter_.clock(inputs.host_tx, inputs.net_tx_ready, offered, taken);
  framer_.clock(taken ? &host_beat : nullptr, message_waits, job, moved, config);
}

void Core::sample() {
  const HealthTests& health = generator_.health();
  registers_.sample({session_control_.ready(), generator_.seeded(), health.rct_failed(), health.apt_failed(),
                     health.silent(), generator_.restarts(), framer_.busy(), &session_control_.result(),
                     event_log_.count(), event_log_.word(), event_log_.word_index() == EventLog::kNonceWord,
                     event_log_.dropped(), counters_.value(registers_.counter_index())});
}

void Core::show() {
  Outputs& out = outputs_;
  out.net_rx_ready = parser_.ready();
  out.host_tx_ready = arbiter_.host_ready();
  out.net_tx = arbiter_.net();
  out.host_rx = buffer_.host();
  out.entropy_ready = NonceGenerator::entropy_ready();

  const AxilSlave::Bus& bus = registers_.bus();
  out.awready = bus.awready;
  out.wready = bus.wready;
  out.bvalid = bus.bvalid;
  out.bresp = bus.bresp;
  out.arready = bus.arready;
  out.rvalid = bus.rvalid;
  out.rdata = bus.rdata;
  out.rresp = bus.rresp;
  out.irq = registers_.irq();

  if (const VerdictOutput* verdict = guard_.verdict()) {
    out.verdict_valid = true;
    out.verdict_code = static_cast<std::uint8_t>(verdict->verdict.code);
    out.verdict_pass = verdict->verdict.pass;
    out.verdict_lost = buffer_.lost(verdict->verdict);
    out.verdict_source = address_words(verdict->source);
    out.verdict_value = verdict->value;
  } else if (out.verdict_valid) {
    out.verdict_valid = out.verdict_pass = out.verdict_lost = false;
    out.verdict_code = 0;
    out.verdict_source = {};
    out.verdict_value = 0;
  }
}

}  // namespace reveille::core
