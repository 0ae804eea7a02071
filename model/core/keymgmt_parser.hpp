// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reveille/core/types.hpp"

namespace reveille::core {

/// The key-management message of a judged datagram (docs/protocol.md, part 3 "Order inside a judged payload", L13, L17,
/// L18). An AP Request's nonce lies behind its ticket: it is taken when it comes.
class KeymgmtParser {
 public:
  enum class Kind : std::uint8_t { decided, ap_request, sa_recovered };

  void begin(std::size_t payload_at, unsigned payload_octets);
  /// `octets`: the frame as far as it has come. Means nothing unless the whole payload comes.
  void step(ByteView octets, const Configuration& config);

  /// How much of the frame has to have come before `step` does anything more.
  [[nodiscard]] std::size_t waits_for() const {
    if (stage_ == Stage::done) return ~std::size_t{0};
    return stage_ == Stage::nonce ? at_ + nonce_at_ + nonce_octets : 0;
  }
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] Verdict verdict() const { return verdict_; }    ///< of kind decided
  [[nodiscard]] std::uint64_t value() const { return value_; }  ///< I2: returned nonce, or first 64 bits of the HMAC
  bool operator==(const KeymgmtParser&) const = default;

 private:
  enum class Stage : std::uint8_t { header, tag, length, nonce, hmac, done };
  static constexpr unsigned nonce_octets = 4;
  void decide(Verdict verdict) {
    verdict_ = verdict;
    stage_ = Stage::done;
  }
  void read_header(ByteView payload, const Configuration& config);
  void read_length(ByteView payload, unsigned octets);
  void skip_ticket(unsigned header_octets, unsigned content);

  std::size_t at_ = 0;
  unsigned octets_ = 0;
  Stage stage_ = Stage::done;
  std::size_t nonce_at_ = 0;  // in the payload
  Kind kind_ = Kind::decided;
  Verdict verdict_ = Verdict::malformed;
  std::uint64_t value_ = 0;
};

}  // namespace reveille::core
