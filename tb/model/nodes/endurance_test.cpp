// SPDX-License-Identifier: Apache-2.0
// Controller, KDC and 250 CTAs for an hour of simulated time, in which 100,000 sessions are had while 5 % of the
// datagrams are lost: none is stuck, and the heap does not grow. A minute of it runs always.
#include <malloc.h>

#include <iostream>
#include <set>

#include "catch.hpp"
#include "model/nodes/support.hpp"
#include "reveille/nodes/client_list.hpp"
#include "reveille/nodes/software_core.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;

namespace {

constexpr Time second = kerberos::second;
constexpr unsigned client_count = 250;
constexpr double loss = 0.05;
constexpr Time latency = 2'000;
/// An association is made anew each 8 s and what is lost on the way: 30 sessions a second of all.
constexpr std::uint32_t lifetime_s = 16, grace_s = 8;

class Crowd {
 public:
  explicit Crowd(bool rekey)
      : core_({.server = World::server_config(), .principal = kerberos::to_string(service_name)}, random_,
              [this](const net::Address& client, ByteView message) {
                transmit({server(), {client, key_management_port}, kerberos::to_bytes(message)});
              }),
        controller_(short_lived(), kerberos::Service(realm, service_name, realm_.kdc.keytab(service_name)), core_,
                    random_),
        list_({.retry = second, .rekey = rekey}, clients(), epoch) {
    controller_.on_ended = [this](const net::Address& client, const Controller::Session& session) {
      ++(session.stage == Controller::Stage::established ? established : failed);
      last_ended_[client] = now_;
      list_.ended(client, session, lifetime_s * second, grace_s * second);
    };
    core_.on_expired = [this](const net::Address& client, Time at) { controller_.session_expired(client, at, now_); };
    core_.on_wake_failed = [this](const net::Address& client, Time at) { controller_.wake_failed(client, at, now_); };
    for (unsigned i = 0; i < client_count; ++i) {
      CtaConfig config = realm_.cta_config();
      config.address = address(i);
      ctas_.push_back(std::make_unique<Cta>(std::move(config), random_));
      last_ended_[address(i)] = epoch;
    }
  }

  void run(Time duration) {
    const Time end = now_ + duration;
    while (now_ < end) {
      serve_server();
      while (!flying_.empty() && flying_.begin()->first <= now_) {
        const Datagram datagram = std::move(flying_.begin()->second);
        flying_.erase(flying_.begin());
        deliver(datagram);
      }
      while (!due_.empty() && due_.begin()->first <= now_) {
        const unsigned i = due_.begin()->second;
        ctas_[i]->expire(now_, sender());
        set_due(i);
      }
      serve_server();
      now_ = std::min(end, std::max(now_ + 1, next()));
    }
  }
  /// How long ago a client had its last session, at most.
  [[nodiscard]] Time longest_wait() const {
    Time longest = 0;
    for (const auto& [client, time] : last_ended_) longest = std::max(longest, now_ - time);
    return longest;
  }

  std::uint64_t established = 0, failed = 0;

 private:
  static ControllerConfig short_lived() {
    ControllerConfig config;
    config.association_lifetime_s = lifetime_s;
    config.grace_period_s = grace_s;
    return config;
  }
  static net::Address address(unsigned i) { return net::Address::parse("198.18.1." + std::to_string(i + 1)); }
  static std::vector<ClientList::Client> clients() {
    std::vector<ClientList::Client> all;
    for (unsigned i = 0; i < client_count; ++i) all.push_back({address(i), cta_name});
    return all;
  }
  [[nodiscard]] Endpoint server() const { return realm_.cta_config().server; }
  nodes::Send sender() {
    return [this](Datagram datagram) { transmit(std::move(datagram)); };
  }
  void transmit(Datagram datagram) {
    constexpr double nonces = 0x8000'0000U;
    if (random_.nonce() / nonces < loss) return;
    flying_.emplace(now_ + latency / 2 + random_.nonce() % latency, std::move(datagram));
  }
  void serve_server() {
    core_.set_time(now_);
    list_.expire(controller_, now_);
    controller_.expire(now_);
    core_.expire();
  }
  void deliver(const Datagram& datagram) {
    if (datagram.destination == kdc_endpoint) {
      transmit({kdc_endpoint, datagram.source, realm_.kdc.handle(datagram.payload, now_)});
    } else if (datagram.destination == server()) {
      const policy::Decision judged = core_.judge(datagram.source.address, datagram.payload);
      if (judged.to_host) controller_.receive(datagram.source.address, datagram.payload, judged.verdict, now_);
      serve_server();
    } else {
      for (unsigned i = 0; i < client_count; ++i) {
        if (ctas_[i]->config().address != datagram.destination.address) continue;
        ctas_[i]->receive(datagram, now_, sender());
        set_due(i);
      }
    }
  }
  void set_due(unsigned i) {
    std::erase_if(due_, [i](const auto& entry) { return entry.second == i; });
    if (const auto deadline = ctas_[i]->deadline()) due_.emplace(std::max(*deadline, now_ + 1), i);
  }
  [[nodiscard]] Time next() const {
    Time next = now_ + second;
    if (!flying_.empty()) next = std::min(next, flying_.begin()->first);
    if (!due_.empty()) next = std::min(next, due_.begin()->first);
    for (const auto& deadline : {core_.deadline(), list_.deadline(), controller_.deadline()}) {
      if (deadline) next = std::min(next, *deadline);
    }
    return next;
  }

  TestRealm realm_;
  kerberos::SeededRandom random_{5, "crowd"};
  Time now_ = epoch;
  SoftwareCore core_;
  Controller controller_;
  ClientList list_;
  std::vector<std::unique_ptr<Cta>> ctas_;
  std::map<net::Address, Time> last_ended_;
  std::multimap<Time, Datagram> flying_;
  std::set<std::pair<Time, unsigned>> due_;
};

std::size_t heap() { return ::mallinfo2().uordblks; }

}  // namespace

TEST_CASE("A minute of 250 CTAs at 5 % loss: none is stuck, by Wake Ups and by Rekeys") {
  for (const bool rekey : {false, true}) {
    Crowd crowd(rekey);
    crowd.run(60 * second);
    INFO(rekey << ": " << crowd.established << " established, " << crowd.failed << " failed");
    CHECK(crowd.established > 1500);
    CHECK(crowd.failed < crowd.established / 100);
    CHECK(crowd.longest_wait() < 30 * second);
  }
}

TEST_CASE("An hour of 250 CTAs at 5 % loss", "[.hour]") {
  for (const bool rekey : {false, true}) {
    Crowd crowd(rekey);
    constexpr unsigned parts = 12;
    std::size_t least = SIZE_MAX, most = 0;
    Time longest = 0;
    for (unsigned part = 0; part < parts; ++part) {
      crowd.run(300 * second);
      longest = std::max(longest, crowd.longest_wait());
      if (part < 2) continue;  // caches fill: replays are remembered for the skew of five minutes
      least = std::min(least, heap());
      most = std::max(most, heap());
    }
    std::cout << (rekey ? "Rekeys: " : "Wake Ups: ") << crowd.established << " established, " << crowd.failed
              << " failed, the longest without a session " << longest / second << " s, heap from " << least / 1024
              << " to " << most / 1024 << " KiB\n";
    CHECK(crowd.established + crowd.failed >= 100'000);
    CHECK(longest < 60 * second);
    CHECK(most - least < least / 10);
  }
}
