// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "sim/files.hpp"

/// The program `reveille`, as a user calls it.
namespace reveille::sim::test {

struct ProgramResult {
  int status = 0;  ///< exit status; 128 + signal if it was killed
  std::string out, err;
};

/// Where standard output goes: to a file that becomes ProgramResult::out, to /dev/full, or nowhere: it is closed.
enum class Output { kept, full, closed };

/// A running `reveille`; its output goes to files in `folder`. `environment`: NAME=VALUE, beside our own.
class Program {
 public:
  Program(const TemporaryFolder& folder, std::vector<std::string> arguments, Output output = Output::kept,
          std::vector<std::string> environment = {})
      : out_(folder / "stdout"), err_(folder / "stderr") {
    arguments.insert(arguments.begin(), REVEILLE_PROGRAM);
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
      for (std::string& each : environment) putenv(each.data());
      redirect(output == Output::full ? "/dev/full" : out_, STDOUT_FILENO);
      redirect(err_, STDERR_FILENO);
      if (output == Output::closed) close(STDOUT_FILENO);
      execv(argv.front(), argv.data());
      _exit(127);
    }
    if (pid_ < 0) throw Error(ErrorKind::internal, "fork");
  }
  ~Program() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void signal(int number) const { kill(pid_, number); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Whether it has ended, and waits for wait().
  [[nodiscard]] bool has_ended() const {
    siginfo_t state = {};
    return waitid(P_PID, static_cast<id_t>(pid_), &state, WEXITED | WNOHANG | WNOWAIT) == 0 && state.si_pid == pid_;
  }
  /// What it has written to standard error so far.
  [[nodiscard]] std::string progress() const { return so_far(err_); }
  ProgramResult wait() {
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_) throw Error(ErrorKind::internal, "waitpid");
    pid_ = -1;
    ProgramResult result{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), so_far(out_), progress()};
    std::filesystem::remove(out_);
    std::filesystem::remove(err_);
    return result;
  }

 private:
  /// Nothing, where the child was killed before it had a file.
  static std::string so_far(const std::filesystem::path& file) {
    return std::filesystem::exists(file) ? read_file(file) : "";
  }
  static void redirect(const std::filesystem::path& file, int descriptor) {
    const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (opened < 0 || dup2(opened, descriptor) < 0) _exit(126);
  }

  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = -1;
};

inline ProgramResult run_program(const TemporaryFolder& folder, std::vector<std::string> arguments,
                                 Output output = Output::kept) {
  return Program(folder, std::move(arguments), output).wait();
}

/// The lines that tshark prints of a run's capture, opened with the keytab beside it; split at tabs.
inline std::vector<std::vector<std::string>> dissect_run(const std::filesystem::path& run, const std::string& fields) {
  const std::string text =
      tshark_fields(run / "network.pcapng", fields,
                    "-o kerberos.decrypt:TRUE -o kerberos.file:'" + (run / "network.keytab").string() + "'");
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  for (const char c : text) {
    if (c == '\t') {
      row.emplace_back();
    } else if (c == '\n') {
      rows.push_back(std::move(row));
      row.assign(1, "");
    } else {
      row.back().push_back(c);
    }
  }
  return rows;
}

}  // namespace reveille::sim::test
