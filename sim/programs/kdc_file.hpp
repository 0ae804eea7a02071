// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "programs/kdc_server.hpp"
#include "programs/program_file.hpp"

namespace reveille::sim {

/// The configuration file of `kdc`.
struct KdcFile {
  /// How clients prove themselves by certificates.
  struct Certificates {
    std::filesystem::path certificate, key, anchors;
    std::optional<std::filesystem::path> revoked = {};
    bool require_freshness = false;
  };

  std::string realm;
  std::filesystem::path database;
  KdcServerConfig server;
  kerberos::KdcPolicy policy;
  std::optional<Certificates> certificates;

  explicit KdcFile(const std::filesystem::path& path);
};

}  // namespace reveille::sim
