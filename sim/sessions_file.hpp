// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine.hpp"

namespace reveille::sim {

/// What `reveille replay --sessions` reads (docs/replay.md).
struct SessionsFile {
  policy::ServerConfig config;
  std::vector<RestoredSession> sessions;
};

/// Every key must be there, none may be unknown or stand twice. Error{bad_input} naming file, key
/// (`sessions[3].nonce`), value and what was expected.
SessionsFile read_sessions_file(const std::filesystem::path& path);

/// Server and policy where no file is given: 192.0.2.1, 2001:db8::1, port 1293, any destination, later fragments
/// passed, both DOIs, version 1.0, client-initiated requests dropped, 2 resends; no sessions.
SessionsFile default_sessions();

/// The same policy for the server of `--server` (addresses separated by commas) and `--port`; no sessions.
/// Error{bad_input} names option and value.
SessionsFile sessions_of_server(const std::string& addresses, const std::optional<std::string>& port);

}  // namespace reveille::sim
