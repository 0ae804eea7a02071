// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "reveille/kerberos/types.hpp"

namespace reveille::kerberos {

struct KeytabEntry {
  std::string realm;
  PrincipalName principal;
  std::uint32_t kvno = 1;
  Key key;
  Time timestamp = 0;
};

/// Long-term keys, and MIT's file of them (version 0x0502), which Wireshark reads too.
class Keytab {
 public:
  void add(KeytabEntry entry) { entries_.push_back(std::move(entry)); }
  void add(const Keytab& other);
  [[nodiscard]] const std::vector<KeytabEntry>& entries() const noexcept { return entries_; }

  /// Null if not held. Without `kvno` the newest matches.
  [[nodiscard]] const KeytabEntry* find(std::string_view realm, const PrincipalName& principal, std::int32_t etype,
                                        std::optional<std::uint32_t> kvno = {}) const;
  /// Whether any key of that principal is held.
  [[nodiscard]] bool holds(std::string_view realm, const PrincipalName& principal) const;

  [[nodiscard]] SecretBytes encode() const;
  /// Holes, entries of other etypes and keys of a wrong length are skipped. Throws Error{malformed}.
  static Keytab decode(ByteView octets);
  /// Readable by its owner alone; there in whole or not at all. Throws Error{bad_input} with the path.
  void save(const std::filesystem::path& path) const;
  static Keytab load(const std::filesystem::path& path);

 private:
  std::vector<KeytabEntry> entries_;
};

}  // namespace reveille::kerberos
