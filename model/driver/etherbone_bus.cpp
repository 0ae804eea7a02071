// SPDX-License-Identifier: Apache-2.0
#include "reveille/driver/etherbone_bus.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

#include "reveille/common/bytes.hpp"
#include "reveille/driver/error.hpp"
#include "reveille/driver/register_map.hpp"

namespace reveille::driver {
namespace {

constexpr unsigned tries_of_a_read = 3;
constexpr std::chrono::milliseconds answer_limit(100);
constexpr std::chrono::microseconds poll_interval(50);
constexpr std::size_t most_words = 32;
// A packet: magic, version 1, addresses and data of 4 octets, padding; a record: flags, byte enables, counts, base.
constexpr std::uint64_t packet_header = 0x4E6F'1044'0000'0000;
constexpr std::uint8_t flags_wanted = 0x00, every_byte = 0x0F;
constexpr std::size_t header_octets = 16;
// A host message (docs/board.md): two octets, and a header in band, behind the EtherType; Ethernet pads to 46 octets.
constexpr std::uint16_t message_type = 0x88B5;
constexpr std::size_t message_header_at = 2, message_header_octets = 10, shortest_message = 46 - message_header_octets;

std::string reason() { return std::generic_category().message(errno); }

void append_word(std::string& packet, std::uint64_t word, unsigned octets) { append_big_endian(packet, word, octets); }

/// All but the words.
std::string begin_packet(std::size_t writes, std::size_t reads, std::uint32_t base) {
  std::string packet;
  append_word(packet, packet_header, 8);
  append_word(packet, flags_wanted, 1);
  append_word(packet, every_byte, 1);
  append_word(packet, writes, 1);
  append_word(packet, reads, 1);
  append_word(packet, base, 4);
  return packet;
}

}  // namespace

EtherboneBus::EtherboneBus(const std::string& address, std::uint16_t port, std::uint32_t registers)
    : place_("etherbone " + address), registers_(registers) {
  sockaddr_in board{};
  board.sin_family = AF_INET;
  board.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &board.sin_addr) != 1)
    throw Error(ErrorKind::bad_input, place_ + ": an IPv4 address expected");
  const auto fail = [this](bool in_use, const std::string& message) {
    if (socket_ >= 0) close(socket_);
    if (in_use) throw BusInUse(message);
    throw Error(ErrorKind::bad_input, message);
  };
  socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail(false, place_ + ": " + reason());
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_port = htons(port);
  // A board on this machine, simulated, has the port at its own address.
  if ((ntohl(board.sin_addr.s_addr) >> 24) == 127) own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
    fail(errno == EADDRINUSE, place_ + ": UDP port " + std::to_string(port) + " of this machine: " + reason() +
                                  (errno == EADDRINUSE ? ": another driver has it" : ""));
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&board), sizeof board) != 0)
    fail(false, place_ + ": " + reason());
  try {
    static_cast<void>(EtherboneBus::read(address::id));
  } catch (...) {
    close(socket_);
    throw;
  }
}

EtherboneBus::~EtherboneBus() { close(socket_); }

std::uint32_t EtherboneBus::read(std::uint16_t address) {
  Access access{address};
  this->access({&access, 1});
  return access.value;
}

void EtherboneBus::write(std::uint16_t address, std::uint32_t value) {
  Access access{address, value, true};
  this->access({&access, 1});
}

void EtherboneBus::access(std::span<Access> accesses) {
  const std::scoped_lock lock(mutex_);
  while (!accesses.empty()) {
    std::size_t count = 1;
    const auto goes_on = [&accesses](std::size_t next) {
      if (next == accesses.size() || next == most_words || accesses[next].write != accesses[0].write) return false;
      return !accesses[0].write || accesses[next].address == accesses[0].address + 4 * next;
    };
    while (goes_on(count)) ++count;
    const bool writes = accesses[0].write;
    writes ? write_run(accesses.first(count)) : read_run(accesses.first(count));
    accesses = accesses.subspan(count);
    if (!writes || !accesses.empty()) continue;
    Access behind{address::id};
    read_run({&behind, 1});
  }
}

void EtherboneBus::write_run(std::span<const Access> accesses) {
  std::string packet = begin_packet(accesses.size(), 0, registers_ + accesses[0].address);
  for (const Access& access : accesses) append_word(packet, access.value, 4);
  if (::send(socket_, packet.data(), packet.size(), 0) < 0 && errno != ECONNREFUSED)
    throw BusError(place_ + ": " + reason());
}

void EtherboneBus::read_run(std::span<Access> accesses) {
  std::string packet = begin_packet(0, accesses.size(), ++number_);
  for (const Access& access : accesses) append_word(packet, registers_ + access.address, 4);
  const bool takes =
      std::ranges::any_of(accesses, [](const Access& each) { return each.address == address::event_data; });
  exchange(packet, number_, accesses, takes ? 1 : tries_of_a_read);
}

void EtherboneBus::exchange(const std::string& packet, std::uint32_t number, std::span<Access> answers,
                            unsigned tries) {
  for (unsigned i = 0; i < tries; ++i) {
    if (::send(socket_, packet.data(), packet.size(), 0) < 0 && errno != ECONNREFUSED)
      throw BusError(place_ + ": " + reason());
    const auto end = std::chrono::steady_clock::now() + answer_limit;
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      pollfd watched{socket_, POLLIN, 0};
      if (left.count() < 0 || poll(&watched, 1, static_cast<int>(left.count()) + 1) == 0) break;
      Bytes received(2048);
      // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): MSG_DONTWAIT does not block
      const ssize_t octets = recv(socket_, received.data(), received.size(), MSG_DONTWAIT);
      if (octets < 0) {
        // Nobody listens there, and a host says so: as if nothing came.
        if (errno == ECONNREFUSED) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      received.resize(static_cast<std::size_t>(octets));
      if (received.size() < header_octets + 4 * answers.size()) continue;
      ByteReader in(received);
      bool ours = in.u64("packet") == packet_header;
      in.take(2, "flags, byte enables");
      ours = in.u8("writes") == answers.size() && in.u8("reads") == 0 && in.u32("number") == number && ours;
      if (!ours) continue;  // of an earlier question, or a stranger's
      for (Access& access : answers) access.value = in.u32("word");
      return;
    }
  }
  throw BusTimeout(place_ + ": timeout: no answer within " + std::to_string(tries * answer_limit.count()) + " ms");
}

void EtherboneBus::send(std::span<const std::uint8_t> message) {
  if (message.size() < shortest_message)
    throw BusError(place_ + ": a host message of " + std::to_string(message.size()) +
                   " octets: " + std::to_string(shortest_message) + " at least, for Ethernet would pad it");
  Bytes frame(message_header_octets);
  frame[message_header_at] = 1;
  append(frame, message);
  const std::scoped_lock lock(mutex_);
  if (!messages_) messages_.emplace(socket_, message_type);
  messages_->send(frame);
}

void EtherboneBus::wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) {
      if (done()) return;  // this process may have been kept waiting itself
      throw BusTimeout(place_ + ": timeout: no " + std::string(what) + " within " + std::to_string(limit.count()) +
                       " us");
    }
    std::this_thread::sleep_for(poll_interval);
  }
}

}  // namespace reveille::driver
