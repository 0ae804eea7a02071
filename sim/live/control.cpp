// SPDX-License-Identifier: Apache-2.0
#include "live/control.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <system_error>

#include "reveille/driver/error.hpp"

namespace reveille::sim {
namespace {

constexpr std::size_t longest_line = 64;

std::optional<std::uint32_t> hexadecimal(const std::string& text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

void say(int descriptor, const std::string& text) {
  // Whoever does not read the short answers to his own questions loses them.
  static_cast<void>(send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

}  // namespace

Control::Control(const std::filesystem::path& path) : path_(path) {
  const auto fail = [this](const std::string& what) {
    const int reason = errno;
    if (listener_ >= 0) close(listener_);
    throw Error(ErrorKind::bad_input,
                "--control: " + path_.string() + ": " + what + ": " + std::generic_category().message(reason));
  };
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.empty() || text.size() >= sizeof place.sun_path)
    throw Error(ErrorKind::bad_input, "--control: \"" + text + "\": a path of 1 to 107 characters expected");
  std::memcpy(place.sun_path, text.data(), text.size());
  const auto* const address = reinterpret_cast<const sockaddr*>(&place);
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) fail("socket");
  // A socket that nobody listens at is what a program left behind that could not tidy up.
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(probe, address, sizeof place) != 0 && errno == ECONNREFUSED && std::filesystem::is_socket(path))
    unlink(text.c_str());
  close(probe);
  // Nonces can be read here: for this user alone, from the first moment on.
  const mode_t mask = umask(0177);
  const bool bound = bind(listener_, address, sizeof place) == 0;
  umask(mask);
  if (!bound) fail("bind");
  if (listen(listener_, 4) != 0) fail("listen");
}

Control::~Control() {
  end();
  close(listener_);
  unlink(path_.c_str());
}

void Control::end() {
  if (connection_ >= 0) close(connection_);
  connection_ = -1;
  received_.clear();
}

void Control::accept() {
  const int connected = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (connected < 0) return;
  if (connection_ >= 0) {
    say(connected, "busy\n");
    close(connected);
    return;
  }
  connection_ = connected;
  say(connection_, "reveille registers 1\n");
}

void Control::serve() {
  char octets[4096];
  const ssize_t count = recv(connection_, octets, sizeof octets, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return end();
  received_.append(octets, static_cast<std::size_t>(count));
  for (std::size_t at = 0; (at = received_.find('\n')) != std::string::npos;) {
    const std::string line = received_.substr(0, at);
    received_.erase(0, at + 1);
    say(connection_, answer(line) + "\n");
  }
  if (received_.size() > longest_line) {
    say(connection_, "refused: a line of at most " + std::to_string(longest_line) + " characters expected\n");
    end();
  }
}

std::string Control::answer(const std::string& line) {
  std::istringstream words(line);
  std::string verb, first, second, more;
  words >> verb >> first >> second >> more;
  const auto address = hexadecimal(first, 0xFFF);
  const auto value = hexadecimal(second, 0xFFFF'FFFF);
  try {
    if (verb == "read" && address && second.empty()) {
      char text[16];
      std::snprintf(text, sizeof text, "%08x", on_read(static_cast<std::uint16_t>(*address)));
      return text;
    }
    if (verb == "write" && address && value && more.empty()) {
      on_write(static_cast<std::uint16_t>(*address), *value);
      return "ok";
    }
  } catch (const driver::BusError& error) {
    return std::string("refused: ") + error.what();
  }
  return "refused: \"read ADDRESS\" or \"write ADDRESS VALUE\" in hexadecimal expected";
}

}  // namespace reveille::sim
