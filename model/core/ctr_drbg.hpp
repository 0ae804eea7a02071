// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "reveille/common/bytes.hpp"

struct evp_cipher_ctx_st;

namespace reveille::core {

/// CTR_DRBG over AES-128 with derivation function, no additional input (SP 800-90A rev. 1, 10.2.1 and 10.3). AES is
/// OpenSSL's. Every function throws Error{crypto} if that fails.
class CtrDrbg {
 public:
  using Block = std::array<std::uint8_t, 16>;

  CtrDrbg();
  void instantiate(ByteView entropy_and_nonce);
  void reseed(ByteView entropy);
  /// The next 128 bits, of one request.
  Block generate();
  bool operator==(const CtrDrbg& other) const { return key_ == other.key_ && counter_ == other.counter_; }

 private:
  using Seed = std::array<std::uint8_t, 32>;
  void set_key(ByteView key);
  [[nodiscard]] Block encrypt(const Block& block);
  [[nodiscard]] Seed derive(ByteView input);
  void update(const Seed& provided);
  Block next_block();

  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  std::unique_ptr<evp_cipher_ctx_st, Free> aes_;
  Block key_{};
  Block counter_{};  // V
};

}  // namespace reveille::core
