// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/random.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>

#include "reveille/kerberos/openssl.hpp"

namespace reveille::kerberos {

Bytes RandomSource::bytes(std::size_t count) {
  Bytes out(count);
  fill(out);
  return out;
}

std::uint32_t RandomSource::nonce() {
  const Bytes drawn = bytes(4);
  return ByteReader(drawn).u32("nonce") & 0x7FFF'FFFFU;
}

SeededRandom::SeededRandom(std::uint64_t seed, std::string_view label) {
  append_big_endian(prefix_, seed, 8);
  prefix_.insert(prefix_.end(), label.begin(), label.end());
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (std::uint8_t& octet : out) {
    if (used_ == block_.size()) {
      Bytes input = prefix_;
      append_big_endian(input, counter_++, 8);
      block_.resize(SHA256_DIGEST_LENGTH);
      SHA256(input.data(), input.size(), block_.data());
      used_ = 0;
    }
    octet = block_[used_++];
  }
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  const auto draw = [](std::span<std::uint8_t> into) {
    openssl::require(RAND_bytes(into.data(), static_cast<int>(into.size())) == 1, "random numbers");
  };
  if (out.size() > ahead_.size()) {
    draw(out);
    return;
  }
  if (out.size() > ahead_.size() - used_) {
    draw(ahead_);
    used_ = 0;
  }
  const std::span given(ahead_.data() + used_, out.size());
  std::ranges::copy(given, out.begin());
  OPENSSL_cleanse(given.data(), given.size());
  used_ += given.size();
}

}  // namespace reveille::kerberos
