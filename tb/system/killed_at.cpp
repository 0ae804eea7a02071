// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program, kills it in the call of that number, of those that change a file or send something: as many
// as REVEILLE_KILLED_AT says. What it was about to write is written by half.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace {

bool is_the_one() {
  static const char* const wanted = std::getenv("REVEILLE_KILLED_AT");
  static unsigned long calls = 0;
  return wanted != nullptr && ++calls == std::strtoul(wanted, nullptr, 10);
}

void die() { ::syscall(SYS_kill, ::getpid(), SIGKILL); }

/// Before a call that is done or not.
void count() {
  if (is_the_one()) die();
}

ssize_t write_at(int file, const void* octets, std::size_t size, off_t offset) {
  const bool last = is_the_one();
  const long written = ::syscall(SYS_pwrite64, file, octets, last ? size / 2 : size, offset);
  if (last) die();
  return written;
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* octets, std::size_t size) {
  const bool last = file > STDERR_FILENO && is_the_one();
  const long written = ::syscall(SYS_write, file, octets, last ? size / 2 : size);
  if (last) die();
  return written;
}
ssize_t pwrite(int file, const void* octets, std::size_t size, off_t offset) {
  return write_at(file, octets, size, offset);
}
ssize_t pwrite64(int file, const void* octets, std::size_t size, off64_t offset) {
  return write_at(file, octets, size, offset);
}
int ftruncate(int file, off_t size) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_ftruncate, file, size));
}
int ftruncate64(int file, off64_t size) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_ftruncate, file, size));
}
int fsync(int file) {
  count();
  return static_cast<int>(::syscall(SYS_fsync, file));
}
int fdatasync(int file) {
  count();
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}
int rename(const char* from, const char* to) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}
int link(const char* from, const char* to) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
}
int unlink(const char* name) noexcept {
  count();
  return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, name, 0));
}
ssize_t send(int socket, const void* octets, std::size_t size, int flags) {
  count();
  return ::syscall(SYS_sendto, socket, octets, size, flags, nullptr, 0);
}
ssize_t sendto(int socket, const void* octets, std::size_t size, int flags, const sockaddr* to, socklen_t to_size) {
  count();
  return ::syscall(SYS_sendto, socket, octets, size, flags, to, to_size);
}
ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  count();
  return ::syscall(SYS_sendmsg, socket, message, flags);
}

}  // extern "C"
