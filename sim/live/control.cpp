// SPDX-License-Identifier: Apache-2.0
#include "live/control.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <sstream>

#include "reveille/driver/error.hpp"

namespace reveille::sim {
namespace {

constexpr std::size_t longest_message = 32 + 1449;  // docs/architecture.md, A19
constexpr std::size_t longest_line = 2 * longest_message + 8;

std::optional<std::uint32_t> hexadecimal(const std::string& text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

std::optional<Bytes> octets_of(const std::string& text) {
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  Bytes octets;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto octet = hexadecimal(text.substr(i, 2), 0xFF);
    if (!octet) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(*octet));
  }
  return octets;
}

void say(int descriptor, const std::string& text) {
  // Whoever does not read the short answers to his own questions loses them.
  static_cast<void>(send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

}  // namespace

Control::Control(const std::filesystem::path& path) : listener_(path, "--control") {}

Control::~Control() { end(); }

void Control::end() {
  if (connection_ >= 0) close(connection_);
  connection_ = -1;
  received_.clear();
}

void Control::accept() {
  const int connected = listener_.accept();
  if (connected < 0) return;
  if (standby || connection_ >= 0) {
    say(connected, standby ? "standby\n" : "busy\n");
    close(connected);
    return;
  }
  connection_ = connected;
  say(connection_, "reveille registers 2\n");
}

void Control::serve() {
  char octets[16'384];
  const ssize_t count = recv(connection_, octets, sizeof octets, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return end();
  received_.append(octets, static_cast<std::size_t>(count));
  std::string answers;
  std::size_t begin = 0;
  for (std::size_t at = 0; (at = received_.find('\n', begin)) != std::string::npos; begin = at + 1)
    answers += answer(received_.substr(begin, at - begin)) + "\n";
  received_.erase(0, begin);
  if (!answers.empty()) say(connection_, answers);
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
    if (const auto octets = octets_of(first); verb == "send" && octets && second.empty()) {
      on_message(*octets);
      return "ok";
    }
  } catch (const driver::BusError& error) {
    return std::string("refused: ") + error.what();
  }
  return "refused: \"read ADDRESS\", \"write ADDRESS VALUE\" or \"send OCTETS\" in hexadecimal expected";
}

}  // namespace reveille::sim
