// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "programs/sqlite.hpp"
#include "reveille/kerberos/kdc.hpp"

namespace reveille::sim {

/// The principals of a realm in an SQLite database. A change is there as a whole or not at all, also for a process that
/// is killed. Errors are Error{bad_input} naming the file; of find(), DatabaseError.
class PrincipalStore final : public kerberos::PrincipalDatabase {
 public:
  /// A database of that realm which is there.
  PrincipalStore(std::filesystem::path path, std::string realm);
  /// Makes one, with the ticket-granting service in it, where there is none: whole, or none.
  static void make(const std::filesystem::path& path, const std::string& realm, kerberos::RandomSource& random);

  [[nodiscard]] const kerberos::KdcPrincipal* find(const kerberos::PrincipalName& name) override;
  /// To be called before each request: what find() gave so far may go, and what others have changed is seen,
  /// a millisecond later at most. So is another file in the place of this one; while there is none that is good, find()
  /// throws.
  void refresh();

  struct Listed {
    std::string name;
    bool has_password = false;
    std::uint32_t kvno = 0;  ///< the newest
    std::vector<kerberos::Etype> etypes;
  };
  [[nodiscard]] std::vector<Listed> list();
  /// Keys by string-to-key, or random ones. Of a principal that is there already only with `new_keys`: under the next
  /// kvno, the old ones kept for the tickets that are about. Gives the kvno.
  std::uint32_t add(const kerberos::PrincipalName& name, const std::optional<kerberos::Password>& password,
                    const std::vector<kerberos::Etype>& etypes, bool new_keys, kerberos::RandomSource& random);
  void remove(const kerberos::PrincipalName& name);
  /// All keys of these, old ones too.
  [[nodiscard]] kerberos::Keytab keytab(const std::vector<kerberos::PrincipalName>& names);

 private:
  /// The database as it is open.
  struct Opened {
    Opened(const std::filesystem::path& path, const std::string& realm);
    /// Whether the file is still this one, as far as the file system shows it.
    [[nodiscard]] bool is_at(const std::filesystem::path& path);
    [[nodiscard]] kerberos::KdcPrincipal read(const kerberos::PrincipalName& name, const std::string& realm);

    SqliteDatabase database;
    SqliteStatement select_principal, select_keys, select_version;
    dev_t device = 0;
    ino_t number = 0;
    off_t size = 0;
    std::int64_t version = -1;
  };
  void require(bool found, const kerberos::PrincipalName& name) const;
  void close(const std::string& why);

  std::filesystem::path path_;
  std::string realm_;
  std::unique_ptr<Opened> opened_;
  std::string failure_;  ///< while it is not open
  std::map<kerberos::PrincipalName, kerberos::KdcPrincipal> cache_;
  kerberos::Time looked_ = 0;  ///< at the version
};

}  // namespace reveille::sim
