// SPDX-License-Identifier: Apache-2.0
// The driver's way to a board: against an endpoint whose octets are those of LiteX's own tools.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <map>
#include <thread>

#include "catch.hpp"
#include "model/hex.hpp"
#include "reveille/driver/driver.hpp"
#include "reveille/driver/error.hpp"
#include "reveille/driver/etherbone_bus.hpp"
#include "reveille/driver/register_fields.hpp"
#include "reveille/driver/register_map.hpp"

namespace reveille::driver::test {
namespace {

/// Answers as LiteEth does: writes are not answered, reads by a record of writes to the address that the question told.
class Endpoint {
 public:
  explicit Endpoint(std::uint16_t port) : socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(port);
    inet_pton(AF_INET, "127.0.0.2", &own.sin_addr);
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0);
    const timeval limit{0, 20'000};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    thread_ = std::thread([this] { serve(); });
  }
  ~Endpoint() {
    over_ = true;
    thread_.join();
    close(socket_);
  }
  std::map<std::uint32_t, std::uint32_t> words = {{EtherboneBus::kRegisters + address::id, RESET(ID)},
                                                  {EtherboneBus::kRegisters + address::version, RESET(VERSION)}};
  std::vector<Bytes> questions;  ///< looked at while no access is under way
  std::atomic<unsigned> lose{0};

 private:
  void serve() {
    while (!over_) {
      Bytes packet(2048);
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t octets =
          recvfrom(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (octets < 0) continue;
      packet.resize(static_cast<std::size_t>(octets));
      questions.push_back(packet);
      ByteReader in(packet);
      in.take(10, "header");
      const std::uint8_t writes = in.u8("wcount"), reads = in.u8("rcount");
      const std::uint32_t base = in.u32("base");
      for (std::uint32_t i = 0; i < writes; ++i) words[base + 4 * i] = in.u32("word");
      if (reads == 0) continue;
      Bytes answer = from_hex("4e6f104400000000000f");
      append_big_endian(answer, reads, 1);
      append_big_endian(answer, 0, 1);
      append_big_endian(answer, base, 4);
      for (unsigned i = 0; i < reads; ++i) append_big_endian(answer, words[in.u32("address")], 4);
      if (lose != 0 && lose-- != 0) continue;
      sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
    }
  }
  int socket_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

std::uint16_t some_port() { return static_cast<std::uint16_t>(20'000 + getpid() % 20'000); }

}  // namespace

TEST_CASE("Accesses go as LiteX's own tools send them, neighbours in one datagram") {
  Endpoint board(some_port());
  EtherboneBus bus("127.0.0.2", some_port());
  board.questions.clear();
  Access accesses[] = {{0x080, 0x11223344, true}, {0x084, 0xAABBCCDD, true}, {0x000}, {0x004}};
  bus.access(accesses);
  CHECK(accesses[2].value == RESET(ID));
  CHECK(accesses[3].value == RESET(VERSION));
  // EtherbonePacket of litex 2024.12, of the same accesses; the number of a question is its base_ret_addr.
  REQUIRE(board.questions.size() == 2);
  CHECK(board.questions[0] == from_hex("4e6f104400000000000f02003000008011223344aabbccdd"));
  CHECK(board.questions[1] == from_hex("4e6f104400000000000f0002000000023000000030000004"));
  CHECK(board.words[EtherboneBus::kRegisters + 0x084] == 0xAABBCCDD);
  // Behind writes alone there is a read, whose answer tells that the board has had them.
  bus.write(0x080, 0x55667788);
  REQUIRE(board.questions.size() == 4);
  CHECK(board.questions[2] == from_hex("4e6f104400000000000f01003000008055667788"));
  CHECK(board.questions[3] == from_hex("4e6f104400000000000f00010000000330000000"));
}

TEST_CASE("A lost answer is asked for again, but not that of an event; and a driver is the only one") {
  Endpoint board(some_port());
  EtherboneBus bus("127.0.0.2", some_port());
  board.lose = 2;
  CHECK(bus.read(address::id) == RESET(ID));
  board.lose = 1;
  CHECK_THROWS_AS(bus.read(address::event_data), BusTimeout);
  board.lose = 3;
  CHECK_THROWS_WITH(bus.read(address::id), "etherbone 127.0.0.2: timeout: no answer within 300 ms");
  CHECK_THROWS_AS(EtherboneBus("127.0.0.2", some_port()), BusInUse);
}

TEST_CASE("A driver's socket may be descriptor 0, as in a process without standard input") {
  Endpoint board(some_port());
  const int standard_input = dup(STDIN_FILENO);
  close(STDIN_FILENO);
  std::uint32_t id = 0;
  bool closed = false;
  try {
    id = EtherboneBus("127.0.0.2", some_port()).read(address::id);
    closed = fcntl(STDIN_FILENO, F_GETFD) < 0;
  } catch (const Error& error) {
    UNSCOPED_INFO(error.what());
  }
  if (standard_input >= 0) {
    dup2(standard_input, STDIN_FILENO);
    close(standard_input);
  }
  CHECK(id == RESET(ID));
  CHECK(closed);
}

TEST_CASE("A host message that Ethernet would pad is refused, and one to a board that is no neighbour") {
  // One that arrives is in tb/board/wire_test.py.
  Endpoint board(some_port());
  EtherboneBus bus("127.0.0.2", some_port());
  Driver driver(bus);
  const auto client = net::Address::parse("198.51.100.7");
  CHECK_THROWS_WITH(driver.send(client, Bytes{3, 1, 0x10, 0, 0, 0}),
                    ContainsSubstring("35 octets: 36 at least, for Ethernet would pad it"));
  CHECK_THROWS_WITH(driver.send(client, Bytes{3, 1, 0x10, 0, 0, 0, 0}),
                    ContainsSubstring("127.0.0.2 on interface \"lo\": no Ethernet address in the neighbour table"));
  CHECK_THROWS_AS(driver.send(client, Bytes(100)), BusError);
}

TEST_CASE("A board that is not there, another version, and an address that is none have their errors") {
  CHECK_THROWS_AS(EtherboneBus("127.0.0.3", some_port()), BusTimeout);
  CHECK_THROWS_WITH(EtherboneBus("board", some_port()), "etherbone board: an IPv4 address expected");
  Endpoint board(some_port());
  board.words[EtherboneBus::kRegisters + address::version] = RESET(VERSION) + (1U << REVEILLE_VERSION_MINOR_SHIFT);
  EtherboneBus bus("127.0.0.2", some_port());
  Driver driver(bus);
  CHECK_THROWS_AS(driver.identify(), WrongCore);
}

}  // namespace reveille::driver::test
