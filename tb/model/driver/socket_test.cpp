// SPDX-License-Identifier: Apache-2.0
// The driver's way to a core in another process: lines over a socket, against an end of ours.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <sstream>
#include <thread>

#include "catch.hpp"
#include "reveille/driver/error.hpp"
#include "reveille/driver/socket_bus.hpp"
#include "sim/files.hpp"

namespace reveille::driver::test {
namespace {

using sim::test::TemporaryFolder;

/// Greets one driver, and answers each of its lines.
class OtherEnd {
 public:
  using Answer = std::function<std::string(const std::string& line)>;
  OtherEnd(const std::filesystem::path& path, std::string greeting, Answer answer)
      : listening_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un place{};
    place.sun_family = AF_UNIX;
    std::strncpy(place.sun_path, path.c_str(), sizeof place.sun_path - 1);
    REQUIRE(bind(listening_, reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0);
    REQUIRE(listen(listening_, 1) == 0);
    thread_ = std::thread([this, greeting = std::move(greeting), answer = std::move(answer)] {
      const int driver = accept(listening_, nullptr, nullptr);
      if (driver >= 0) serve(driver, greeting, answer);
      close(driver);
    });
  }
  ~OtherEnd() {
    shutdown(listening_, SHUT_RDWR);
    thread_.join();
    close(listening_);
  }

 private:
  static void serve(int driver, const std::string& greeting, const Answer& answer) {
    std::string heard, said = greeting + "\n";
    char octets[4096];
    for (;;) {
      if (::send(driver, said.data(), said.size(), MSG_NOSIGNAL) < 0) return;
      const ssize_t count = recv(driver, octets, sizeof octets, 0);
      if (count <= 0) return;
      heard.append(octets, static_cast<std::size_t>(count));
      said.clear();
      for (std::size_t end = 0; (end = heard.find('\n')) != std::string::npos; heard.erase(0, end + 1))
        said += answer(heard.substr(0, end)) + "\n";
    }
  }
  int listening_;
  std::thread thread_;
};

const std::string greeting = "reveille registers 2";

std::string hexadecimal(unsigned value) {
  std::ostringstream text;
  text << std::hex << value;
  return text.str();
}

}  // namespace

TEST_CASE("Accesses go as lines, as many as there are, and each is answered in its turn") {
  const TemporaryFolder folder;
  std::vector<std::string> lines;
  const OtherEnd core(folder / "core", greeting, [&](const std::string& line) {
    lines.push_back(line);
    return line.starts_with("read ") ? hexadecimal(7 * std::stoul(line.substr(5), nullptr, 16)) : "ok";
  });
  SocketBus bus(folder / "core");
  CHECK(bus.read(0x40) == 7 * 0x40);
  bus.write(0x124, 0x1BADCAFE);
  // More than a buffer of either side holds.
  std::vector<Access> accesses;
  for (std::uint16_t at = 0; at < 2000; ++at) accesses.push_back({at, at, at % 3 == 0});
  bus.access(accesses);
  bus.send(std::vector<std::uint8_t>{0x03, 0xF1});
  unsigned wrong = 0;
  for (const Access& access : accesses)
    if (!access.write && access.value != 7U * access.address) ++wrong;
  CHECK(wrong == 0);
  REQUIRE(lines.size() == 2003);
  CHECK(lines[0] == "read 40");
  CHECK(lines[1] == "write 124 1badcafe");
  CHECK(lines[2] == "write 0 0");
  CHECK(lines[3] == "read 1");
  CHECK(lines[2002] == "send 03f1");
}

TEST_CASE("Of accesses that are refused the first is named, once all are answered") {
  const TemporaryFolder folder;
  const OtherEnd core(folder / "core", greeting, [](const std::string& line) -> std::string {
    return line == "read 4" || line == "write 8 1" ? "error SLVERR" : line == "read c" ? "12x" : "5";
  });
  SocketBus bus(folder / "core");
  Access accesses[] = {{0}, {4}, {8, 1, true}, {12}, {16}};
  CHECK_THROWS_WITH(bus.access(accesses), EndsWith("core: read 4: error SLVERR"));
  CHECK(accesses[4].value == 5);
  CHECK_THROWS_WITH(bus.read(12), EndsWith("core: read c: 12x"));
  CHECK(bus.read(16) == 5);
}

TEST_CASE("What greets otherwise is no core for this driver, and a path that no socket can have is refused") {
  const TemporaryFolder folder;
  const auto why = [&](const char* said, auto type) {
    std::filesystem::remove(folder / "core");
    const OtherEnd core(folder / "core", said, [](const std::string&) { return ""; });
    try {
      const SocketBus bus(folder / "core");
    } catch (const decltype(type)& error) {
      return std::string(error.what());
    }
    return std::string("nothing is thrown");
  };
  CHECK_THAT(why("busy", BusInUse("")), EndsWith("core: another driver has it"));
  CHECK_THAT(why("standby", StandsBy("")), ContainsSubstring("it stands by"));
  CHECK_THAT(why("reveille registers 1", WrongCore("")), ContainsSubstring("\"reveille registers 1\""));
  CHECK_THROWS_WITH(SocketBus(folder / "none"), EndsWith("none: No such file or directory"));
  CHECK_THROWS_WITH(SocketBus(folder / std::string(108, 'a').c_str()),
                    EndsWith("a path of at most 107 characters expected"));
}

}  // namespace reveille::driver::test
