// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/core.hpp"

#include <algorithm>

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
  host_side_settled_ = false;
  host_slept_ = 0;
  session_sleep_ = generator_sleep_ = {};
  outputs_.entropy_ready = NonceGenerator::entropy_ready();
  show_host_side();
  show_frames();
}

// First what this cycle holds is gathered from all blocks, then each block moves on. Where a block's accessor is used
// after its `clock`, it shows the next cycle; so the order below matters. In most cycles only frames move: a block that
// knows how long it has nothing to do sleeps, which changes nothing but the time that a cycle takes.
void Core::clock() {
  if (!inputs.rst_n) return reset();
  if (release_cycles_left_ != 0) {
    --release_cycles_left_;
    return;
  }
  const std::uint64_t time = inputs.time_us & kTimeMask;
  const Configuration& config = registers_.configuration();
  const Lookup* lookup = parser_.lookup();
  const Descriptor* descriptor = parser_.descriptor();
  const VerdictOutput* verdict = guard_.verdict();
  const FrameVerdict frame_verdict = verdict != nullptr ? verdict->verdict : FrameVerdict{};
  const bool lost = verdict != nullptr && buffer_.lost(frame_verdict);

  const bool host_awake = host_side_is_awake(verdict);
  const bool event_ready = event_log_.ready();
  if (host_awake) begin_host_side(verdict, lost, time);
  const bool nonce_ready = session_control_.nonce_ready();
  const bool draws = nonce_ready && generator_.nonce_valid();
  if (registers_.command() != nullptr || draws || !session_sleep_.passes())
    clock_session_control(session_inputs(lookup, event_ready, parser_.store_time(time)));
  if (host_awake || draws || inputs.entropy_valid || !generator_sleep_.passes()) clock_generator(nonce_ready);

  counters_.clock(frame_verdict.valid, frame_verdict.code, lost, frame_verdict.oversize);
  buffer_.clock(delay_.beat(), frame_verdict, inputs.host_rx_ready);
  if (lookup == nullptr && descriptor == nullptr && guard_.still()) {
    guard_.pass(config);
  } else {
    guard_.clock(lookup, descriptor, lost, store_, config);
  }
  delay_.clock(parser_.ready() ? inputs.net_rx : StreamSource{});
  parser_.clock(inputs.net_rx, time, config, session_control_.hash());

  if (host_awake) {
    end_host_side(config);
  } else {
    ++host_slept_;
    registers_.pass(time);
  }
  show_frames();
}

// What `clock` comes to while no look-up, descriptor or verdict shows, and registers, event log, egress and generator
// sleep: then blocks wait for none of the others, and each goes through all of the cycles by itself.
std::size_t Core::stream(ByteView octets, std::vector<StreamSource>& host) {
  const std::size_t cycles = walk(std::min(octets.size() / 8, cycles_to_stream()));
  if (cycles == 0) return 0;
  const Configuration& config = registers_.configuration();
  octets = octets.first(8 * cycles);
  buffer_.stream(delay_, octets, inputs.host_rx_ready, host);
  counters_.pass(cycles);
  guard_.pass(config, cycles);
  parser_.append(octets, config);
  generator_sleep_.pass(cycles);
  host_slept_ += cycles;
  registers_.pass(inputs.time_us & kTimeMask);
  show_frames();
  return cycles;
}

/// For how many cycles octets of a frame may be all that moves, but for the walks.
std::size_t Core::cycles_to_stream() const {
  if (!inputs.rst_n || release_cycles_left_ != 0 || inputs.entropy_valid || registers_.command() != nullptr) return 0;
  if (session_control_.nonce_ready() || host_side_is_awake(nullptr) || !guard_.still()) return 0;
  return std::min({parser_.beats_to_append(), buffer_.cycles_to_stream(), std::size_t{generator_sleep_.left()}});
}

/// The walks of session_control, for so many cycles or until one of them offers something. Returns how many.
std::size_t Core::walk(std::size_t most) {
  const std::uint64_t time = inputs.time_us & kTimeMask;
  SessionControlInputs in = session_inputs(nullptr, event_log_.ready(), 0);
  std::size_t cycles = 0;
  while (cycles < most && session_control_.event() == nullptr && session_control_.wakeup() == nullptr) {
    if (const std::uint64_t asleep = std::min<std::uint64_t>(session_sleep_.left(), most - cycles); asleep != 0) {
      session_sleep_.pass(asleep);
      cycles += asleep;
    } else {
      in.time = parser_.store_time(time, cycles++);
      clock_session_control(in);
    }
  }
  return cycles;
}

/// Whether registers, event log or egress have something to do in this cycle.
bool Core::host_side_is_awake(const VerdictOutput* verdict) const {
  if (!host_side_settled_ || inputs.arvalid || inputs.awvalid || inputs.host_tx.valid) return true;
  if (session_control_.event() != nullptr || session_control_.wakeup() != nullptr) return true;
  return generator_.health().failed() ||
         (verdict != nullptr && EventLog::concerns(*verdict, registers_.configuration().event_mask));
}

/// The event log, and what this cycle holds that egress and registers will need.
void Core::begin_host_side(const VerdictOutput* verdict, bool lost, std::uint64_t time) {
  event_log_.pass(host_slept_);
  framer_.pass(host_slept_);
  host_slept_ = 0;
  if (registers_.framing_commit()) framer_.memory().commit();  // H25
  if (const auto& write = registers_.framing_write()) framer_.memory().write(write->word, write->value);
  if (registers_.reads_now()) sample();

  HostCycle& now = host_cycle_;
  now.message_waits = arbiter_.message_waits();
  now.wakeup_taken = framer_.wakeup_ready(now.message_waits) && session_control_.wakeup() != nullptr;
  if (now.wakeup_taken) now.job = *session_control_.wakeup();
  const HealthTests& health = generator_.health();
  now.registers = {session_control_.done(), event_log_.count() != 0, health.rct_failed(), health.apt_failed(),
                   health.silent(),         now.wakeup_taken,        framer_.error(),     time};
  event_log_.clock({verdict, lost, registers_.configuration().event_mask, session_control_.event(),
                    registers_.reads_event(), registers_.event_realign()});
}

SessionControlInputs Core::session_inputs(const Lookup* lookup, bool event_ready, std::uint64_t store_time) const {
  return {registers_.command(),
          generator_.nonce_valid(),
          generator_.nonce(),
          generator_.seeded(),
          !guard_.owns_memories(lookup),
          event_ready,
          framer_.wakeup_ready(arbiter_.message_waits()),
          store_time};
}

void Core::clock_session_control(const SessionControlInputs& in) {
  session_control_.pass(session_sleep_.wake());
  session_control_.clock(in, store_, registers_.configuration());
  session_sleep_.begin(session_control_.cycles_to_wait());
}

void Core::clock_generator(bool nonce_ready) {
  const Configuration& config = registers_.configuration();
  generator_.pass(generator_sleep_.wake());
  generator_.clock({inputs.entropy_valid, inputs.entropy_data, nonce_ready, registers_.generator_restart(),
                    config.silence_limit, config.restart_limit});
  generator_sleep_.begin(generator_.cycles_to_wait());
}

void Core::end_host_side(const Configuration& config) {
  clock_egress(config);
  registers_.clock(inputs, host_cycle_.registers);
  show_host_side();
  host_side_settled_ =
      registers_.settled(event_log_.count() != 0) && !event_log_.busy() && arbiter_.empty() && !framer_.busy();
}

void Core::clock_egress(const Configuration& config) {
  const StreamSource* host_head = arbiter_.host_head();
  const StreamSource* offered = framer_.offered();
  const bool moved = arbiter_.moves_framer(offered, inputs.net_tx_ready);
  const bool taken = framer_.takes(host_head);
  const StreamSource host_beat = taken ? *host_head : StreamSource{};
  arbiter_.clock(inputs.host_tx, inputs.net_tx_ready, offered, taken);
  framer_.clock(taken ? &host_beat : nullptr, host_cycle_.message_waits,
                host_cycle_.wakeup_taken ? &host_cycle_.job : nullptr, moved, config);
}

void Core::sample() {
  const HealthTests& health = generator_.health();
  registers_.sample({session_control_.ready(), generator_.seeded(), health.rct_failed(), health.apt_failed(),
                     health.silent(), generator_.restarts(), framer_.busy(), &session_control_.result(),
                     event_log_.count(), event_log_.word(), event_log_.word_index() == EventLog::kNonceWord,
                     event_log_.dropped(), counters_.value(registers_.counter_index())});
}

void Core::show_host_side() {
  Outputs& out = outputs_;
  out.host_tx_ready = arbiter_.host_ready();
  out.net_tx = arbiter_.net();

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
}

void Core::show_frames() {
  Outputs& out = outputs_;
  out.net_rx_ready = parser_.ready();
  out.host_rx = buffer_.host();
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
