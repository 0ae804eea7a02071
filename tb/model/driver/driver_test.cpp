// SPDX-License-Identifier: Apache-2.0
// The driver over registers that are only memory: what it refuses, and what it says then. That it does what a core
// wants is tested with cores, in tb/model/core/driver_test.cpp.
#include "reveille/driver/driver.hpp"

#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "catch.hpp"
#include "reveille/driver/mapped_bus.hpp"
#include "reveille/driver/register_fields.hpp"
#include "reveille/driver/register_map.hpp"
#include "sim/files.hpp"

namespace reveille::driver::test {
namespace {

using sim::test::TemporaryFolder;
using sim::test::write_file;
using Words = std::array<std::uint32_t, MappedBus::kOctets / 4>;

const net::Address client = net::Address::parse("198.51.100.7");

Words core_at_rest() {
  Words words{};
  words[address::id / 4] = RESET(ID);
  words[address::version / 4] = RESET(VERSION);
  words[address::parameters / 4] = RESET(PARAMETERS);
  words[address::status / 4] = MASK(STATUS_READY) | MASK(STATUS_SEEDED);
  return words;
}

/// Registers that hold what they are given, and remember the writes.
class MemoryBus : public Bus {
 public:
  Words words = core_at_rest();
  std::vector<std::pair<std::uint16_t, std::uint32_t>> writes;

  unsigned journeys = 0;
  std::function<void()> on_wait = [] {};

  void access(std::span<Access> accesses) override {
    ++journeys;
    Bus::access(accesses);
  }
  std::uint32_t read(std::uint16_t address) override {
    require_aligned(address);
    return words.at(address / 4U);
  }
  void write(std::uint16_t address, std::uint32_t value) override {
    require_aligned(address);
    writes.emplace_back(address, value);
  }
  void wait(const std::function<bool()>& done, std::chrono::microseconds, std::string_view what) override {
    on_wait();
    if (!done()) throw BusTimeout("timeout: no " + std::string(what));
  }

 private:
  static void require_aligned(unsigned address) {
    if (address % 4 != 0) throw BusError("no register begins at " + std::to_string(address));
  }
};

/// The message of what is thrown, which must be of that type.
template <typename Thrown, typename Body>
std::string thrown(Body body) {
  try {
    body();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "nothing is thrown";
}

void write_words(const std::filesystem::path& file, const Words& words, std::size_t octets = MappedBus::kOctets) {
  write_file(file, Bytes(reinterpret_cast<const std::uint8_t*>(words.data()),
                         reinterpret_cast<const std::uint8_t*>(words.data()) + octets));
}

}  // namespace

TEST_CASE("The driver tells a core from its registers, and refuses what is none or of another version") {
  MemoryBus bus;
  Driver driver(bus);
  const Identity identity = driver.identify();
  CHECK(identity.minor == FIELD(RESET(VERSION), VERSION_MINOR));
  CHECK(identity.sessions == 1U << FIELD(RESET(PARAMETERS), PARAMETERS_SESSIONS));
  bus.words[address::version / 4] += 1;  // fixes change nothing
  CHECK_NOTHROW(driver.identify());
  bus.words[address::version / 4] = RESET(VERSION) + (1U << REVEILLE_VERSION_MINOR_SHIFT);
  CHECK_THAT(thrown<WrongCore>([&] { driver.identify(); }), ContainsSubstring("this driver is for "));
  bus.words[address::version / 4] = RESET(VERSION) + (1U << REVEILLE_VERSION_MAJOR_SHIFT);
  CHECK_THAT(thrown<WrongCore>([&] { driver.identify(); }), StartsWith("register VERSION: 1."));
  bus.words[address::id / 4] = 0xFFFFFFFF;
  CHECK_THAT(thrown<WrongCore>([&] { driver.identify(); }),
             Equals("register ID: 0xFFFFFFFF: 0x52455645 expected: no core is here"));
  CHECK(bus.writes.empty());
}

TEST_CASE("A host message has its descriptor in front, and one that the core would drop is refused") {
  struct : MemoryBus {
    Bytes sent;
    void send(std::span<const std::uint8_t> message) override { sent.assign(message.begin(), message.end()); }
  } bus;
  Driver driver(bus);
  driver.send(client, Bytes{3, 1, 0x10, 0xAA, 0xBB}, {.hop = 5, .source = 1});
  Bytes expected(client.octets.begin(), client.octets.end());
  append(expected, Bytes{3, 1, 0x10, 0x15});
  expected.resize(32);
  append(expected, Bytes{0xAA, 0xBB});
  CHECK(bus.sent == expected);
  for (const std::size_t octets : {std::size_t{3}, std::size_t{1453}}) {
    CHECK_THAT(thrown<Error>([&] { driver.send(client, Bytes(octets)); }),
               Equals("host message: " + std::to_string(octets) + " octets: 4 to 1452 expected"));
  }
  MemoryBus registers;
  Driver without(registers);
  CHECK_THAT(thrown<BusError>([&] { without.send(client, Bytes(9)); }), ContainsSubstring("registers alone"));
}

TEST_CASE("Each refusal of a command is an error of its own type, and names command and client") {
  MemoryBus bus;
  Driver driver(bus);
  const auto answer = [&](ResultCode code) { bus.words[address::result / 4] = PLACE(code, RESULT_CODE); };
  answer(ResultCode::full);
  CHECK_THAT(thrown<StoreFull>([&] { driver.wake(client); }), StartsWith("wake of client 198.51.100.7: full"));
  answer(ResultCode::live);
  CHECK_THAT(thrown<SessionLive>([&] { driver.wake(client); }), ContainsSubstring("live"));
  answer(ResultCode::not_ready);
  CHECK_THAT(thrown<NotReady>([&] { driver.wake(client); }), ContainsSubstring("not_ready"));
  answer(ResultCode::not_found);
  CHECK_THAT(thrown<NoSession>([&] { driver.close(client); }), StartsWith("close of client"));
  CHECK_FALSE(driver.read_location(7));
  answer(ResultCode::wrong_state);
  CHECK_THAT(thrown<WrongState>([&] { driver.reply(client, 1); }), StartsWith("reply of client"));
  CHECK_THAT(thrown<WrongState>([&] { driver.reject(client); }), StartsWith("reject of client"));
  answer(ResultCode::bad_argument);
  CHECK_THAT(thrown<BadArgument>([&] { driver.restore({.client = client}, 0); }), StartsWith("restore of client"));
  CHECK_THAT(thrown<BadArgument>([&] { static_cast<void>(driver.read_location(7)); }), StartsWith("read_location 7"));
  try {
    static_cast<void>(driver.read_session(client));
    FAIL("nothing is thrown");
  } catch (const Refused& refused) {
    CHECK(refused.code() == ResultCode::bad_argument);
  }
}

TEST_CASE("A command, a message or a start that does not end is a timeout with a name") {
  MemoryBus bus;
  Driver driver(bus);
  std::uint32_t& status = bus.words[address::status / 4];
  status = MASK(STATUS_COMMAND_BUSY);
  CHECK_THAT(thrown<BusTimeout>([&] { driver.close(client); }), ContainsSubstring("STATUS.command_busy"));
  CHECK_THAT(thrown<BusTimeout>([&] { driver.identify(); }), ContainsSubstring("STATUS.command_busy"));
  status = MASK(STATUS_FRAMING);
  bus.writes.clear();
  CHECK_THAT(thrown<BusTimeout>([&] { driver.load_framing({}, "a"); }), ContainsSubstring("STATUS.framing"));
  CHECK(bus.writes.empty());
  status = MASK(STATUS_READY);
  CHECK_THAT(thrown<BusTimeout>([&] { driver.wait_until_usable(); }), ContainsSubstring("ready and seeded"));
  status = MASK(STATUS_READY) | MASK(STATUS_SILENT);
  CHECK_THAT(thrown<GeneratorFailed>([&] { driver.wait_until_usable(); }), ContainsSubstring("silent"));
  CHECK(driver.health().silent);
}

TEST_CASE("A command is one journey, and what it resulted in is not read before it has ended") {
  MemoryBus bus;
  Driver driver(bus);
  bus.words[address::result / 4] = PLACE(0x123, RESULT_LOCATION);
  bus.words[address::result_nonce / 4] = 0x1BADCAFE;
  CHECK(driver.wake(client).nonce == 0x1BADCAFE);
  CHECK(bus.journeys == 1);
  // It has not ended yet when the questions behind it are answered.
  std::uint32_t& status = bus.words[address::status / 4];
  const std::uint32_t at_rest = status;
  status |= MASK(STATUS_COMMAND_BUSY);
  bus.words[address::result_nonce / 4] = 0xDEAD;
  bus.on_wait = [&] {
    status = at_rest;
    bus.words[address::result_nonce / 4] = 0x0BADF00D;
  };
  CHECK(driver.wake(client).nonce == 0x0BADF00D);
  CHECK(bus.journeys == 3);
}

TEST_CASE("Events come in two journeys, so many as there are and no more than asked for") {
  MemoryBus bus;
  Driver driver(bus);
  CHECK(driver.pop_events(16).empty());
  bus.words[address::event_count / 4] = 3;
  bus.words[address::event_data / 4] = 0x0101;  // a verdict, 1; each word of the record
  bus.journeys = 0;
  const std::vector<Event> events = driver.pop_events(16);
  REQUIRE(events.size() == 3);
  CHECK(events[2].value == 0x0101);
  CHECK(bus.journeys == 1);  // and the count, which is read alone
  CHECK(driver.pop_events(2).size() == 2);
  CHECK(driver.pop_event()->value == 0x0101);
}

TEST_CASE("What the core has no room for is refused before anything is written") {
  MemoryBus bus;
  Driver driver(bus);
  Setup setup;
  setup.server.ipv4.resize(FIELD(RESET(PARAMETERS), PARAMETERS_IPV4_ADDRESSES) + 1);
  CHECK_THAT(thrown<Error>([&] { driver.configure(setup); }), StartsWith("IPv4 addresses of the server: "));
  setup.server.ipv4.clear();
  setup.server.versions.resize(5);
  CHECK_THAT(thrown<Error>([&] { driver.configure(setup); }), Equals("versions of the server: 5, at most 4"));
  CHECK_THAT(thrown<Error>([&] { driver.load_framing(std::vector<Hop>(9), ""); }), StartsWith("next hops: 9"));
  CHECK_THAT(thrown<Error>([&] { driver.load_framing({}, std::string(128, 'a')); }), ContainsSubstring("principal"));
  CHECK(bus.writes.empty());
}

TEST_CASE("A configuration is written while nothing of it acts, and enabled behind that, each value in its place") {
  MemoryBus bus;
  bus.words[address::parameters / 4] = PLACE(2, PARAMETERS_IPV4_ADDRESSES) | PLACE(2, PARAMETERS_IPV6_ADDRESSES);
  Driver driver(bus);
  Setup setup;
  setup.server.ipv4 = {net::Address::parse("192.0.2.1"), net::Address::parse("192.0.2.2")};
  setup.server.ipv6 = {net::Address::parse("2001:db8::1")};
  setup.server.versions = {0x10, 0x11, 0x12};
  setup.server.tolerance_us = 0x0000'0123'4567'89AB;
  driver.configure(setup);
  const auto written = [&](std::uint16_t place) {
    std::vector<std::uint32_t> values;
    for (const auto& [at, value] : bus.writes)
      if (at == place) values.push_back(value);
    return values;
  };
  CHECK(bus.writes.front() == std::pair(address::server_enable, 0U));
  CHECK(bus.writes.back().first == address::server_enable);
  const std::uint32_t enabled = bus.writes.back().second;
  CHECK(FIELD(enabled, SERVER_ENABLE_IPV4) == 0b11);
  CHECK(FIELD(enabled, SERVER_ENABLE_IPV6) == 0b1);
  CHECK(FIELD(enabled, SERVER_ENABLE_VERSIONS) == 0b111);
  CHECK(written(address::server_versions) == std::vector<std::uint32_t>{0x0012'1110});
  CHECK(written(address::tolerance_low) == std::vector<std::uint32_t>{0x4567'89AB});
  CHECK(written(address::tolerance_high) == std::vector<std::uint32_t>{0x123});
  CHECK(written(address::client_initiated).front() == 0);  // what its tolerance is locked by
}

TEST_CASE("A session is read whole, each of its words from its register") {
  MemoryBus bus;
  Driver driver(bus);
  const auto words = address_words(client);
  for (std::size_t i = 0; i < words.size(); ++i) bus.words[address::result_client / 4 + i] = words[i];
  bus.words[address::result / 4] = PLACE(Phase::replied, RESULT_PHASE) | PLACE(3, RESULT_RESENDS_LEFT);
  bus.words[address::result_nonce / 4] = 0x1BADCAFE;
  bus.words[address::result_false_nonces / 4] = 5;
  bus.words[address::result_deadline_low / 4] = 2;
  bus.words[address::result_deadline_high / 4] = 1;
  bus.words[address::result_aux / 4] = 0x0123'4567;
  bus.words[address::result_aux / 4 + 1] = 0x89AB'CDEF;
  const Session session = driver.read_session(client);
  CHECK(session.client == client);
  CHECK(session.phase == Phase::replied);
  CHECK(session.resends_left == 3);
  CHECK(session.nonce == 0x1BADCAFE);
  CHECK(session.false_nonces == 5);
  CHECK(session.deadline == 0x1'0000'0002);
  CHECK(session.tag == 0x0123'4567'89AB'CDEF);
}

TEST_CASE("A command's words lie where the core looks for them, its code behind all others") {
  MemoryBus bus;
  Driver driver(bus);
  driver.restore({.client = client, .nonce = 0x1BADCAFE, .tag = 0x0123'4567'89AB'CDEF}, 0x1'0000'0002);
  const std::map<std::uint16_t, std::uint32_t> words(bus.writes.begin(), bus.writes.end());
  CHECK(words.at(address::command_client) == 0);
  CHECK(words.at(address::command_client + 8) == 0xFFFF);
  CHECK(words.at(address::command_client + 12) == 0xC6336407);
  CHECK(words.at(address::command_lifetime_low) == 2);
  CHECK(words.at(address::command_lifetime_high) == 1);
  CHECK(words.at(address::command_nonce) == 0x1BADCAFE);
  CHECK(words.at(address::command_tag) == 0x0123'4567);
  CHECK(words.at(address::command_tag + 4) == 0x89AB'CDEF);
  CHECK(bus.writes.back() == std::pair(address::command, static_cast<std::uint32_t>(CommandCode::restore)));
}

TEST_CASE("A bus has one driver, and a mapped file one bus") {
  MemoryBus memory;
  {
    const Driver one(memory);
    CHECK_THROWS_AS(Driver(memory), BusInUse);
  }
  CHECK_NOTHROW(Driver(memory));

  const TemporaryFolder folder;
  write_words(folder / "core", core_at_rest());
  {
    const MappedBus one(folder / "core");
    CHECK_THAT(thrown<BusInUse>([&] { MappedBus(folder / "core"); }), EndsWith("core: another driver has it"));
  }
  CHECK_NOTHROW(MappedBus(folder / "core"));
}

TEST_CASE("A mapped file is the registers, word by word") {
  const TemporaryFolder folder;
  write_words(folder / "core", core_at_rest());
  MappedBus bus(folder / "core");
  Driver driver(bus);
  CHECK_NOTHROW(driver.identify());
  CHECK_NOTHROW(driver.wait_until_usable());
  // Somebody else sees the command, and answers.
  std::atomic<bool> answered = false;
  bus.write(address::status, MASK(STATUS_READY) | MASK(STATUS_SEEDED) | MASK(STATUS_COMMAND_BUSY));
  std::thread core([&] {
    while (bus.read(address::command) != static_cast<std::uint32_t>(CommandCode::wake)) std::this_thread::yield();
    bus.write(address::result_nonce, 0x1BADCAFE);
    answered = true;
    bus.write(address::status, MASK(STATUS_READY) | MASK(STATUS_SEEDED));
  });
  const Woken woken = driver.wake(client, {.lifetime_us = 0x1'0000'0002});
  CHECK(answered);
  core.join();
  CHECK(woken.nonce == 0x1BADCAFE);
  CHECK(bus.read(address::command_client + 12) == 0xC6336407);
  CHECK(bus.read(address::command_lifetime_low) == 2);
  CHECK(bus.read(address::command_lifetime_high) == 1);

  bus.write(address::status, MASK(STATUS_COMMAND_BUSY));
  CHECK_THAT(thrown<BusTimeout>([&] { driver.close(client); }),
             ContainsSubstring("core: timeout: no end of a command"));
  CHECK_THROWS_AS(bus.read(MappedBus::kOctets), BusError);
}

TEST_CASE("A file that cannot be mapped is named, with the reason") {
  const TemporaryFolder folder;
  CHECK_THAT(thrown<Error>([&] { MappedBus(folder / "none"); }), EndsWith("none: No such file or directory"));
  write_words(folder / "short", core_at_rest(), 1000);
  CHECK_THAT(thrown<Error>([&] { MappedBus(folder / "short"); }),
             EndsWith("short: 1000 octets: 4096 at least expected"));
  write_words(folder / "core", core_at_rest());
  CHECK_THAT(thrown<Error>([&] { MappedBus(folder / "core", 4096); }), ContainsSubstring("8192 at least expected"));
  CHECK_THAT(thrown<Error>([&] { MappedBus(folder.path()); }), EndsWith("Is a directory"));
}

}  // namespace reveille::driver::test
