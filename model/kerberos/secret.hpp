// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reveille/common/bytes.hpp"

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

/// Wiped when it goes, and so is the string that it is made from when it is made: who holds one otherwise has to move
/// it, or copy it knowingly.
class Password {
 public:
  Password() = default;
  Password(std::string&& text) : octets_(text.begin(), text.end()) {
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
  }
  /// A literal, which stands in the program.
  Password(const char* text) : Password(std::string(text)) {}

  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(octets_.data()), octets_.size()};
  }

 private:
  SecretBytes octets_;
};

/// For what is no secret after all: a sealed message.
inline Bytes to_bytes(ByteView octets) { return {octets.begin(), octets.end()}; }

}  // namespace reveille::kerberos
