// SPDX-License-Identifier: Apache-2.0
#include "report/waveform.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "command.hpp"

namespace reveille::sim {

namespace {

constexpr std::uint64_t cycles_before = 200;

}  // namespace

std::filesystem::path write_waveform(const std::filesystem::path& folder, const RunReport& report) {
  std::filesystem::path file = folder / waveform_name;
  const std::filesystem::path written = file.string() + ".part-" + std::to_string(getpid());
  std::error_code error;
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "reveille-waves";
  const std::uint64_t cycle = report.difference->cycle;
  const std::string first = std::to_string(cycle > cycles_before ? cycle - cycles_before : 0);
  const std::string scenario = (folder / "scenario.json").string();
  std::cerr << "repeating the run for its waveform …\n";
  const pid_t child = fork();
  if (child == 0) {
    // It finds the same difference and would say so again.
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execl(program.c_str(), program.c_str(), "run", "--scenario", scenario.c_str(), "--kdc", report.kdc.c_str(), "--out",
          folder.c_str(), "--engine", "lockstep", "--waveform", written.c_str(), first.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  const bool found =
      child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == exit_difference;
  if (found) std::filesystem::rename(written, file, error);
  if (!found || error) {
    std::filesystem::remove(written, error);
    std::cerr << "no waveform: " << program.string() << " did not write one\n";
    return {};
  }
  return file;
}

}  // namespace reveille::sim
