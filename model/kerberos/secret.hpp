// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "common/bytes.hpp"

namespace reveille::kerberos {

/// Wipes what it gives back, in a way that no optimizer leaves out.
template <typename T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <typename U>
  explicit WipingAllocator(const WipingAllocator<U>& /*other*/) noexcept {}

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) noexcept {
    OPENSSL_cleanse(memory, count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  bool operator==(const WipingAllocator&) const noexcept { return true; }
};

/// Octets of a key, or with a key among them: wiped when they go, also when they grow into other memory.
using SecretBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

inline bool operator==(const SecretBytes& a, const Bytes& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// For what is no secret after all: a sealed message.
inline Bytes to_bytes(ByteView octets) { return {octets.begin(), octets.end()}; }

}  // namespace reveille::kerberos
