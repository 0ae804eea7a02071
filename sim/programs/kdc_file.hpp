// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "programs/kdc_server.hpp"
#include "programs/program_file.hpp"

namespace reveille::sim {

/// The configuration file of `kdc`.
struct KdcFile {
  std::string realm;
  std::filesystem::path database;
  KdcServerConfig server;
  kerberos::KdcPolicy policy;

  explicit KdcFile(const std::filesystem::path& path);
};

}  // namespace reveille::sim
