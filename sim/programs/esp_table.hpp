// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "reveille/kerberos/private_file.hpp"
#include "reveille/nodes/association.hpp"

namespace reveille::sim {

/// The file with which Wireshark opens what a program's associations carry (its table `esp_sa`): a private one, since
/// their keys are in it. It grows by two lines an association, and begins anew with the program.
class EspTable {
 public:
  /// Nothing is written without a path.
  explicit EspTable(std::optional<std::filesystem::path> path) : path_(std::move(path)) {}

  void add(const nodes::Association& association, const net::Address& own, const net::Address& peer, nodes::Role role) {
    if (!path_) return;
    const std::string rows = nodes::esp_table_rows(association, own, peer, role);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    kerberos::write_private_file(*path_, rows_);
  }

 private:
  std::optional<std::filesystem::path> path_;
  kerberos::SecretBytes rows_;
};

}  // namespace reveille::sim
