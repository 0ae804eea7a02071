// SPDX-License-Identifier: Apache-2.0
// Parts of `reveille live`; the whole is tested in tb/system/live_test.py.
#include <malloc.h>

#include <iostream>

#include "catch.hpp"
#include "live/command_watch.hpp"
#include "live/control.hpp"
#include "live/feed.hpp"
#include "live/live_core.hpp"
#include "live/offload.hpp"
#include "live/session_book.hpp"
#include "model/policy/frames.hpp"
#include "sim/files.hpp"

using namespace reveille;
using namespace reveille::sim;
using policy::test::client4;
using policy::test::client6;

namespace {

std::vector<Bytes> finished(Bytes frame, const Offload& offload) {
  std::vector<Bytes> frames;
  if (!finish_offload(frame, offload, [&](ByteView each) { frames.emplace_back(each.begin(), each.end()); }))
    frames.push_back({});
  return frames;
}

net::UdpFrame datagram(bool ipv4, std::size_t octets) {
  net::UdpFrame frame = ipv4 ? policy::test::to_server4(Bytes(octets)) : policy::test::to_server6(Bytes(octets));
  for (std::size_t i = 0; i < octets; ++i) frame.payload[i] = static_cast<std::uint8_t>(i * 7 + 1);
  frame.identification = 0xFFFE;
  return frame;
}

core::Command order(CommandCode code, std::uint64_t lifetime = 0) {
  core::Command command;
  command.code = code;
  command.client = client4;
  command.lifetime = lifetime;
  return command;
}

}  // namespace

TEST_CASE("A checksum that was left to the device is put in, and a datagram that was left whole is cut") {
  for (const bool ipv4 : {true, false}) {
    const std::size_t transport = ipv4 ? 34 : 54;
    const Bytes right = net::build(datagram(ipv4, 1001));
    Bytes left = right;
    // As a stack leaves it: the sum of the pseudo header, not complemented.
    std::uint64_t pseudo = 17 + 1009;
    for (std::size_t i = ipv4 ? 26 : 22; i < transport; i += 2) pseudo += left[i] << 8 | left[i + 1];
    while (pseudo > 0xFFFF) pseudo = (pseudo & 0xFFFF) + (pseudo >> 16);
    left[transport + 6] = static_cast<std::uint8_t>(pseudo >> 8);
    left[transport + 7] = static_cast<std::uint8_t>(pseudo);
    const Offload checksum{.needs_checksum = true, .checksum_start = transport, .checksum_at = 6};
    CHECK(finished(left, checksum) == std::vector<Bytes>{right});

    Offload cut = checksum;
    cut.cut = Offload::udp;
    cut.segment = 1000;
    std::vector<Bytes> expected;
    net::UdpFrame whole = datagram(ipv4, 2500);
    for (std::size_t begin = 0, index = 0; begin < 2500; begin += 1000, ++index) {
      net::UdpFrame part = whole;
      part.payload.assign(
          whole.payload.begin() + static_cast<std::ptrdiff_t>(begin),
          whole.payload.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(begin + 1000, 2500)));
      part.identification = static_cast<std::uint16_t>(whole.identification + index);
      expected.push_back(net::build(part));
    }
    CHECK(finished(net::build(whole), cut) == expected);
  }
}

TEST_CASE("What cannot be cut, or has its checksum beyond its end, is given back") {
  const Bytes frame = net::build(datagram(true, 100));
  const std::vector<Bytes> given_back{{}};
  CHECK(finished(frame, {.cut = Offload::unknown}) == given_back);
  CHECK(finished(frame, {.checksum_start = 34, .checksum_at = 6, .cut = Offload::udp, .segment = 0}) == given_back);
  CHECK(finished(frame, {.checksum_start = 9000, .checksum_at = 6, .cut = Offload::tcp, .segment = 9}) == given_back);
  CHECK(finished(frame, {.needs_checksum = true, .checksum_start = 140, .checksum_at = 6}) == given_back);
  CHECK(finished(Bytes(14), {.checksum_start = 10, .cut = Offload::udp, .segment = 9}) == given_back);
}

TEST_CASE("A session is due at each Wake Up and at its end, and not after it was closed") {
  SessionBook book;
  book.set_tries(3);
  book.set_interval(100);
  book.note(order(CommandCode::wake, 1000), 5000);
  CHECK(book.live() == 1);
  for (const std::uint64_t time : {5000, 5100, 5300, 5700, 6000}) {
    CHECK(book.next_due() == time);
    CHECK_FALSE(book.due(time - 1));
    CHECK(book.live() == 1);
    CHECK(book.due(time));
  }
  CHECK(book.live() == 0);
  CHECK_FALSE(book.next_due());

  core::Command armed = order(CommandCode::restore, 1000);
  armed.armed = true;
  book.note(armed, 0);
  CHECK(book.due(100));
  book.note(order(CommandCode::close), 200);
  CHECK(book.live() == 0);
  book.note(order(CommandCode::restore, 5000), 200);  // its end alone
  CHECK_FALSE(book.due(1000));
  CHECK(book.live() == 1);
  CHECK(book.due(5200));
  CHECK(book.live() == 0);
}

TEST_CASE("Frames pass a core in real time in both directions, in order, and whole") {
  LiveCore core(EngineKind::model);
  std::vector<Bytes> to_host, to_net;
  std::vector<Verdict> verdicts;
  core.on_verdict = [&](ByteView, Verdict verdict, bool, bool lost) {
    verdicts.push_back(verdict);
    CHECK_FALSE(lost);
  };
  core.on_host_frame = [&](ByteView frame, Verdict) { to_host.emplace_back(frame.begin(), frame.end()); };
  core.on_net_frame = [&](ByteView frame) { to_net.emplace_back(frame.begin(), frame.end()); };
  core.bring_up({});
  std::vector<Bytes> frames;
  for (std::size_t i = 0; i < 200; ++i) {
    Bytes frame(14 + i * 7, static_cast<std::uint8_t>(i));
    frame[12] = 0x88;
    frame[13] = 0xB5;
    frames.push_back(frame);
    core.from_net(frame);
    core.from_host(frame);
    if (i % 50 != 0) continue;
    core.run_frames();
    while (core.run_on()) continue;
    CHECK(to_host.size() == i + 1);
    CHECK(to_net.size() == i + 1);
  }
  core.run_frames();
  while (core.run_on()) continue;
  CHECK(to_host == frames);
  CHECK(to_net == frames);
  CHECK(verdicts == std::vector<Verdict>(200, Verdict::bypass));
  CHECK_FALSE(core.run_on());  // nothing to do: no cycle
}

namespace {

/// A core that lives as `reveille live` has it live, by a clock that leaps from one thing to be done to the next.
class Day {
 public:
  explicit Day(const core::Setup& setup) : core_(EngineKind::model, [this] { return passed_us_; }) {
    core_.on_verdict = [this](ByteView, Verdict verdict, bool, bool) { ++verdicts[static_cast<std::size_t>(verdict)]; };
    core_.bring_up(setup);
  }
  /// A second: of 40 clients one is woken, proves itself wrong and right, and its session ends; strangers come too.
  void second(std::uint32_t number) {
    passed_us_ += 1'000'000;
    core::Command restore = order(CommandCode::restore, 20'000'000);
    restore.client = net::Address::from_octets(Bytes{198, 51, 100, static_cast<std::uint8_t>(number % 40 + 1)});
    restore.nonce = number + 1;
    if (number % 30 == 0) {
      core_.set_time();
      REQUIRE(core_.driver().command(restore).code == ResultCode::ok);
      watch_.book().note(restore, core_.now_us());
    }
    for (const std::uint32_t nonce : {0x8000'0000U | number, number + 1}) {
      net::UdpFrame frame = policy::test::to_server4(policy::test::ap_request(nonce));
      frame.source = restore.client;
      core_.from_net(net::build(frame));
    }
    core_.run_frames();
    if (watch_.book().due(core_.now_us())) core_.owe();
    while (core_.run_on()) continue;
    while (core_.driver().pop_event()) ++events;
  }
  std::array<std::uint64_t, kVerdictCount> verdicts{};
  std::uint64_t events = 0;
  [[nodiscard]] std::size_t live() const { return watch_.book().live(); }

 private:
  std::uint64_t passed_us_ = 0;
  LiveCore core_;
  CommandWatch watch_{core_.driver()};
};

}  // namespace

TEST_CASE("A day of a live core leaves no memory behind", "[.day]") {
  core::Setup setup;
  setup.server.ipv4 = {policy::test::server4};
  Day day(setup);
  std::size_t least = SIZE_MAX, most = 0;
  for (std::uint32_t number = 0; number < 86'400; ++number) {
    day.second(number);
    if (number < 3'600 || number % 60 != 0) continue;
    least = std::min(least, std::size_t{::mallinfo2().uordblks});
    most = std::max(most, std::size_t{::mallinfo2().uordblks});
  }
  std::cout << "86400 s, " << day.verdicts[static_cast<std::size_t>(Verdict::accepted)] << " accepted, "
            << day.verdicts[static_cast<std::size_t>(Verdict::false_nonce)] << " with a false nonce, " << day.events
            << " events; heap from " << least / 1024 << " to " << most / 1024 << " KiB\n";
  CHECK(day.verdicts[static_cast<std::size_t>(Verdict::accepted)] == 2'880);
  CHECK(day.live() <= 1);
  CHECK(most - least < 64 * 1024);
}

TEST_CASE("A control socket that a program left behind is taken over, and one in use is not") {
  const sim::test::TemporaryFolder folder;
  const std::filesystem::path path = folder / "control";
  {
    const Control control(path);
    CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    try {
      const Control second(path);
      FAIL("nothing is thrown");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::bad_input);
      CHECK_THAT(error.what(), EndsWith("control: bind: Address already in use"));
    }
    std::filesystem::rename(path, folder / "left");
  }
  std::filesystem::rename(folder / "left", path);  // nobody listens there
  CHECK_NOTHROW(Control(path));
  sim::test::write_file(path, "a file of somebody's");
  CHECK_THROWS_AS(Control(path), Error);
  CHECK(sim::test::read_file(path) == "a file of somebody's");
}

TEST_CASE("A standby has every change in its hands once it is told, though the core ends at once") {
  const sim::test::TemporaryFolder folder;
  SessionBook book;
  core::Command restore = order(CommandCode::restore, 5'000'000);
  restore.nonce = 0x1234;
  book.note(restore, 1'000);
  auto feed = std::make_unique<Feed>(folder / "feed");
  Follower follower(folder / "feed");
  std::vector<std::string> seen;
  follower.on_begin = [&] { seen.emplace_back("begin"); };
  follower.on_closed = [&](const net::Address& client) { seen.push_back("closed " + net::format(client)); };
  follower.on_session = [&](const core::Command& session) {
    seen.push_back(std::to_string(session.nonce) + " " + std::to_string(static_cast<unsigned>(session.phase)) + " " +
                   std::to_string(session.tag) + " " + std::to_string(session.lifetime));
  };
  feed->accept(book, 2'000);
  CHECK(follower.read() == Follower::State::follows);
  CHECK(seen == std::vector<std::string>{"begin", "4660 0 0 4999000"});
  core::Command reply = order(CommandCode::reply);
  reply.tag = 0xFEDC'BA98'7654'3210;
  book.note(reply, 3'000);
  feed->tell(client4, book, 3'000);
  book.note(order(CommandCode::close), 4'000);
  feed->tell(client4, book, 4'000);
  feed.reset();
  seen.clear();
  CHECK(follower.read() == Follower::State::gone);
  CHECK(seen == std::vector<std::string>{"4660 2 18364758544493064720 4998000", "closed " + net::format(client4)});
}

TEST_CASE("A core that says nothing for two seconds hangs, and not before it has told all its sessions") {
  using namespace std::chrono_literals;
  const sim::test::TemporaryFolder folder;
  const SessionBook book;
  Feed feed(folder / "feed");
  Follower follower(folder / "feed");
  follower.on_begin = [] {};
  std::chrono::steady_clock::time_point now;
  const auto silent_after = [&](unsigned looks) {
    for (unsigned i = 1; i <= looks; ++i)
      if (follower.is_silent(now += kFeedBeat)) return i;
    return 0U;
  };
  CHECK(silent_after(100) == 0);  // it starts, which takes its time
  feed.accept(book, 0);
  CHECK(follower.read() == Follower::State::follows);
  CHECK(silent_after(9) == 0);
  feed.beat(now);
  CHECK(follower.read() == Follower::State::follows);
  CHECK(silent_after(10) == 0);
  CHECK_FALSE(follower.is_silent(now + 1ms));
  CHECK(follower.is_silent(now + 1h));
  feed.beat(now + 1h);
  CHECK(follower.read() == Follower::State::follows);
  CHECK_FALSE(follower.is_silent(now + 3h));  // one look, however late
}

TEST_CASE("A standby that is let go while the core lives follows it again; a second one is refused") {
  const sim::test::TemporaryFolder folder;
  const SessionBook book;
  Feed feed(folder / "feed");
  Follower follower(folder / "feed");
  unsigned begun = 0;
  follower.on_begin = [&] { ++begun; };
  feed.accept(book, 0);
  CHECK(follower.read() == Follower::State::follows);
  Follower second(folder / "feed");
  feed.accept(book, 0);
  CHECK_THROWS_WITH(second.read(), ContainsSubstring("another core stands by for it"));
  CHECK(begun == 1);
  CHECK_THROWS_WITH(Follower(folder / "none"), ContainsSubstring("the --feed of a running core expected"));
}
