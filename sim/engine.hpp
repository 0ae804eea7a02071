// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "reveille/driver/types.hpp"
#include "reveille/policy/guard.hpp"

namespace reveille::sim {

enum class EngineKind { rtl, model, lockstep };

/// What became of one frame.
struct Outcome {
  Verdict verdict = Verdict::bypass;
  net::Address source;                      ///< all zero for `bypass`
  std::optional<std::uint32_t> nonce = {};  ///< where the verdict was reached by reading a returned nonce
  std::optional<Bytes> host_frame = {};     ///< what came out at the host, if it did
};

/// The nonce of an outcome from the core's verdict port, whose value is 0 where none was read: only `client_initiated`
/// is reached by reading 0.
constexpr std::optional<std::uint32_t> nonce_read(Verdict verdict, std::uint32_t value) {
  if (value == 0 && verdict != Verdict::client_initiated) return std::nullopt;
  return value;
}

/// Core and model differ. `what()` is the report of the first difference, for people. Any call of an Engine may throw
/// it; outcomes of all frames before have then been delivered.
class DifferenceFound : public Error {
 public:
  explicit DifferenceFound(const std::string& report) : Error(ErrorKind::internal, report) {}
};

/// A guard that captures are played through, and the host commands that a capture shows. Times are microseconds from
/// the first packet, and never run backwards. A signal may end any call with Interrupted.
class Engine {
 public:
  virtual ~Engine() = default;

  /// Called once for every frame played, in their order; may come later than play(), at the latest in finish().
  std::function<void(Outcome)> on_outcome;

  /// Registers, and time 0. First of all, and once.
  virtual void configure(const policy::ServerConfig& config) = 0;
  /// A host command (docs/protocol.md, "Sessions"): `restore`, `reply`, `reject` or `close`, behind every frame played
  /// before it and in front of the next.
  virtual ResultCode command(const driver::Command& command, std::uint64_t time_us) = 0;
  /// Idle time before `time_us` is jumped, with every deadline and refill as if it had been run.
  virtual void play(ByteView frame, std::uint64_t time_us) = 0;
  /// Returns when every frame played has its outcome.
  virtual void finish() = 0;
  /// Cycles simulated so far; 0 for an engine that has none.
  [[nodiscard]] virtual std::uint64_t cycles() const = 0;
};

/// Error{bad_input} naming the engine if this build has none of its kind.
std::unique_ptr<Engine> make_engine(EngineKind kind);

using EngineFactory = std::function<std::unique_ptr<Engine>(EngineKind)>;

}  // namespace reveille::sim
