// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "common/bytes.hpp"
#include "reveille/verdict.hpp"

/// Random frames whose verdict is known because of how they were made. It shares no code with what it judges: headers
/// and checksums are written here a second time.
namespace reveille::policy::test {

/// A frame for the server of frames.hpp (port 1293, both DOIs, version 1.0) and what must be said of it.
struct Sample {
  Bytes frame;
  bool decided = true;                ///< false: an AP Request or SA Recovered that only a session can decide
  Verdict verdict = Verdict::bypass;  ///< if decided
  bool is_ap_request = false;
  std::uint32_t returned_nonce = 0;
  std::uint64_t tag = 0;
  std::string note;  ///< what was done to the frame
};

/// Picks the verdict first, then makes everything before it in the table right, the thing itself wrong, and what comes
/// after it wrong now and then: the first verdict that applies must win.
class FrameGenerator {
 public:
  explicit FrameGenerator(std::uint64_t seed) : random_(seed) {}
  Sample next();

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint8_t octet() { return static_cast<std::uint8_t>(random_()); }
  Bytes octets(std::size_t count);

  Bytes payload(Verdict target, Sample& sample);
  Bytes extension_chain(Verdict target, bool fragment_here, std::uint8_t last, std::uint8_t& first, Sample& sample);
  Bytes source(bool ipv4, bool bad);

  std::mt19937_64 random_;
};

}  // namespace reveille::policy::test
