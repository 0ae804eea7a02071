// SPDX-License-Identifier: Apache-2.0
#include "reveille/driver/socket_bus.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <thread>

#include "reveille/driver/error.hpp"

namespace reveille::driver {
namespace {

constexpr timeval answer_limit{5, 0};
constexpr std::chrono::microseconds poll_interval(20);
/// The core's clock is not this machine's: a simulation is a thousand times slower.
constexpr std::chrono::seconds least_limit(20);

std::string reason() { return std::generic_category().message(errno); }

int connect_to(const std::filesystem::path& path) {
  sockaddr_un place{};
  place.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof place.sun_path)
    throw Error(ErrorKind::bad_input, text + ": a path of at most 107 characters expected");
  std::memcpy(place.sun_path, text.data(), text.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw Error(ErrorKind::bad_input, text + ": " + reason());
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
    const std::string message = text + ": " + reason();
    close(descriptor);
    throw Error(ErrorKind::bad_input, message);
  }
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &answer_limit, sizeof answer_limit);
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &answer_limit, sizeof answer_limit);
  return descriptor;
}

constexpr const char* greeting_expected = "reveille registers 2";

std::string question(const Access& access) {
  char text[32];
  if (access.write) {
    std::snprintf(text, sizeof text, "write %x %x", access.address, access.value);
  } else {
    std::snprintf(text, sizeof text, "read %x", access.address);
  }
  return text;
}

}  // namespace

SocketBus::SocketBus(const std::filesystem::path& path) : path_(path), descriptor_(connect_to(path)) {
  try {
    const std::string greeting = receive_line();
    if (greeting == "busy") throw BusInUse(path_.string() + ": another driver has it");
    if (greeting == "standby") throw StandsBy(path_.string() + ": it stands by for another core, which is not gone");
    if (greeting != greeting_expected)
      throw WrongCore(path_.string() + ": \"" + greeting + "\": \"" + greeting_expected + "\" expected");
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

SocketBus::~SocketBus() { close(descriptor_); }

std::string SocketBus::receive_line() {
  for (;;) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      const std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    char octets[256];
    // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): a question keeps the socket until it is answered
    const ssize_t count = recv(descriptor_, octets, sizeof octets, 0);
    if (count > 0) {
      received_.append(octets, static_cast<std::size_t>(count));
    } else if (count == 0) {
      throw BusError(path_.string() + ": the core is gone");
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      throw BusTimeout(path_.string() + ": timeout: no answer within " + std::to_string(answer_limit.tv_sec) + " s");
    } else if (errno != EINTR) {
      throw BusError(path_.string() + ": " + reason());
    }
  }
}

void SocketBus::send_lines(const std::string& lines) {
  for (std::size_t sent = 0; sent < lines.size();) {
    const ssize_t count = ::send(descriptor_, lines.data() + sent, lines.size() - sent, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      throw BusError(path_.string() + ": " + (errno == EPIPE ? "the core is gone" : reason()));
    }
  }
}

std::string SocketBus::refused(const std::string& what, const std::string& answer) const {
  return path_.string() + ": " + what + ": " + answer;
}

std::uint32_t SocketBus::read(std::uint16_t address) {
  Access access{address};
  this->access({&access, 1});
  return access.value;
}

void SocketBus::write(std::uint16_t address, std::uint32_t value) {
  Access access{address, value, true};
  this->access({&access, 1});
}

void SocketBus::access(std::span<Access> accesses) {
  const std::scoped_lock lock(mutex_);
  std::string lines;
  for (const Access& access : accesses) lines += question(access) + "\n";
  send_lines(lines);
  std::string wrong;  // said once every answer is read
  for (Access& access : accesses) {
    const std::string answer = receive_line();
    const char* const end = answer.data() + answer.size();
    bool good = answer == "ok";
    if (!access.write) {
      const auto parsed = std::from_chars(answer.data(), end, access.value, 16);
      good = parsed.ec == std::errc{} && parsed.ptr == end;
    }
    if (!good && wrong.empty()) wrong = refused(question(access), answer);
  }
  if (!wrong.empty()) throw BusError(wrong);
}

void SocketBus::send(std::span<const std::uint8_t> message) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string line = "send ";
  for (const std::uint8_t octet : message) {
    line += digits[octet >> 4];
    line += digits[octet & 15];
  }
  const std::scoped_lock lock(mutex_);
  send_lines(line + "\n");
  if (const std::string answer = receive_line(); answer != "ok") throw BusError(refused("a host message", answer));
}

void SocketBus::wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) {
  const auto patience = std::max<std::chrono::microseconds>(limit, least_limit);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      throw BusTimeout(path_.string() + ": timeout: no " + std::string(what) + " within " +
                       std::to_string(patience.count() / 1'000'000) + " s");
    std::this_thread::sleep_for(poll_interval);
  }
}

}  // namespace reveille::driver
