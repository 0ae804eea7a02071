// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "kerberos/random.hpp"

namespace reveille::nodes {

/// The server nonces of the Wake Ups that a client has heard since its exchange began, and whose turn it is to be
/// answered. Anybody can send a Wake Up, so nothing tells the true one but that the server repeats it:
///
/// * One that was heard twice goes before one that was heard once; of these the one that was answered least; then one
///   that was heard again since; then chance. So the true one, once heard twice, waits for no more answers than there
///   are forged ones that were heard twice too, and never for those heard once.
/// * Beyond `capacity` one is forgotten for each that is new: of those heard once the one heard first, so that a nonce
///   is remembered until that many others have come since; only without any of them the last in the order above.
class HeardNonces {
 public:
  static constexpr std::size_t capacity = 4096;

  /// `random` must outlive it.
  explicit HeardNonces(kerberos::RandomSource& random) : random_(random) {}

  void clear() { entries_.clear(); }
  /// False if another had to be forgotten.
  bool hear(std::uint32_t nonce);
  /// Whether one need not wait for a time-out: heard twice, and again since it was last answered.
  [[nodiscard]] bool is_one_urgent() const;
  [[nodiscard]] bool is_one_unanswered() const;
  /// The one whose turn it is, which from now on counts as answered once more. There must be one.
  [[nodiscard]] std::uint32_t take_turn();

 private:
  /// In the order of precedence.
  struct Entry {
    bool repeated = false;
    int answered = 0;  ///< less is more: negative
    bool pending = true;
    std::uint32_t nonce = 0;
    [[nodiscard]] std::strong_ordering order(const Entry& other) const;
  };
  using Place = std::vector<Entry>::iterator;
  /// One of those in front, or at the end, of the order.
  [[nodiscard]] Place any_of_the_same(bool first);

  kerberos::RandomSource& random_;
  std::vector<Entry> entries_;  ///< the one first heard in front
};

}  // namespace reveille::nodes
