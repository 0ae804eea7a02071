// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "reveille/kerberos/random.hpp"

namespace reveille::nodes {

/// The server nonces of the Wake Ups that a client has heard since its exchange began, and whose turn it is to be
/// answered. Anybody can send a Wake Up, so nothing tells the true one but that the server repeats it:
///
/// * One that was heard twice goes before one that was heard once; of these the one that was answered least; then one
///   that was heard again since; then chance. So the true one, once heard twice, waits for no more answers than there
///   are forged ones that were heard twice too, and never for those heard once.
/// * Beyond `capacity` one is forgotten for each that is new. Half of the room is for those heard once: of these the
/// one
///   heard first goes, so that a nonce is remembered until that many others have come since, however many were heard
///   twice. If those heard once are fewer, the last in the order above goes.
class HeardNonces {
 public:
  static constexpr std::size_t capacity = 4096;
  static constexpr std::size_t heard_once = capacity / 2;

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
  /// By chance one of those that have this one's place in the order.
  [[nodiscard]] Place any_like(const Entry& example);
  void forget_one();

  kerberos::RandomSource& random_;
  std::vector<Entry> entries_;  ///< the one first heard in front
};

}  // namespace reveille::nodes
