// SPDX-License-Identifier: Apache-2.0
// The controller with the policy in software in front of it, and the list of clients that it keeps associations with.
#include "reveille/nodes/software_core.hpp"

#include "catch.hpp"
#include "model/nodes/support.hpp"
#include "reveille/nodes/client_list.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

/// KDC, one CTA, and a controller behind a socket.
class Behind {
 public:
  explicit Behind(ClientListConfig list = {}, Time association_s = 3600)
      : association_lifetime(association_s * second),
        cta(realm.cta_config(), random),
        core({.server = World::server_config(), .principal = kerberos::to_string(service_name)}, random,
             [this](const net::Address& client, ByteView message) {
               transmit({cta.config().server, {client, key_management_port}, Bytes(message.begin(), message.end())});
             }),
        controller(config(association_s), kerberos::Service(test::realm, service_name, realm.kdc.keytab(service_name)),
                   core, random),
        clients(list, {{cta.config().address, cta_name}}, epoch) {
    controller.on_ended = [this](const net::Address& client, const Controller::Session& session) {
      ended.push_back(session.stage);
      clients.ended(client, session, association_lifetime, 600 * second);
    };
    core.on_expired = [this](const net::Address& client, Time at) { controller.session_expired(client, at, now); };
    core.on_wake_failed = [this](const net::Address& client, Time at) { controller.wake_failed(client, at, now); };
  }

  static ControllerConfig config(Time association_s) {
    ControllerConfig config;
    config.association_lifetime_s = static_cast<std::uint32_t>(association_s);
    return config;
  }
  void transmit(Datagram datagram) {
    sent.push_back(datagram);
    if (lose(datagram)) return;
    queue.push_back(std::move(datagram));
  }
  void run(Time duration) {
    const Time end = now + duration;
    for (;;) {
      core.set_time(now);
      clients.expire(controller, now);
      controller.expire(now);
      cta.expire(now, sender());
      core.expire();
      while (!queue.empty()) {
        const Datagram datagram = std::move(queue.front());
        queue.pop_front();
        deliver(datagram);
        core.expire();
      }
      std::optional<Time> next;
      for (const auto& deadline : {core.deadline(), clients.deadline(), controller.deadline(), cta.deadline()}) {
        if (deadline) next = next ? std::min(*next, *deadline) : *deadline;
      }
      if (!next || *next > end) break;
      now = std::max(now, *next);
    }
    now = end;
  }
  [[nodiscard]] nodes::Send sender() {
    return [this](Datagram datagram) { transmit(std::move(datagram)); };
  }
  [[nodiscard]] std::size_t count(MessageId id) const {
    return static_cast<std::size_t>(std::ranges::count_if(sent, [&](const Datagram& datagram) {
      return datagram.destination.port == key_management_port &&
             datagram.payload.at(0) == static_cast<std::uint8_t>(id);
    }));
  }

  TestRealm realm;
  kerberos::SeededRandom random{3, "behind"};
  Time now = epoch;
  Time association_lifetime;
  Cta cta;
  SoftwareCore core;
  Controller controller;
  ClientList clients;
  std::vector<Controller::Stage> ended;
  std::vector<Datagram> sent;
  std::deque<Datagram> queue;
  std::vector<Verdict> verdicts;
  std::function<bool(const Datagram&)> lose = [](const Datagram&) { return false; };

 private:
  void deliver(const Datagram& datagram) {
    if (datagram.destination == kdc_endpoint) {
      transmit({kdc_endpoint, datagram.source, realm.kdc.handle(datagram.payload, now)});
    } else if (datagram.destination == cta.config().server) {
      const policy::Decision judged = core.judge(datagram.source.address, datagram.payload);
      verdicts.push_back(judged.verdict);
      if (judged.to_host) {
        controller.receive(datagram.source.address, datagram.payload, judged.verdict, now);
        controller.expire(now);
      }
    } else {
      cta.receive(datagram, now, sender());
    }
  }
};

}  // namespace

TEST_CASE("Behind the policy in software a list of clients is woken, and made anew ahead of the association's end") {
  Behind world;
  world.run(10 * second);
  REQUIRE(world.ended == std::vector{Controller::Stage::established});
  CHECK(world.clients.all_ended());
  CHECK(world.cta.state() == Cta::State::established);
  CHECK(world.controller.sessions().at(world.cta.config().address).keys == world.cta.keys());
  world.run(2990 * second - 10 * second);
  CHECK(world.ended.size() == 1);
  world.run(20 * second);  // 3,600 s less the grace period
  CHECK(world.ended.size() == 2);
  CHECK(world.ended.back() == Controller::Stage::established);
  CHECK(world.controller.sessions().at(world.cta.config().address).keys == world.cta.keys());
}

TEST_CASE("A client that does not answer is woken as often as told, given up, and woken again later") {
  Behind world({.retry = 100 * second});
  world.lose = [](const Datagram& datagram) { return datagram.destination.port == key_management_port; };
  world.run(20 * second);
  CHECK(world.count(MessageId::wake_up) == 4);  // at 0, 1, 3 and 7 s; given up at 15 s
  CHECK(world.ended == std::vector{Controller::Stage::failed});
  world.lose = [](const Datagram&) { return false; };
  world.run(100 * second);
  CHECK(world.ended == std::vector{Controller::Stage::failed, Controller::Stage::established});
}

TEST_CASE("No more sessions are open at once than told, and a list without retries ends") {
  Behind world({.most_open = 0});
  world.run(10 * second);
  CHECK(world.sent.empty());
  Behind once({.retry = 0, .renew = false}, 60);
  once.lose = [](const Datagram&) { return true; };
  once.run(7200 * second);
  CHECK(once.ended.size() == 1);
  CHECK(once.clients.all_ended());
  CHECK_FALSE(once.clients.deadline());
}

TEST_CASE(
    "Of many clients whose time has come one is woken at a time, so that what comes meanwhile is served between") {
  Behind world({.most_open = 0});
  std::vector<ClientList::Client> three;
  for (const char* address : {"198.51.100.21", "198.51.100.20", "198.51.100.22"})
    three.push_back({net::Address::parse(address), cta_name});
  ClientList list({.most_open = 2}, three, world.now);
  world.core.set_time(world.now);
  list.expire(world.controller, world.now - 1);
  CHECK(world.controller.sessions().empty());
  list.expire(world.controller, world.now);
  REQUIRE(world.controller.sessions().size() == 1);
  CHECK(world.controller.sessions().begin()->first == net::Address::parse("198.51.100.20"));
  CHECK(list.deadline() == world.now);
  list.expire(world.controller, world.now);
  CHECK(world.controller.sessions().size() == 2);
  CHECK_FALSE(list.deadline());  // no more at once
  list.expire(world.controller, world.now);
  CHECK(world.controller.sessions().size() == 2);
}

TEST_CASE("In software, too, an AP Request with a false nonce is dropped before anything is opened") {
  Behind world;
  world.lose = [](const Datagram& datagram) {
    return datagram.destination.address == net::Address::parse("192.0.2.1");
  };
  world.run(2 * second);
  const auto sent = std::ranges::find_if(world.sent, [](const Datagram& datagram) {
    return datagram.destination.port == key_management_port && datagram.payload.at(0) == 2;
  });
  REQUIRE(sent != world.sent.end());
  keymgmt::ApRequest request = keymgmt::decode_as<keymgmt::ApRequest>(sent->payload);
  const auto verdict_of = [&](const net::Address& source, const Bytes& payload) {
    return world.core.judge(source, payload).verdict;
  };
  ++request.server_nonce;
  CHECK(verdict_of(world.cta.config().address, keymgmt::encode(request)) == Verdict::false_nonce);
  CHECK(verdict_of(net::Address::parse("192.0.2.99"), sent->payload) == Verdict::not_woken);
  CHECK(verdict_of(world.cta.config().address, {2, 1}) == Verdict::malformed);
  CHECK(verdict_of(world.cta.config().address, sent->payload) == Verdict::accepted);
  CHECK(verdict_of(world.cta.config().address, sent->payload) == Verdict::repeat);
}

TEST_CASE("A session in the software core ends on time and once, and leaves nothing that is due") {
  kerberos::SeededRandom random{5, "software core"};
  SoftwareCore core({.server = World::server_config(), .principal = "server"}, random,
                    [](const net::Address&, ByteView) {});
  std::vector<std::pair<net::Address, Time>> expired;
  core.on_expired = [&](const net::Address& client, Time at) { expired.emplace_back(client, at); };
  core.set_time(epoch);
  Command restore;
  restore.code = CommandCode::restore;
  restore.client = net::Address::parse("198.51.100.7");
  restore.nonce = 7;
  restore.phase = Phase::replied;
  restore.lifetime = 5 * second;
  core.command(restore, {});
  const Time end = epoch + 5 * second;
  CHECK(core.deadline() == end);
  core.set_time(end - 1);
  core.expire();
  CHECK(expired.empty());
  core.set_time(end);
  core.expire();
  core.expire();
  CHECK(expired == std::vector{std::pair{restore.client, end}});
  CHECK_FALSE(core.deadline());
}
