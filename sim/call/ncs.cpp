// SPDX-License-Identifier: Apache-2.0
#include "call/ncs.hpp"

#include <openssl/evp.h>

#include <sstream>

#include "number.hpp"
#include "reveille/common/error.hpp"
#include "reveille/net/address.hpp"

namespace reveille::sim {

namespace {

constexpr std::string_view suite = "AES_CM_128_HMAC_SHA1_80";

/// What stands between `begin` and the next of these.
std::optional<std::string> between(const std::string& text, std::string_view begin, const char* end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t first = at + begin.size();
  return text.substr(first, text.find_first_of(end, first) - first);
}

std::optional<MediaKey> key_of(const std::optional<std::string>& base64) {
  if (!base64 || base64->size() != media_key_size / 3 * 4) return std::nullopt;
  MediaKey key(media_key_size);
  const int size = EVP_DecodeBlock(key.data(), reinterpret_cast<const unsigned char*>(base64->data()),
                                   static_cast<int>(base64->size()));
  return size == static_cast<int>(media_key_size) ? std::optional(key) : std::nullopt;
}

}  // namespace

std::string to_base64(ByteView octets) {
  std::string text(octets.size() / 3 * 4 + 5, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets.data(), static_cast<int>(octets.size()))));
  return text;
}

std::string to_text(const Command& command, const std::string& client) {
  const std::string where = " " + std::to_string(command.transaction) + " aaln/1@" + client + " MGCP 1.0 NCS 1.0\r\n";
  switch (command.kind) {
    case Command::Kind::ring: return "RQNT" + where + "X: 2\r\nR: L/hd(N)\r\nS: L/rg\r\n";
    case Command::Kind::disconnect: return "DLCX" + where + "C: 1\r\n";
    case Command::Kind::connect: break;
  }
  const std::string address = (command.other.address.is_ipv4() ? "IP4 " : "IP6 ") + net::format(command.other.address);
  return "CRCX" + where + "C: 1\r\nL: p:20, a:PCMU, k:base64:" + to_base64(command.key) +
         "\r\nM: sendrecv\r\n\r\nv=0\r\no=- 1 1 IN " + address + "\r\ns=-\r\nc=IN " + address +
         "\r\nt=0 0\r\nm=audio " + std::to_string(command.other.port) + " RTP/SAVP 0\r\na=crypto:1 " +
         std::string(suite) + " inline:" + to_base64(command.other.key) + "\r\n";
}

std::optional<Command> to_command(const std::string& text) {
  const auto number = between(text, " ", " ");
  const auto transaction = number ? parse_number<std::uint32_t>(*number) : std::nullopt;
  if (!transaction) return std::nullopt;
  Command command{.kind = Command::Kind::ring, .transaction = *transaction};
  if (text.starts_with("RQNT ")) return command;
  command.kind = Command::Kind::disconnect;
  if (text.starts_with("DLCX ")) return command;
  command.kind = Command::Kind::connect;
  if (!text.starts_with("CRCX ")) return std::nullopt;
  const auto own = key_of(between(text, "k:base64:", "\r\n"));
  const auto other = key_of(between(text, "a=crypto:1 " + std::string(suite) + " inline:", "\r\n"));
  const auto address = between(text, "\r\nc=IN IP", "\r\n");
  const auto port = between(text, "\r\nm=audio ", " ");
  const auto port_number = port ? parse_number<std::uint16_t>(*port) : std::nullopt;
  if (!own || !other || !address || !port_number) return std::nullopt;
  try {
    command.other = {net::Address::parse(address->substr(std::min<std::size_t>(2, address->size()))), *port_number,
                     *other};
  } catch (const Error&) {
    return std::nullopt;
  }
  command.key = *own;
  return command;
}

std::string answer_to(const Command& command) {
  const std::string number = std::to_string(command.transaction);
  switch (command.kind) {
    case Command::Kind::connect: return "200 " + number + " OK\r\nI: 1\r\n";
    case Command::Kind::disconnect: return "250 " + number + " OK\r\n";
    case Command::Kind::ring: break;
  }
  return "200 " + number + " OK\r\n";
}

}  // namespace reveille::sim
