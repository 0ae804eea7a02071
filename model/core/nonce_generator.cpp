// SPDX-License-Identifier: Apache-2.0
#include "core/nonce_generator.hpp"

namespace reveille::core {
namespace {

constexpr unsigned block_cycles = 320;
constexpr unsigned fetch_cycles = 4;
constexpr unsigned window = 512;

}  // namespace

NonceGenerator::NonceGenerator(const NonceGeneratorParameters& parameters) : parameters_(parameters) { reset(); }

void NonceGenerator::reset() {  // G1
  begin(Operation::zeroise);
  instantiated_ = false;
  arrives_ = false;
  rct_failed_ = apt_failed_ = false;
  run_ = window_position_ = 0;
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
    case Operation::seed: cycles_left_ = block_cycles * (2 * ((parameters_.seed_samples + 24) / 16) + 6); break;
    case Operation::generate:
      cycles_left_ = 3 * block_cycles;
      fetches_ = 0;
      break;
    case Operation::fetch: cycles_left_ = fetch_cycles; break;
    case Operation::offer: break;
  }
}

void NonceGenerator::clock(const NonceGeneratorInputs& in) {
  if (in.restart) return reset();
  if (!failed()) step(in);
  if (arrives_) test(sample_);
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

// G3.
void NonceGenerator::test(std::uint8_t sample) {
  run_ = run_ != 0 && sample == run_sample_ ? run_ + 1 : 1;
  run_sample_ = sample;
  if (run_ >= parameters_.rct_cutoff) rct_failed_ = true;

  if (window_position_ == 0) {
    window_first_ = sample;
    window_count_ = 0;
  }
  if (sample == window_first_) ++window_count_;
  window_position_ = (window_position_ + 1) % window;
  if (sample == window_first_ && window_count_ >= parameters_.apt_cutoff) apt_failed_ = true;
}

}  // namespace reveille::core
