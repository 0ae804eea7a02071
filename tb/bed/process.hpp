// SPDX-License-Identifier: Apache-2.0
#pragma once

// Other programs, for MitRealm and the tests around it.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace reveille::bed {

/// A folder in the system's temporary one, gone with this object. `name` begins its own. Throws Error{bad_input}.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& entry) const { return path_ / entry; }

 private:
  std::filesystem::path path_;
};

/// The program in PATH, /usr/sbin or /sbin (where Debian keeps daemons). Throws Error{bad_input} naming `package`.
std::filesystem::path find_program(const std::string& name, const std::string& package);

struct ProcessResult {
  int status = -1;     ///< exit status; 128 + signal if it was killed
  std::string output;  ///< stdout and stderr
};

/// Runs to the end with `input` on stdin. `environment`: NAME=VALUE, beside our own.
ProcessResult run_process(const std::vector<std::string>& command, const std::string& input,
                          const std::vector<std::string>& environment);

/// A program that runs until this object goes; it also ends with the thread that started it, even if that one is
/// killed.
class BackgroundProcess {
 public:
  BackgroundProcess(const std::vector<std::string>& command, const std::filesystem::path& output,
                    const std::vector<std::string>& environment);
  ~BackgroundProcess();
  BackgroundProcess(const BackgroundProcess&) = delete;
  BackgroundProcess& operator=(const BackgroundProcess&) = delete;

  [[nodiscard]] bool running();

 private:
  pid_t pid_;
};

}  // namespace reveille::bed
