// SPDX-License-Identifier: Apache-2.0
// Signalling messages under an association, and what becomes of them while associations follow each other.
#include "reveille/nodes/signalling.hpp"

#include "catch.hpp"
#include "model/nodes/support.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using keymgmt::MessageId;

namespace {

constexpr Time second = kerberos::second;

CtaConfig signalling(Time interval = second) {
  CtaConfig config = TestRealm().cta_config();
  config.signalling_interval = interval;
  return config;
}

ControllerConfig short_lived() {
  ControllerConfig config;
  config.association_lifetime_s = 60;
  config.grace_period_s = 10;
  return config;
}

std::vector<Bytes> packets(const World& world, bool to_server) {
  std::vector<Bytes> found;
  for (const Datagram& datagram : world.sent) {
    const bool is_to_server = datagram.destination == Endpoint{world.cta.config().server.address, esp_port};
    if (datagram.destination.port == esp_port && is_to_server == to_server) found.push_back(datagram.payload);
  }
  return found;
}

}  // namespace

TEST_CASE("A message under the association is answered under it, and neither is readable") {
  World world(signalling(), short_lived());
  std::vector<std::uint32_t> transactions;
  world.controller.on_notification = [&](const net::Address&, const Notification& notification) {
    transactions.push_back(notification.transaction);
  };
  world.wake();
  world.run(10 * second + 1);
  CHECK(transactions == std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});  // NCS: 1 to 999,999,999
  CHECK(world.cta.counters().messages == 11);
  CHECK(world.cta.counters().messages_answered == 11);
  CHECK(world.cta.counters().messages_again == 0);
  CHECK(world.controller.counters().messages == 11);
  for (const bool to_server : {true, false}) {
    for (const Bytes& packet : packets(world, to_server)) {
      const std::string text(packet.begin(), packet.end());
      CHECK(text.find("NTFY") == std::string::npos);
      CHECK(text.find(" OK") == std::string::npos);
    }
  }
}

TEST_CASE("No message is lost while one association follows the other") {
  for (const bool acknowledgement : {true, false}) {
    ControllerConfig config = short_lived();
    config.acknowledgement = acknowledgement;
    World world(signalling(second / 10), config);
    world.wake();
    for (int i = 0; i < 20; ++i) {
      world.run(51 * second);
      world.controller.rekey(world.client(), cta_name, keymgmt::doi_ipsec, world.now);
    }
    world.run(10 * second);
    CHECK(world.controller.counters().rekeys == 20);
    CHECK(world.messages(MessageId::wake_up).size() == 1);
    CHECK(world.cta.counters().messages > 10'000);
    CHECK(world.cta.counters().messages_again == 0);
    CHECK(world.cta.counters().messages_lost == 0);
    CHECK(world.cta.counters().messages_answered >= world.cta.counters().messages - 1);
    CHECK(world.controller.counters().packets_refused == 0);
    CHECK(world.cta.counters().packets_refused == 0);
  }
}

TEST_CASE("While SA Recovered is lost, the CTA is heard under its new association and answered under the old one") {
  World world(signalling(), short_lived());
  world.wake();
  world.run(50 * second);
  const auto old_spi = esp::spi_of(packets(world, false).back());
  world.lose = [](const Datagram& datagram) {
    return datagram.destination.port == key_management_port && datagram.payload.at(0) == 4;
  };
  world.controller.rekey(world.client(), cta_name, keymgmt::doi_ipsec, world.now);
  world.run(3 * second);
  CHECK(world.session().stage == Controller::Stage::replied);
  CHECK(esp::spi_of(packets(world, true).back()) != esp::spi_of(packets(world, true).front()));
  CHECK(esp::spi_of(packets(world, false).back()) == old_spi);
  world.lose = [](const Datagram&) { return false; };
  world.run(6 * second);
  CHECK(world.session().stage == Controller::Stage::established);
  CHECK(esp::spi_of(packets(world, false).back()) != old_spi);
  CHECK(world.cta.counters().messages_answered == world.cta.counters().messages);
}

TEST_CASE("Lost messages and lost answers are made good, and copies change nothing") {
  World world(signalling(), short_lived());
  int count = 0;
  world.lose = [&count](const Datagram& datagram) { return datagram.destination.port == esp_port && ++count % 3 == 0; };
  world.wake();
  world.run(40 * second);
  CHECK(world.cta.counters().messages_again > 5);
  CHECK(world.cta.counters().messages_lost == 0);
  CHECK(world.cta.counters().messages_answered + 1 >= world.cta.counters().messages);
  world.lose = [](const Datagram&) { return false; };
  const std::uint64_t heard = world.controller.counters().messages;
  const std::uint64_t answered = world.cta.counters().messages_answered;
  std::uint64_t refused = world.controller.counters().packets_refused;
  const auto to_server = packets(world, true);
  for (const Bytes& packet : to_server) {
    world.transmit({{world.client(), esp_port}, {world.cta.config().server.address, esp_port}, packet});
  }
  for (const Bytes& packet : packets(world, false)) {
    world.transmit({{world.cta.config().server.address, esp_port}, {world.client(), esp_port}, packet});
  }
  world.settle();
  // A copy of one that was lost is the first that comes.
  CHECK(world.controller.counters().messages - heard < to_server.size() / 2);
  CHECK(world.controller.counters().packets_refused > refused + to_server.size() / 2);
  CHECK(world.cta.counters().messages_answered <= answered + 1);
  refused = world.controller.counters().packets_refused;
  Bytes changed = to_server.back();
  changed[20] ^= 1;
  world.transmit({{world.client(), esp_port}, {world.cta.config().server.address, esp_port}, changed});
  world.transmit({{world.client(), esp_port}, {world.cta.config().server.address, esp_port}, Bytes(3, 0xFF)});
  world.settle();
  CHECK(world.controller.counters().packets_refused == refused + 2);
}

TEST_CASE("With its association's end a CTA falls silent") {
  World world(signalling(), short_lived());
  world.wake();
  world.run(120 * second);
  CHECK(world.cta.counters().messages == 60);
  CHECK(world.cta.state() == Cta::State::idle);
}

TEST_CASE("Without an association that carries packets nothing is said, and nothing is heard from a stranger") {
  World world(true, keymgmt::doi_snmp);
  world.wake();
  world.run(second);
  REQUIRE(world.cta.state() == Cta::State::established);
  world.cta.notify("D/2", world.now, world.sender());
  world.run(second);
  CHECK(packets(world, true).empty());
  world.controller.receive_packet(net::Address::parse("198.18.0.99"), world.cta.config().server.address, Bytes(64, 7));
  CHECK(world.controller.counters().packets_refused == 1);
}

TEST_CASE("A checksum that comes out as 0 is sent as 0xFFFF") {  // RFC 768
  const Endpoint gateway{net::Address::parse("198.18.0.1"), gateway_port};
  const Endpoint agent{net::Address::parse("192.0.2.1"), call_agent_port};
  const Bytes with_zeros = udp_segment(gateway, agent, Bytes(2));
  const Bytes segment = udp_segment(gateway, agent, Bytes(with_zeros.begin() + 6, with_zeros.begin() + 8));
  CHECK(segment.at(6) == 0xFF);
  CHECK(segment.at(7) == 0xFF);
}

TEST_CASE("Signalling is taken from and to its own ports, whole and with its checksum") {
  const Endpoint gateway{net::Address::parse("198.18.0.1"), gateway_port};
  const Endpoint agent{net::Address::parse("192.0.2.1"), call_agent_port};
  const Bytes text = to_notify({7, "D/2"}, "cta1");
  REQUIRE(from_notify(text));
  CHECK(from_notify(text)->transaction == 7U);
  CHECK(from_notify(text)->event == "D/2");
  CHECK(from_acknowledgement(to_acknowledgement(7)) == 7U);
  CHECK_FALSE(from_notify(to_acknowledgement(7)));
  for (const char* odd : {"NTFY", "NTFY ", "NTFY x 1", "NTFY 1", "NTFY 99999999999 a", "NTFY -1 a"}) {
    const std::string word = odd;
    CHECK_FALSE(from_notify(Bytes(word.begin(), word.end())));
  }
  const esp::Opened good{udp_segment(gateway, agent, text), esp::next_header_udp, 1};
  CHECK(signalling_in(good, gateway, agent) == text);
  CHECK_FALSE(signalling_in(good, agent, gateway));
  CHECK_FALSE(signalling_in({good.payload, 6, 1}, gateway, agent));
  for (std::size_t at = 0; at < good.payload.size(); ++at) {
    esp::Opened changed = good;
    changed.payload[at] ^= 0x10;
    CHECK_FALSE(signalling_in(changed, gateway, agent));
  }
  for (std::size_t size = 0; size < good.payload.size(); ++size) {
    CHECK_FALSE(signalling_in({Bytes(good.payload.begin(), good.payload.begin() + static_cast<std::ptrdiff_t>(size)),
                               esp::next_header_udp, 1},
                              gateway, agent));
  }
}
