// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine.hpp"

namespace reveille::sim {

/// A host command, and where it stands between the frames.
struct RecordedCommand {
  std::uint64_t time_ns = 0;     ///< since time 0: in front of the frames of that time
  driver::Command command = {};  ///< of a `wake` with the nonce that the core drew; a `restore` is of phase `replied`
  std::uint64_t until_us = {};   ///< of these two: the session's deadline, in place of a lifetime
};

/// Which of a capture's frames the guard judged, and when its clock began.
struct CaptureChoice {
  std::string interface;       ///< by name, but for its outbound frames
  std::uint64_t begin_ns = 0;  ///< of the capture's clock at time 0
};

/// What `reveille replay --sessions` reads (docs/replay.md).
struct SessionsFile {
  policy::ServerConfig config;
  std::vector<driver::Command> sessions = {};  ///< each a `restore`, at time 0
  std::optional<CaptureChoice> capture = {};
  std::vector<RecordedCommand> commands = {};  ///< in order of time
};

/// Every key must be there, none may be unknown or stand twice. Error{bad_input} naming file, key
/// (`sessions[3].nonce`), value and what was expected.
SessionsFile read_sessions_file(const std::filesystem::path& path);

/// The file that read_sessions_file() reads as `sessions`, each of its commands on a line.
std::string sessions_text(const SessionsFile& sessions);

/// Server and policy where no file is given: 192.0.2.1, 2001:db8::1, port 1293, any destination, later fragments
/// passed, both DOIs, version 1.0, client-initiated requests dropped, 2 resends; no sessions.
SessionsFile default_sessions();

/// The same policy for the server of `--server` (addresses separated by commas) and `--port`; no sessions.
/// Error{bad_input} names option and value.
SessionsFile sessions_of_server(const std::string& addresses, const std::optional<std::string>& port);

}  // namespace reveille::sim
