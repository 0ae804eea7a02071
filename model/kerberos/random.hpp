// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "reveille/kerberos/secret.hpp"

namespace reveille::kerberos {

/// Where confounders, keys and Kerberos nonces come from. Injected, so that a seed repeats a run octet for octet.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;

  Bytes bytes(std::size_t count);
  /// 31 bits: MIT's KDC reads a nonce as Int32 and is silent from 2^31 on.
  std::uint32_t nonce();
};

/// SHA-256 of (seed, label, counter): deterministic, for simulations and tests only. Sources with different labels
/// are independent, so that one node's draws do not move another's.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed, std::string_view label = {});
  void fill(std::span<std::uint8_t> out) override;

 private:
  Bytes prefix_;
  std::uint64_t counter_ = 0;
  SecretBytes block_;
  std::size_t used_ = 0;
};

/// OpenSSL's own generator, for exchanges that must not be predictable. A call of it costs as much as a message's
/// encryption, so some octets are drawn ahead, and wiped as they are given out. Not for a process that forks.
class SystemRandom final : public RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override;

 private:
  SecretBytes ahead_ = SecretBytes(512);
  std::size_t used_ = ahead_.size();
};

}  // namespace reveille::kerberos
