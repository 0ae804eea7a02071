// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bed/process.hpp"
#include "reveille/kerberos/keytab.hpp"

namespace reveille::bed {

using namespace kerberos;

/// A realm of MIT's krb5kdc on loopback, in a temporary folder of its own, both gone with this object. Root is not
/// needed. Throws Error{bad_input} naming the Debian package when a program is missing, Error{protocol} with the end
/// of its output when one fails.
class MitRealm {
 public:
  struct Principal {
    std::string name;                          ///< without realm
    std::optional<std::string> password = {};  ///< nothing: random keys
    std::vector<Etype> etypes = {Etype::aes256_sha1};
    /// Of a service: session keys that the KDC may choose; empty: MIT's own choice.
    std::vector<Etype> session_etypes = {};
  };

  /// `settings`: lines of kdc.conf's section of the realm, each with its end.
  explicit MitRealm(const std::vector<Principal>& principals, std::string realm = "REVEILLE.TEST",
                    std::string settings = {});

  [[nodiscard]] const std::string& realm() const noexcept { return realm_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }  ///< UDP and TCP of 127.0.0.1
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_.path(); }
  /// Keys as they are (nothing is randomized), krbtgt/REALM included if asked for.
  [[nodiscard]] Keytab keytab(const std::vector<std::string>& names) const;
  /// `NAME=VALUE` for programs and libkrb5: KRB5_CONFIG and private caches.
  [[nodiscard]] std::vector<std::string> environment() const;

 private:
  void write_configuration() const;
  void create_database(const std::vector<Principal>& principals) const;
  [[nodiscard]] bool start();
  /// Output of kadmin.local fed with these lines.
  [[nodiscard]] std::string administer(const std::string& commands) const;

  std::string realm_;
  std::string settings_;
  std::string permitted_;  ///< etypes
  TemporaryFolder folder_{"reveille-kdc"};
  std::uint16_t port_ = 0;
  std::unique_ptr<BackgroundProcess> daemon_;
};

}  // namespace reveille::bed
