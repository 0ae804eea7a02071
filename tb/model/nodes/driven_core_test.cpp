// SPDX-License-Identifier: Apache-2.0
// The controller on a socket with a core in front of it that it drives: what the core lets through may be lost, and so
// may the core.
#include "reveille/nodes/driven_core.hpp"

#include "catch.hpp"
#include "model/nodes/support.hpp"
#include "reveille/driver/error.hpp"
#include "reveille/driver/register_fields.hpp"
#include "reveille/driver/register_map.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
namespace address = driver::address;

namespace {

constexpr Time second = kerberos::second;

/// The registers of a core with the untimed policy in it.
struct FakeCore {
  policy::UntimedGuard guard{World::server_config()};
  std::map<std::uint16_t, std::uint32_t> registers = {
      {address::id, RESET(ID)}, {address::version, RESET(VERSION)}, {address::parameters, 0x00FF'FFFF}};
  std::deque<std::uint32_t> log;
  std::uint32_t next_nonce = 0x1000;
  bool alive = true;
  Time ahead = 0;  ///< its clock, of the host's
  std::function<void(const net::Address& client, const Bytes& message)> on_message;
  std::function<void(const net::Address& client, std::uint32_t nonce)> on_wake;

  void event(std::uint32_t kind, Verdict verdict, const net::Address& client, std::uint32_t value, Time when) {
    const auto words = driver::address_words(client);
    const auto time = static_cast<std::uint64_t>(when);
    for (const std::uint64_t word :
         {std::uint64_t{kind | static_cast<std::uint32_t>(verdict) << 8}, time, time >> 32, std::uint64_t{value}})
      log.push_back(static_cast<std::uint32_t>(word));
    log.insert(log.end(), words.begin(), words.end());
  }
  [[nodiscard]] std::uint64_t wide(std::uint16_t high, std::uint16_t low) {
    return std::uint64_t{registers[high]} << 32 | registers[low];
  }
  void carry_out(std::uint32_t code, std::uint64_t now) {
    Bytes octets;
    for (std::uint16_t i = 0; i < 16; i += 4)
      append_big_endian(octets, registers[static_cast<std::uint16_t>(address::command_client + i)], 4);
    const net::Address client = net::Address::from_octets(octets);
    const std::uint64_t lifetime = wide(address::command_lifetime_high, address::command_lifetime_low);
    const std::uint64_t tag = wide(address::command_tag, address::command_tag + 4);
    const std::uint32_t phase = FIELD(registers[address::command_session], COMMAND_SESSION_PHASE);
    auto result = ResultCode::bad_argument;
    switch (static_cast<CommandCode>(code)) {
      case CommandCode::wake:
        registers[address::result_nonce] = ++next_nonce;
        result = guard.wake(client, next_nonce, now, lifetime);
        if (result == ResultCode::ok && on_wake) on_wake(client, next_nonce);
        break;
      case CommandCode::restore:
        result =
            guard.restore(client, registers[address::command_nonce], static_cast<Phase>(phase), tag, now, lifetime);
        break;
      case CommandCode::reply: result = guard.reply(client, tag, now); break;
      case CommandCode::reject: result = guard.reject(client, now); break;
      case CommandCode::close: result = guard.close(client, now); break;
      default:
        const policy::SessionState state = guard.read(client, now);
        result = state.live ? ResultCode::ok : ResultCode::not_found;
        registers[address::result_nonce] = state.nonce;
        registers[address::result_aux] = static_cast<std::uint32_t>(state.tag >> 32);
        registers[address::result_aux + 4] = static_cast<std::uint32_t>(state.tag);
        registers[address::result] = PLACE(state.phase, RESULT_PHASE);
        return;
    }
    registers[address::result] = static_cast<std::uint32_t>(result);
  }
};

class FakeBus final : public driver::Bus {
 public:
  FakeBus(FakeCore& core, const Time& now) : core_(core), now_(now) {}
  std::uint32_t read(std::uint16_t place) override {
    require_alive();
    if (place == address::status) return MASK(STATUS_READY) | MASK(STATUS_SEEDED);
    const auto time = static_cast<std::uint64_t>(now_ + core_.ahead);
    if (place == address::time_low) return static_cast<std::uint32_t>(time);
    if (place == address::time_high) return static_cast<std::uint32_t>(time >> 32);
    if (place == address::event_count) return static_cast<std::uint32_t>(core_.log.size() / 8);
    if (place != address::event_data) return core_.registers[place];
    const std::uint32_t word = core_.log.front();
    core_.log.pop_front();
    return word;
  }
  void write(std::uint16_t place, std::uint32_t value) override {
    require_alive();
    core_.registers[place] = value;
    if (place == address::command) core_.carry_out(value, static_cast<std::uint64_t>(now_));
  }
  void wait(const std::function<bool()>& done, std::chrono::microseconds, std::string_view) override {
    if (!done()) throw driver::BusTimeout("fake");
  }
  void send(std::span<const std::uint8_t> message) override {
    require_alive();
    Bytes whole(message.begin() + 16, message.begin() + 19);
    append(whole, message.subspan(32));
    core_.on_message(net::Address::from_octets(message.first(16)), whole);
  }

 private:
  void require_alive() const {
    if (!core_.alive) throw driver::BusError("fake: gone");
  }
  FakeCore& core_;
  const Time& now_;
};

/// A CTA with a ticket, and a controller behind the first core that lives.
class Behind {
 public:
  Behind() : cta(with_ticket(), random), front(setup(), [this] { return connect(); }) {
    for (FakeCore& core : cores) {
      core.on_message = [this](const net::Address&, const Bytes& message) { to_client(message); };
      core.on_wake = [this](const net::Address&, std::uint32_t nonce) {
        to_client(keymgmt::encode(
            keymgmt::WakeUp{.server_nonce = nonce, .server_principal = kerberos::to_string(service_name)}));
      };
    }
    front.on_expired = [this](const net::Address& client, Time at) { controller.session_expired(client, at, now); };
  }
  void wake() {
    front.set_time(now);
    controller.wake(client(), cta_name, keymgmt::doi_ipsec, now);
  }
  void run(Time duration) {
    for (const Time end = now + duration; now < end; now += 5'000) {
      front.set_time(now);
      if (late.empty()) front.socket_is_empty();
      controller.expire(now);
      front.expire();
      cta.expire(now, sender());
      while (!queue.empty()) {
        const auto work = std::move(queue.front());
        queue.pop_front();
        work();
        front.expire();
      }
    }
  }
  static driver::Setup setup() {
    driver::Setup setup;
    setup.server.ipv4 = {net::Address::parse("192.0.2.1")};
    return setup;
  }
  [[nodiscard]] FakeCore& core() { return cores[0].alive ? cores[0] : cores[1]; }
  [[nodiscard]] const net::Address& client() const { return cta.config().address; }
  [[nodiscard]] Controller::Stage stage() const { return controller.sessions().at(client()).stage; }

  TestRealm realm;
  kerberos::SeededRandom random{3, "driven"};
  Time now = epoch;
  FakeCore cores[2];
  Cta cta;
  DrivenCore front;
  Controller controller{
      {}, kerberos::Service(test::realm, service_name, realm.kdc.keytab(service_name)), front, random};
  std::function<bool(Verdict)> lose_to_socket = [](Verdict) { return false; };
  std::function<void(Verdict)> on_passed = [](Verdict) {};
  std::vector<Verdict> heard;  ///< as the controller's side tells them

 private:
  CtaConfig with_ticket() {
    CtaConfig config = realm.cta_config();
    config.credential = realm.ticket(config, now);
    return config;
  }
  std::unique_ptr<driver::Bus> connect() {
    if (!cores[0].alive && !cores[1].alive) throw Error(ErrorKind::bad_input, "no core");
    return std::make_unique<FakeBus>(core(), now);
  }
  nodes::Send sender() {
    return [this](const Datagram& datagram) { queue.push_back([this, datagram] { to_server(datagram.payload); }); };
  }
  void to_client(const Bytes& message) {
    queue.push_back([this, message] {
      cta.receive({cta.config().server, {client(), key_management_port}, message}, now, sender());
    });
  }
  void to_server(const Bytes& payload) {
    last = payload;
    const auto judged = core().guard.judge_datagram(client(), payload, static_cast<std::uint64_t>(now)).decision;
    if (!judged.to_host) return;
    core().event(1, judged.verdict, client(), 0, now);
    on_passed(judged.verdict);
    if (!lose_to_socket(judged.verdict)) to_socket(payload);
  }

 public:
  void to_socket(const Bytes& payload) {
    const policy::Decision decision = front.judge(client(), payload);
    heard.push_back(decision.verdict);
    if (decision.to_host) controller.receive(client(), payload, decision.verdict, now);
    controller.expire(now);
  }
  std::deque<std::function<void()>> queue;
  Bytes last;              ///< that a client sent
  std::deque<Bytes> late;  ///< at the socket, unread
};

/// A front behind the first core that lives, without controller and client.
struct Lone {
  Lone() {
    front.on_expired = [this](const net::Address&, Time at) { expired.push_back(at); };
    front.set_time(now);
  }
  static net::Address client() { return net::Address::parse("198.51.100.7"); }
  void restore(std::uint64_t lifetime_us) {
    Command restore;
    restore.code = CommandCode::restore;
    restore.client = client();
    restore.nonce = 7;
    restore.phase = Phase::replied;
    restore.lifetime = lifetime_us;
    front.command(restore, [this](ResultCode result) { results.push_back(result); });
  }
  void expire() {
    front.set_time(now);
    front.expire();
  }
  void pass(Time duration) {
    now += duration;
    expire();
  }

  FakeCore cores[2];
  Time now = epoch;
  DrivenCore front{Behind::setup(), [this]() -> std::unique_ptr<driver::Bus> {
                     return std::make_unique<FakeBus>(cores[0].alive ? cores[0] : cores[1], now);
                   }};
  std::vector<ResultCode> results;
  std::vector<Time> expired;
};

}  // namespace

TEST_CASE("A controller behind a core that it drives tells the verdicts of what comes to its socket") {
  Behind world;
  world.wake();
  world.run(second);
  CHECK(world.stage() == Controller::Stage::established);
  CHECK(world.cta.state() == Cta::State::established);
  CHECK(world.heard == std::vector{Verdict::accepted, Verdict::sa_recovered});
}

TEST_CASE("Of a core's events those are asked for that tell what it let through") {
  Behind world;
  CHECK(world.core().registers[address::event_mask] ==
        (1U << index(Verdict::accepted) | 1U << index(Verdict::sa_recovered)));
}

TEST_CASE("A result is told at once, and an event at the host's time, whatever a core's clock shows") {
  Lone world;
  CHECK_FALSE(world.front.deadline());
  world.restore(30 * second);
  CHECK(world.front.deadline() == world.now);
  world.expire();
  CHECK(world.results == std::vector{ResultCode::ok});
  CHECK(world.front.deadline() > world.now);
  world.pass(second);  // it has read the events, and knows this core's clock
  world.cores[0].alive = false;
  world.cores[1].ahead = 5000 * second;
  world.pass(second);
  world.cores[1].event(static_cast<std::uint32_t>(driver::EventKind::expired), Verdict::bypass, Lone::client(), 7,
                       world.now + 5000 * second);
  world.pass(second);
  REQUIRE(world.expired.size() == 1);
  CHECK(world.expired[0] == world.now - second);
}

TEST_CASE("A client that is woken while the end of its last session is not told yet has the new session alone") {
  Lone world;
  world.restore(second);
  world.expire();
  world.now += second;
  world.front.set_time(world.now);
  Command wake;
  wake.code = CommandCode::wake;
  wake.client = Lone::client();
  wake.lifetime = 30 * second;
  world.front.command(wake, [&](ResultCode result) { world.results.push_back(result); });
  world.expire();
  REQUIRE(world.results == std::vector(2, ResultCode::ok));
  keymgmt::ApRequest request;
  request.ap_req = {0x6E, 0};
  request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
  request.server_nonce = world.cores[0].next_nonce;
  CHECK(world.front.judge(Lone::client(), keymgmt::encode(request)).verdict == Verdict::accepted);
}

TEST_CASE("What came past the core does not bring its nonce back, and goes no further") {
  Behind world;
  keymgmt::ApRequest request;
  request.ap_req = {0x6E, 0};
  request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
  request.server_nonce = 7;
  world.to_socket(keymgmt::encode(request));
  CHECK(world.heard.back() == Verdict::not_woken);
  world.wake();
  world.to_socket(keymgmt::encode(request));
  CHECK(world.heard.back() == Verdict::false_nonce);
  world.to_socket({2, 1});
  CHECK(world.stage() == Controller::Stage::waking);
  CHECK(world.controller.counters().ap_requests_opened == 0);
}

TEST_CASE("What the core let through and the socket lost is heard again in the same session") {
  for (const Verdict lost : {Verdict::accepted, Verdict::sa_recovered}) {
    Behind world;
    unsigned left = 1;
    world.lose_to_socket = [&](Verdict verdict) { return verdict == lost && left > 0 && left-- > 0; };
    world.wake();
    world.run(5 * second);
    INFO("lost: " << static_cast<int>(lost));
    CHECK(left == 0);
    CHECK(world.stage() == Controller::Stage::established);
    CHECK(world.controller.counters().sessions_begun == 1);
  }
}

TEST_CASE("What waits at the socket of a slow machine is not taken for lost, nor for another's when it comes late") {
  for (const bool seen_empty : {false, true}) {
    Behind world;
    world.lose_to_socket = [&](Verdict verdict) { return verdict == Verdict::accepted && world.heard.empty(); };
    Bytes request;
    world.on_passed = [&](Verdict) {
      if (world.late.empty() && world.heard.empty()) world.late.push_back(world.last);
    };
    world.wake();
    world.run(second / 4);
    REQUIRE(world.late.size() == 1);
    request = world.late.front();
    if (seen_empty) world.late.clear();  // the patience is too short for this machine
    world.run(second / 2);
    world.late.clear();
    CHECK((world.core().guard.read(world.client(), static_cast<std::uint64_t>(world.now)).phase ==
           (seen_empty ? Phase::outstanding : Phase::in_service)));
    world.to_socket(request);
    world.run(second / 4);
    CHECK(world.stage() == Controller::Stage::established);
    CHECK(world.controller.counters().ap_requests_opened == 1);
  }
}

TEST_CASE("A core that is lost at any point of the exchange is followed by one that had its commands until then") {
  // Before what the core has let through is heard, or behind it, of either message; or before any.
  for (const unsigned moment : {0U, 1U, 2U}) {
    for (const bool heard_first : {false, true}) {
      Behind world;
      const auto fail_over = [&] {
        // As `reveille live --standby` keeps it: what commands made of the session, not what frames did.
        const auto now = static_cast<std::uint64_t>(world.now);
        policy::SessionState state = world.cores[0].guard.read(world.client(), now);
        if (state.phase == Phase::in_service) state.phase = Phase::outstanding;
        if (state.phase == Phase::recovered) state.phase = Phase::replied;
        world.cores[1].guard.restore(world.client(), state.nonce, state.phase, state.tag, now, 30'000'000);
        world.cores[0].alive = false;
      };
      unsigned passed = 0;
      world.on_passed = [&](Verdict) {
        if (++passed == moment && world.cores[0].alive && !heard_first) fail_over();
      };
      world.wake();
      if (moment == 0) fail_over();
      if (heard_first && moment > 0) {
        // The datagram is in the socket's queue; the core goes before its command comes.
        world.lose_to_socket = [&](Verdict) {
          if (passed == moment && world.cores[0].alive) fail_over();
          return false;
        };
      }
      world.run(10 * second);
      INFO("moment " << moment << ", heard first: " << heard_first);
      CHECK_FALSE(world.cores[0].alive);
      CHECK(world.stage() == Controller::Stage::established);
      CHECK(world.cta.state() == Cta::State::established);
    }
  }
}

TEST_CASE("Where no core is left the controller's end says so") {
  Behind world;
  world.wake();
  world.cores[0].alive = world.cores[1].alive = false;
  CHECK_THROWS_WITH(world.run(second), "no core");
}
