// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reveille/kerberos/credential.hpp"

namespace reveille::kerberos {

/// Tickets of one client, and MIT's file of them (FILE:, version 0x0504).
struct CredentialCache {
  std::string realm;
  PrincipalName client;
  std::vector<Credential> credentials;

  [[nodiscard]] SecretBytes encode() const;
  /// Credentials of other etypes, and what a library keeps of its own settings, are skipped. Throws Error{malformed}.
  static CredentialCache decode(ByteView octets);
  /// For its owner alone; there in whole or not at all. Throws Error{bad_input} with the path.
  void save(const std::filesystem::path& path) const;
  /// Throws Error{bad_input} with the path, also if others may read it.
  static CredentialCache load(const std::filesystem::path& path);

  /// The one for that service that ends last; null if there is none.
  [[nodiscard]] const Credential* find(const PrincipalName& service) const;
};

}  // namespace reveille::kerberos
