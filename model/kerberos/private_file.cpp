// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

namespace reveille::kerberos {
namespace {

namespace fs = std::filesystem;

constexpr mode_t others = S_IRWXG | S_IRWXO;
constexpr off_t most_octets = 64 << 20;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Error(ErrorKind::bad_input, path.string() + ": " + why);
}

void require_private(const fs::path& path, const struct stat& state) {
  if ((state.st_mode & others) == 0) return;
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", state.st_mode & 07777U);
  refuse(path, std::string("mode ") + mode + ": others may use what is secret in it; expected 0600 (chmod 600)");
}

class File {
 public:
  explicit File(int number) : number_(number) {}
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

bool write_all(int file, ByteView octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(file, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

/// Writes a file that has no name until it is whole; false where the file system has no such files.
bool write_unnamed(const fs::path& folder, const std::string& name, ByteView octets) {
  const File file(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open() || !write_all(file.number(), octets)) return false;
  const std::string self = "/proc/self/fd/" + std::to_string(file.number());
  return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

bool write_named(const std::string& name, ByteView octets) {
  const File file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  return file.is_open() && write_all(file.number(), octets);
}

}  // namespace

void require_private(const fs::path& path) {
  struct stat state = {};
  if (::stat(path.c_str(), &state) == 0) require_private(path, state);
}

SecretBytes read_private_file(const fs::path& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // which a pipe does not wait at
  struct stat state = {};
  if (!file.is_open() || ::fstat(file.number(), &state) != 0) {
    refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  if (!S_ISREG(state.st_mode)) refuse(path, "cannot be read: a regular file expected");
  require_private(path, state);
  if (state.st_size > most_octets) refuse(path, "cannot be read: more than 64 MiB");
  SecretBytes octets(static_cast<std::size_t>(state.st_size));
  std::size_t got = 0;
  while (got < octets.size()) {
    const ssize_t more = ::read(file.number(), octets.data() + got, octets.size() - got);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) refuse(path, std::string("cannot be read: ") + std::strerror(errno));
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  octets.resize(got);
  return octets;
}

void write_private_file(const fs::path& path, ByteView octets) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::string name = path.string() + ".new-" + std::to_string(::getpid());
  ::unlink(name.c_str());  // of a process of that number that was stopped
  bool good = write_unnamed(folder, name, octets) || write_named(name, octets);
  good = good && ::rename(name.c_str(), path.c_str()) == 0;
  const int reason = errno;
  if (!good) {
    ::unlink(name.c_str());
    refuse(path, std::string("cannot be written: ") + std::strerror(reason));
  }
  const File parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.is_open()) (void)::fsync(parent.number());
}

}  // namespace reveille::kerberos
