// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/nonce_generator.hpp"

#include <utility>

namespace reveille::core {
namespace {

constexpr unsigned block_cycles = 368;
constexpr unsigned wipe_cycles = 36;       // G10
constexpr unsigned cycles_to_restart = 2;  // G9
constexpr unsigned fetch_cycles = 4;

}  // namespace

NonceGenerator::NonceGenerator(const NonceGeneratorParameters& parameters)
    : parameters_(parameters), health_(parameters.cutoffs) {
  reset();
}

void NonceGenerator::reset() {
  begin_anew();
  restarts_ = 0;
  restart_cycle_ = false;
  silence_limit_ = 0;
}

void NonceGenerator::begin_anew() {  // G1
  begin(Operation::zeroise);
  instantiated_ = false;
  arrives_ = failure_seen_ = false;
  cycles_to_restart_ = 0;
  health_.reset();
}

// G5: lengths.
void NonceGenerator::begin(Operation operation) {
  operation_ = operation;
  switch (operation) {
    case Operation::zeroise: cycles_left_ = block_cycles; break;
    case Operation::startup: samples_left_ = parameters_.startup_samples; break;
    case Operation::collect:
      samples_left_ = parameters_.seed_samples;
      seed_.clear();
      break;
    case Operation::seed:
      cycles_left_ = block_cycles * (2 * ((parameters_.seed_samples + 24) / 16) + 6) + wipe_cycles;
      break;
    case Operation::generate:
      cycles_left_ = 3 * block_cycles + wipe_cycles;
      fetches_ = 0;
      break;
    case Operation::fetch: cycles_left_ = fetch_cycles; break;
    case Operation::offer: break;
  }
}

void NonceGenerator::clock(const NonceGeneratorInputs& in) {
  const bool restarts_by_host = std::exchange(restart_cycle_, in.restart);
  const std::uint64_t silence_limit = std::exchange(silence_limit_, in.silence_limit);
  const bool restarts_by_itself = cycles_to_restart_ == 1;
  if (cycles_to_restart_ != 0) --cycles_to_restart_;
  if (restarts_by_host || restarts_by_itself) {
    restarts_ = restarts_by_host ? 0 : restarts_ + 1;
    return begin_anew();
  }
  if (!failed()) {
    step(in);
  } else if (!failure_seen_) {  // G9
    failure_seen_ = true;
    if (restarts_ < in.restart_limit) cycles_to_restart_ = cycles_to_restart;
  }
  health_.clock(arrives_, sample_, silence_limit);
  arrives_ = in.entropy_valid;
  sample_ = in.entropy_data;
}

void NonceGenerator::step(const NonceGeneratorInputs& in) {
  switch (operation_) {
    case Operation::zeroise:
      if (--cycles_left_ == 0) begin(Operation::startup);
      break;
    case Operation::startup:
      if (arrives_ && --samples_left_ == 0) begin(Operation::collect);
      break;
    case Operation::collect:
      if (!arrives_) break;
      seed_.push_back(sample_);
      if (--samples_left_ == 0) begin(Operation::seed);
      break;
    case Operation::seed:
      if (--cycles_left_ != 0) break;
      if (instantiated_) {
        drbg_.reseed(seed_);
      } else {
        drbg_.instantiate(seed_);
      }
      instantiated_ = true;  // G6
      generates_ = 0;
      begin(Operation::generate);
      break;
    case Operation::generate:
      if (--cycles_left_ != 0) break;
      block_ = drbg_.generate();
      ++generates_;
      begin(Operation::fetch);
      break;
    case Operation::fetch:
      if (--cycles_left_ != 0) break;
      fetched_ = ByteReader(ByteView(block_).subspan(std::size_t{4} * fetches_++, 4)).u32("nonce");
      if (fetched_ == 0) {
        after_fetched();
      } else {
        begin(Operation::offer);
      }
      break;
    case Operation::offer:
      if (in.nonce_ready) after_fetched();
      break;
  }
}

// Operation 8.
void NonceGenerator::after_fetched() {
  if (fetches_ < 4) {
    begin(Operation::fetch);
  } else {
    begin(generates_ == parameters_.reseed_interval ? Operation::collect : Operation::generate);
  }
}

}  // namespace reveille::core
