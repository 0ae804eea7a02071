// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace reveille::bed {

/// Whether MIT's programs can PKINIT here.
bool has_mit_pkinit();
constexpr const char* no_mit_pkinit = "skipped: MIT's PKINIT is not there (Debian package krb5-pkinit)";

/// A manufacturer's hierarchy, made in a folder when it is needed: no private key is kept anywhere. Files NAME.pem and
/// NAME.key for each: `ca` (the manufacturer), `sub` (between it and devices), devices, a KDC. By the program
/// `openssl`.
class Certificates {
 public:
  Certificates(std::filesystem::path folder, std::string realm);

  /// What is odd about a certificate.
  struct Kind {
    std::string purpose = "1.3.6.1.5.2.3.4";  ///< extended key usage; empty: none
    bool expired = false;
    bool has_principal_name = false;  ///< id-pkinit-san, else the common name alone
    std::string issuer = "sub";
    unsigned bits = 2048;  ///< of its key, RSA
  };
  /// A device that is this principal.
  void add_device(const std::string& name, const std::string& principal, const Kind& kind) const;
  void add_device(const std::string& name, const std::string& principal) const { add_device(name, principal, Kind()); }
  /// The certificate of the realm's KDC.
  void add_kdc(const std::string& name, const std::string& realm) const;
  void add_authority(const std::string& name) const;
  /// The revocation lists of both authorities, in `revoked.pem`, with these certificates in them.
  void revoke(const std::string& name) const;
  [[nodiscard]] std::filesystem::path certificate(const std::string& name) const { return folder_ / (name + ".pem"); }
  [[nodiscard]] std::filesystem::path key(const std::string& name) const { return folder_ / (name + ".key"); }

 private:
  void issue(const std::string& name, const std::string& subject, const std::string& issuer,
             const std::string& extensions, bool expired, unsigned bits = 2048) const;
  void run(const std::string& arguments) const;

  std::filesystem::path folder_;
  std::string realm_;
};

}  // namespace reveille::bed
