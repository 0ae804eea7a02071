// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reveille::kerberos {

/// Cryptographic operations spent, as the simulation reports them. One per message that is encrypted, decrypted,
/// authenticated or hashed, and one per key derived; octets are not weighed.
struct OperationCounter {
  std::uint64_t encryptions = 0;
  std::uint64_t decryptions = 0;
  std::uint64_t hmacs = 0;  ///< HMACs on their own and inside encryption; also plain hashes
  std::uint64_t derivations = 0;
  std::uint64_t passwords = 0;  ///< string-to-key, thousands of hashes each

  [[nodiscard]] std::uint64_t total() const { return encryptions + decryptions + hmacs + derivations + passwords; }
};

/// While it lives, operations of this thread are added to `counter`. Scopes nest; the innermost counts alone. Without
/// a scope nothing is counted.
class OperationScope {
 public:
  explicit OperationScope(OperationCounter& counter) noexcept;
  ~OperationScope();
  OperationScope(const OperationScope&) = delete;
  OperationScope& operator=(const OperationScope&) = delete;

 private:
  OperationCounter* outer_;
};

/// The counter of the innermost scope, or one that nobody reads.
OperationCounter& current_operations() noexcept;

}  // namespace reveille::kerberos
