// SPDX-License-Identifier: Apache-2.0
#include "live/unix_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <system_error>

#include "reveille/common/error.hpp"

namespace reveille::sim {
namespace {

/// Whether the path fits.
bool set_place(sockaddr_un& place, const std::string& text) {
  place.sun_family = AF_UNIX;
  if (text.empty() || text.size() >= sizeof place.sun_path) return false;
  std::memcpy(place.sun_path, text.data(), text.size());
  return true;
}

}  // namespace

UnixListener::UnixListener(const std::filesystem::path& path, const char* option) : path_(path) {
  const std::string text = path.string();
  const auto fail = [&](const std::string& what) {
    const int reason = errno;
    if (descriptor_ >= 0) close(descriptor_);
    throw Error(ErrorKind::bad_input,
                option + (": " + text) + ": " + what + ": " + std::generic_category().message(reason));
  };
  sockaddr_un place{};
  if (!set_place(place, text))
    throw Error(ErrorKind::bad_input, option + (": \"" + text) + "\": a path of 1 to 107 characters expected");
  descriptor_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor_ < 0) fail("socket");
  // A socket that nobody listens at is what a program left behind that could not tidy up.
  const int probe = connect_unix(path);
  if (probe < 0 && errno == ECONNREFUSED && std::filesystem::is_socket(path)) unlink(text.c_str());
  if (probe >= 0) close(probe);
  // Nonces can be read here: for this user alone, from the first moment on.
  const mode_t mask = umask(0177);
  const bool bound = bind(descriptor_, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0;
  umask(mask);
  if (!bound) fail("bind");
  if (listen(descriptor_, 4) != 0) fail("listen");
}

UnixListener::~UnixListener() {
  close(descriptor_);
  unlink(path_.c_str());
}

int UnixListener::accept() const { return accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); }

OnlyOne::~OnlyOne() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool OnlyOne::take() {
  if (descriptor_ >= 0) return true;
  sockaddr_un place{};
  place.sun_family = AF_UNIX;  // and a NUL ahead of the name, by which it is no file's
  const std::size_t size = std::min(name_.size(), sizeof place.sun_path - 1);
  std::memcpy(place.sun_path + 1, name_.data(), size);
  const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + size);
  if (made < 0 || bind(made, reinterpret_cast<const sockaddr*>(&place), length) != 0) {
    if (made >= 0) close(made);
    return false;
  }
  descriptor_ = made;
  return true;
}

int connect_unix(const std::filesystem::path& path) {
  sockaddr_un place{};
  if (!set_place(place, path.string())) {
    errno = ENAMETOOLONG;
    return -1;
  }
  const int connected = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (connected < 0) return -1;
  if (connect(connected, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0) return connected;
  const int reason = errno;
  close(connected);
  errno = reason;
  return -1;
}

}  // namespace reveille::sim
