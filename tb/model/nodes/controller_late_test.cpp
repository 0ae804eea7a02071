// SPDX-License-Identifier: Apache-2.0
// What comes to the controller late: of a session that has ended, while the client has its next one.
#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

auto loses_to_server(const World& world) {
  return [&](const Datagram& datagram) { return datagram.destination == world.cta.config().server; };
}

/// What the core has let through comes to the host later than that.
void let_through(World& world, const Bytes& payload) {
  net::UdpFrame frame;
  frame.source = world.client();
  frame.destination = world.cta.config().server.address;
  frame.payload = payload;
  world.controller.receive(net::build(frame), Verdict::accepted, world.now);
}

/// A world that counts rejects and restores, and can keep the results of reply and restore for later.
struct Held : World {
  using World::World;
  unsigned rejects = 0;
  unsigned restores = 0;
  bool holds = false;
  Done held;
  void command(const Command& command, Done done) override {
    const bool is_restore = command.code == CommandCode::restore;
    if (command.code == CommandCode::reject) ++rejects;
    if (is_restore) ++restores;
    World::command(command, is_restore || command.code == CommandCode::reply ? keep(std::move(done)) : std::move(done));
  }

 private:
  Done keep(Done done) {
    if (!holds) return done;
    held = std::move(done);
    return {};
  }
};

}  // namespace

TEST_CASE("An AP Request left from an ended session is not opened for the client's next one") {
  ControllerConfig config;
  config.service_time = second;
  World world(TestRealm().cta_config(), config);
  world.wake();
  CHECK(world.session().stage == Controller::Stage::opening);
  world.now += 30 * second;
  world.controller.session_expired(world.client(), world.now, world.now);
  REQUIRE(world.session().stage == Controller::Stage::failed);
  world.lose = [&](const Datagram& datagram) { return datagram.destination == world.cta.config().server; };
  world.wake();  // a new nonce: what waits was an answer to the old one
  world.run(second);
  CHECK(world.controller.counters().ap_requests_opened == 0);
}

TEST_CASE("What the core let through for a client's old session does not fail the one that it is woken for again") {
  ControllerConfig config;
  config.service_time = GENERATE(Time{0}, Time{55}, Time{2'000});
  World world(TestRealm().cta_config(), config);
  world.lose = loses_to_server(world);
  world.wake();
  world.lose = [](const Datagram&) { return false; };
  // It comes when the host has asked for another session, and before the core says that there is an old one.
  world.transmit(
      {{world.client(), key_management_port}, world.cta.config().server, world.messages(MessageId::ap_request).at(0)});
  world.controller.wake(world.client(), world.cta.config().principal, world.cta.config().doi, world.now);
  world.run(5 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("That a client's session before this one has expired, told late, does not end this one") {
  World world;
  world.lose = [](const Datagram&) { return true; };
  world.wake();
  world.now += 30 * second;
  world.wake();
  world.controller.session_expired(world.client(), world.now, world.now);
  CHECK(world.session().stage == Controller::Stage::waking);
  world.lose = [](const Datagram&) { return false; };
  world.send_wakeup(world.nonce);
  world.run(second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("That the Wake Ups of a client's session before this one were in vain, told late, does not end this one") {
  World world;
  world.lose = [](const Datagram&) { return true; };
  world.wake();
  world.now += second;
  const Time happened = world.now;
  world.wake();
  world.run(second);  // until the core has left the one and has the other
  world.controller.wake_failed(world.client(), happened, world.now);
  CHECK(world.session().stage == Controller::Stage::waking);
  CHECK(world.session().rounds == 1);
  world.controller.wake_failed(world.client(), world.now, world.now);
  CHECK(world.session().stage == Controller::Stage::failed);
}

TEST_CASE("What was accepted of an earlier session costs the client no round, though it is its own") {
  ControllerConfig config;
  config.service_time = GENERATE(Time{0}, Time{55}, 2 * second);
  World world(TestRealm().cta_config(), config);
  world.lose = loses_to_server(world);
  world.wake();
  const Bytes earlier = world.messages(MessageId::ap_request).at(0);
  world.run(second);
  world.controller.wake_failed(world.client(), world.now, world.now);
  REQUIRE(world.session().stage == Controller::Stage::failed);
  world.wake();
  let_through(world, earlier);
  CHECK(world.session().stage == Controller::Stage::opening);
  SECTION("and is opened before the one of this session comes") {
    world.run(config.service_time);
    CHECK(world.session().stage == Controller::Stage::waking);
    CHECK(world.controller.counters().ap_requests_opened == 1);
  }
  SECTION("or gives way to it") {}
  world.lose = [](const Datagram&) { return false; };
  for (int copies = 0; copies < 2; ++copies) world.send_wakeup(world.nonce);
  world.run(10 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(world.session().keys == world.cta.keys());
}

TEST_CASE("A client's turn is not given back when its session has ended, or the next one begins") {
  ControllerConfig config;
  config.wake_retry = 10 * second;
  config.wake_rounds = GENERATE(1U, 2U);
  Held world(TestRealm().cta_config(), config);
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 1; };
  world.World::wake();
  keymgmt::ApRequest request;
  request.ap_req = Bytes{0x6E, 0x00};
  request.server_nonce = world.nonce;
  request.application = keymgmt::IpsecData{1};
  for (int i = 0; i < 2; ++i) {
    world.transmit({{world.client(), key_management_port}, world.cta.config().server, keymgmt::encode(request)});
    world.run(0);
  }
  REQUIRE(world.rejects == 1);
  REQUIRE(world.controller.deadline() > world.now);  // the second one waits
  world.controller.wake_failed(world.client(), world.now, world.now);
  CHECK(world.session().failure == "refused: KRB_AP_ERR_MSG_TYPE");  // not "no answer"
  if (config.wake_rounds == 1) CHECK_FALSE(world.controller.deadline());
  world.run(60 * second);
  CHECK(world.rejects == 1);
}

TEST_CASE("That the core has the AP Reply, told late, says nothing of the client's next session") {
  Held world(TestRealm().cta_config());
  world.holds = true;
  world.World::wake();
  world.run(0);
  REQUIRE(world.held);
  world.holds = false;
  world.lose = loses_to_server(world);
  world.World::wake();
  world.run(second / 2);
  world.held(ResultCode::ok);
  CHECK(world.session().stage == Controller::Stage::waking);
  CHECK(world.messages(MessageId::ap_reply).empty());
  world.lose = [](const Datagram&) { return false; };
  world.run(5 * second);
  CHECK(world.session().stage == Controller::Stage::established);
}

TEST_CASE("That a session could not be put back, told late, is no matter of the client's next session") {
  Held world(TestRealm().cta_config());
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 4; };
  world.World::wake();
  world.run(0);
  Bytes copy = world.messages(MessageId::sa_recovered).at(0);
  copy.back() ^= 1;
  world.lose = [](const Datagram&) { return false; };
  world.holds = true;
  world.transmit({{world.client(), key_management_port}, world.cta.config().server, copy});
  world.run(0);
  REQUIRE(world.held);
  world.holds = false;
  SECTION("of this one it is") {
    world.held(ResultCode::full);
    CHECK(world.session().failure == "session lost in the core");
  }
  SECTION("of the next one not") {
    world.lose = loses_to_server(world);
    world.World::wake();
    world.held(ResultCode::full);
    CHECK(world.session().stage == Controller::Stage::waking);
    CHECK(world.controller.open_sessions() == 1);
  }
}

TEST_CASE("A session that ends while the core is deaf to its SA Recovered is not put back") {
  ControllerConfig config;
  config.session_lifetime_us = 8'000;
  Held world(TestRealm().cta_config(), config);
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 4; };
  world.World::wake();
  world.run(7'999);
  Bytes copy = world.messages(MessageId::sa_recovered).at(0);
  copy.back() ^= 1;
  world.lose = [](const Datagram&) { return false; };
  world.transmit({{world.client(), key_management_port}, world.cta.config().server, copy});
  world.settle();
  world.now += 2;
  world.controller.expire(world.now);
  CHECK(world.restores == 0);
  world.controller.session_expired(world.client(), world.now, world.now);
  CHECK(world.session().failure == "expired");
}

TEST_CASE("In its second round a session has its whole lifetime, whatever the first took") {
  ControllerConfig config;
  config.wake_rounds = 2;
  World world(TestRealm().cta_config(), config);
  world.lose = [](const Datagram&) { return true; };
  world.wake();
  world.run(20 * second);
  world.controller.wake_failed(world.client(), world.now, world.now);
  world.run(second);
  REQUIRE(world.session().rounds == 2);
  world.controller.session_expired(world.client(), world.now, world.now);  // the first one, told late
  CHECK(world.session().stage == Controller::Stage::waking);
  world.lose = [](const Datagram& datagram) { return datagram.payload.at(0) == 4; };
  world.send_wakeup(world.nonce);
  world.run(0);
  REQUIRE(world.session().stage == Controller::Stage::replied);
  Bytes copy = world.messages(MessageId::sa_recovered).at(0);
  copy.back() ^= 1;
  world.lose = [](const Datagram&) { return false; };
  world.transmit({{world.client(), key_management_port}, world.cta.config().server, copy});
  world.run(0);
  world.lose = loses_to_server(world);
  const auto until = static_cast<std::uint64_t>(28 * second);
  CHECK(world.guard.read(world.client(), world.time() + until).live);
}
