// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "reveille/kerberos/kdc.hpp"
#include "reveille/net/frame.hpp"
#include "reveille/nodes/controller.hpp"
#include "reveille/nodes/cta.hpp"
#include "reveille/policy/guard.hpp"

/// The nodes around the untimed policy: no core, no network but a queue.
namespace reveille::nodes::test {

constexpr Time epoch = 1'767'225'600 * kerberos::second;
const std::string realm = "REVEILLE.TEST";
const kerberos::PrincipalName service_name = kerberos::parse_principal("mtaprovsrvr/ctl1.reveille.test");
const kerberos::PrincipalName cta_name = kerberos::parse_principal("cta1");
const Endpoint kdc_endpoint{net::Address::parse("192.0.2.88"), kdc_port};

/// A realm with the server and one CTA in it.
struct TestRealm {
  kerberos::SeededRandom random{1, "realm"};
  kerberos::Kdc kdc{realm, random};
  explicit TestRealm(kerberos::KdcPolicy policy = {}) : kdc(realm, random, policy) {
    kdc.add_random(service_name, kerberos::all_etypes());
    kdc.add_random(cta_name, {kerberos::Etype::aes128_sha1});
  }
  [[nodiscard]] CtaConfig cta_config(bool ipv4 = true, std::uint8_t doi = keymgmt::doi_ipsec) const {
    CtaConfig config;
    config.address = net::Address::parse(ipv4 ? "198.18.0.1" : "2001:db8:c7a::1");
    config.server = {net::Address::parse(ipv4 ? "192.0.2.1" : "2001:db8::1"), key_management_port};
    config.kdc = kdc_endpoint;
    config.realm = realm;
    config.principal = cta_name;
    config.secret = kdc.keytab(cta_name).entries().front().key;
    config.server_principal = service_name;
    config.doi = doi;
    config.tries = 3;
    return config;
  }
  /// A service ticket, as the CTA would have from an earlier day.
  kerberos::Credential ticket(const CtaConfig& cta, Time now) {
    kerberos::AsExchange as(cta.principal, realm, cta.secret, cta.etypes, random);
    std::optional<kerberos::Credential> granting;
    while (!granting) granting = as.reply(kdc.handle(as.request(now), now));
    kerberos::TgsExchange tgs(std::move(*granting), cta.server_principal, cta.etypes, random);
    return tgs.reply(kdc.handle(tgs.request(now), now));
  }
};

/// Controller, guard, KDC and one CTA; what is sent arrives at once, unless `lose` says otherwise.
class World : public HostPort {
 public:
  explicit World(CtaConfig cta_config, ControllerConfig controller_config = {}, std::size_t capacity = SIZE_MAX)
      : guard(server_config(), capacity),
        controller(controller_config, kerberos::Service(realm, service_name, test_realm.kdc.keytab(service_name)),
                   *this, random_),
        cta(std::move(cta_config), random_) {
    controller.on_packet = [this](const net::Address& to, Bytes packet) {
      transmit({{cta.config().server.address, esp_port}, {to, esp_port}, std::move(packet)});
    };
  }
  explicit World(bool ipv4 = true, std::uint8_t doi = keymgmt::doi_ipsec) : World(TestRealm().cta_config(ipv4, doi)) {}

  TestRealm test_realm;
  Time now = epoch;
  policy::UntimedGuard guard;

 private:
  kerberos::SeededRandom random_{2, "nodes"};

 public:
  Controller controller;
  Cta cta;
  Cta* at_client = &cta;  ///< another one takes the first's place when the client starts again
  std::function<bool(const Datagram&)> lose = [](const Datagram&) { return false; };
  std::vector<Datagram> sent;     ///< all of it, lost ones too
  std::vector<Verdict> verdicts;  ///< of what reached the server
  std::uint32_t nonce = 0x1000;   ///< of the last wake command

  static policy::ServerConfig server_config() {
    policy::ServerConfig config;
    config.ipv4 = {net::Address::parse("192.0.2.1")};
    config.ipv6 = {net::Address::parse("2001:db8::1")};
    return config;
  }
  [[nodiscard]] std::uint64_t time() const { return static_cast<std::uint64_t>(now - epoch); }
  [[nodiscard]] const net::Address& client() const { return cta.config().address; }
  [[nodiscard]] const Controller::Session& session() const { return controller.sessions().at(client()); }
  [[nodiscard]] Send sender() {
    return [this](Datagram datagram) { transmit(std::move(datagram)); };
  }

  void wake() {
    controller.wake(client(), cta.config().principal, cta.config().doi, now);
    settle();
  }
  /// The core's own retransmission.
  void send_wakeup(std::uint32_t value) {
    keymgmt::WakeUp message{cta.config().doi, keymgmt::version_1_0, value, kerberos::to_string(service_name)};
    transmit({cta.config().server, {client(), key_management_port}, keymgmt::encode(message)});
    settle();
  }
  void transmit(Datagram datagram) {
    sent.push_back(datagram);
    if (lose(datagram)) return;
    queue_.push_back([this, datagram = std::move(datagram)] { deliver(datagram); });
  }
  /// Until nothing is under way.
  void settle() {
    while (!queue_.empty()) {
      const auto work = std::move(queue_.front());
      queue_.pop_front();
      work();
    }
  }
  /// Lets time pass, deadline by deadline.
  void run(Time duration) {
    const Time end = now + duration;
    for (;;) {
      settle();
      Time next = end + 1;
      if (const auto deadline = at_client->deadline()) next = std::min(next, *deadline);
      if (const auto deadline = controller.deadline()) next = std::min(next, *deadline);
      if (next > end) break;
      now = std::max(now, next);
      at_client->expire(now, sender());
      controller.expire(now);
    }
    now = end;
  }
  /// Messages of a KMMID that were sent, in order.
  [[nodiscard]] std::vector<Bytes> messages(keymgmt::MessageId id) const {
    std::vector<Bytes> found;
    for (const Datagram& datagram : sent) {
      if (datagram.destination.port == key_management_port && datagram.payload.at(0) == static_cast<std::uint8_t>(id)) {
        found.push_back(datagram.payload);
      }
    }
    return found;
  }

  // HostPort
  void command(const Command& command, Done done) override {
    const ResultCode result = execute(command);
    if (done) queue_.push_back([done = std::move(done), result] { done(result); });
    if (command.code != CommandCode::wake || result != ResultCode::ok) return;
    const std::uint8_t doi = command.snmp ? keymgmt::doi_snmp : keymgmt::doi_ipsec;
    send(command.client,
         keymgmt::encode(keymgmt::WakeUp{doi, keymgmt::version_1_0, nonce, kerberos::to_string(service_name)}));
  }
  void send(const net::Address& client, ByteView message) override {
    transmit({cta.config().server, {client, key_management_port}, Bytes(message.begin(), message.end())});
  }

 private:
  ResultCode execute(const Command& command) {
    switch (command.code) {
      case CommandCode::wake: return guard.wake(command.client, ++nonce, time(), command.lifetime);
      case CommandCode::restore:
        return guard.restore(command.client, command.nonce, command.phase, command.tag, time(), command.lifetime);
      case CommandCode::reply: return guard.reply(command.client, command.tag, time());
      case CommandCode::reject: return guard.reject(command.client, time());
      case CommandCode::close: return guard.close(command.client, time());
      default: return ResultCode::bad_argument;
    }
  }
  void deliver(const Datagram& datagram) {
    if (datagram.destination == kdc_endpoint) {
      transmit({kdc_endpoint, datagram.source,
                test_realm.kdc.handle(datagram.payload, now, kerberos_address(datagram.source.address))});
    } else if (datagram.destination == Endpoint{cta.config().server.address, esp_port}) {
      controller.receive_packet(datagram.source.address, datagram.destination.address, datagram.payload);
    } else if (datagram.destination == cta.config().server) {
      net::UdpFrame frame;
      frame.source = datagram.source.address;
      frame.destination = datagram.destination.address;
      frame.payload = datagram.payload;
      const Bytes octets = net::build(frame);
      const policy::Decision decision = guard.judge_in_full(octets, time()).decision;
      verdicts.push_back(decision.verdict);
      if (decision.to_host) controller.receive(octets, decision.verdict, now);
    } else if (datagram.destination.address == client()) {
      at_client->receive(datagram, now, sender());
    }
  }

  std::deque<std::function<void()>> queue_;
};

}  // namespace reveille::nodes::test
