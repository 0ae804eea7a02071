// SPDX-License-Identifier: Apache-2.0
#include "bed/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <system_error>

#include "reveille/common/error.hpp"

namespace reveille::bed {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number, const std::string& what) : number_(number) {
    if (number < 0) throw std::system_error(errno, std::generic_category(), what);
  }
  ~Descriptor() { ::close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (const std::string& string : strings) out.push_back(const_cast<char*>(string.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> whole_environment(const std::vector<std::string>& ours) {
  std::vector<std::string> all = ours;  // the first of a name counts
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string inherited = *entry;
    const std::string name = inherited.substr(0, inherited.find('=') + 1);
    bool replaced = false;
    for (const std::string& own : ours) replaced = replaced || own.starts_with(name);
    if (!replaced) all.push_back(inherited);
  }
  return all;
}

/// A child with these descriptors as stdin, stdout and stderr. Between fork and exec only what is safe after a signal.
pid_t start(const std::vector<std::string>& command, int input, int output,
            const std::vector<std::string>& environment) {
  const std::vector<std::string> variables = whole_environment(environment);
  const std::vector<char*> arguments = pointers(command), values = pointers(variables);
  const pid_t parent = ::getpid(), pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(126);
  if (::dup2(input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) ::_exit(126);
  ::execve(arguments[0], arguments.data(), values.data());
  ::_exit(127);
}

int wait_for(pid_t pid, int options, int& status) {
  int result = 0;
  do {
    result = ::waitpid(pid, &status, options);
  } while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& name) {
  std::string pattern = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) throw Error(ErrorKind::bad_input, "cannot create the folder " + pattern);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path find_program(const std::string& name, const std::string& package) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin:/usr/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::filesystem::path candidate = std::filesystem::path(folder) / name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw Error(ErrorKind::bad_input, name + " not found: install the Debian package " + package);
}

ProcessResult run_process(const std::vector<std::string>& command, const std::string& input,
                          const std::vector<std::string>& environment) {
  // The input is whole before the child starts: no pipe that both sides could wait on.
  const Descriptor in(::memfd_create("stdin", MFD_CLOEXEC), "memfd");
  if (::write(in.number(), input.data(), input.size()) != static_cast<ssize_t>(input.size()) ||
      ::lseek(in.number(), 0, SEEK_SET) != 0) {
    throw std::system_error(errno, std::generic_category(), "memfd");
  }
  const Descriptor out(::memfd_create("stdout", MFD_CLOEXEC), "memfd");
  int status = 0;
  wait_for(start(command, in.number(), out.number(), environment), 0, status);
  ProcessResult result{.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), .output = {}};
  ::lseek(out.number(), 0, SEEK_SET);
  std::array<char, 4096> chunk = {};
  for (ssize_t size = 0; (size = ::read(out.number(), chunk.data(), chunk.size())) > 0;) {
    result.output.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return result;
}

BackgroundProcess::BackgroundProcess(const std::vector<std::string>& command, const std::filesystem::path& output,
                                     const std::vector<std::string>& environment)
    : pid_(-1) {
  const Descriptor in(::open("/dev/null", O_RDONLY | O_CLOEXEC), "/dev/null");
  const Descriptor out(::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), output.string());
  pid_ = start(command, in.number(), out.number(), environment);
}

BackgroundProcess::~BackgroundProcess() {
  if (!running()) return;
  int status = 0;
  ::kill(pid_, SIGTERM);
  for (int tries = 0; tries < 100; ++tries) {
    if (wait_for(pid_, WNOHANG, status) != 0) return;
    ::usleep(20'000);
  }
  ::kill(pid_, SIGKILL);
  wait_for(pid_, 0, status);
}

bool BackgroundProcess::running() {
  if (pid_ < 0) return false;
  int status = 0;
  if (wait_for(pid_, WNOHANG, status) == 0) return true;
  pid_ = -1;
  return false;
}

}  // namespace reveille::bed
