// SPDX-License-Identifier: Apache-2.0
// Verdicts 9 to 16: docs/protocol.md, L14 to L16, L19, L21, and the host's commands.
#include "catch.hpp"
#include "model/policy/frames.hpp"

using namespace reveille;
using namespace reveille::policy;
using namespace reveille::policy::test;

namespace {

const Bytes right = net::build(to_server4(ap_request(nonce)));
const Bytes wrong = net::build(to_server4(ap_request(nonce ^ 1)));
const Bytes recovered_right = net::build(to_server4(sa_recovered(tag)));
const Bytes recovered_wrong = net::build(to_server4(sa_recovered(tag ^ 1)));

UntimedGuard with_session(Phase state, std::uint64_t lifetime = 1000) {
  UntimedGuard guard(both_families());
  REQUIRE(guard.restore(client4, nonce, state, tag, 0, lifetime) == ResultCode::ok);
  return guard;
}

bool passes(UntimedGuard& guard, ByteView frame, std::uint64_t now = 0) {
  return guard.judge_in_full(frame, now).decision.to_host;
}

}  // namespace

TEST_CASE("The life of a session") {
  UntimedGuard guard(both_families());
  CHECK(guard.judge(right, 0) == Verdict::not_woken);
  CHECK(guard.judge(recovered_right, 0) == Verdict::not_woken);
  REQUIRE(guard.wake(client4, nonce, 0, 1000) == ResultCode::ok);
  CHECK(guard.judge(recovered_right, 1) == Verdict::unexpected);
  CHECK(guard.judge(wrong, 1) == Verdict::false_nonce);
  CHECK(guard.judge(right, 1) == Verdict::accepted);
  CHECK(guard.judge(right, 2) == Verdict::repeat);
  CHECK(guard.judge(wrong, 2) == Verdict::false_nonce);
  CHECK(guard.judge(recovered_right, 2) == Verdict::unexpected);
  REQUIRE(guard.reply(client4, tag, 3) == ResultCode::ok);
  CHECK(guard.judge(wrong, 3) == Verdict::false_nonce);
  CHECK(guard.judge(right, 3) == Verdict::resend);
  CHECK(guard.judge(right, 3) == Verdict::resend);
  CHECK(guard.judge(right, 3) == Verdict::repeat);  // the budget of 2 is spent
  CHECK(guard.judge(recovered_wrong, 3) == Verdict::false_nonce);
  CHECK(guard.judge(recovered_right, 3) == Verdict::sa_recovered);
  // L16: recovered stays live.
  CHECK(guard.judge(recovered_right, 4) == Verdict::unexpected);
  CHECK(guard.judge(right, 4) == Verdict::repeat);
  CHECK(guard.judge(wrong, 4) == Verdict::false_nonce);
  REQUIRE(guard.close(client4, 5) == ResultCode::ok);
  CHECK(guard.judge(right, 5) == Verdict::not_woken);
}

TEST_CASE("To the host go these and no others") {
  UntimedGuard outstanding = with_session(Phase::outstanding);
  CHECK_FALSE(passes(outstanding, wrong));
  CHECK(passes(outstanding, right));
  CHECK_FALSE(passes(outstanding, right));
  UntimedGuard replied = with_session(Phase::replied);
  CHECK(passes(replied, right));
  CHECK_FALSE(passes(replied, recovered_wrong));
  CHECK(passes(replied, recovered_right));
  CHECK_FALSE(passes(replied, recovered_right));
  net::UdpFrame frame = to_server4(ap_request(nonce));
  frame.destination_port = 1;
  CHECK(passes(replied, net::build(frame)));
  frame.destination_port = 1293;
  frame.udp_checksum = 1;
  CHECK_FALSE(passes(replied, net::build(frame)));
}

TEST_CASE("L14: at the deadline itself a session has expired") {
  UntimedGuard guard = with_session(Phase::outstanding, 1000);
  CHECK(guard.read(client4, 999).live);
  CHECK_FALSE(guard.read(client4, 1000).live);
  CHECK(guard.judge(wrong, 999) == Verdict::false_nonce);
  CHECK(guard.judge(wrong, 1000) == Verdict::not_woken);

  SECTION("no verdict moves a deadline") {
    UntimedGuard busy = with_session(Phase::outstanding, 1000);
    CHECK(busy.judge(right, 999) == Verdict::accepted);
    REQUIRE(busy.reply(client4, tag, 999) == ResultCode::ok);
    CHECK(busy.judge(recovered_right, 1000) == Verdict::not_woken);
  }
  SECTION("a deadline counts from when the session began") {
    UntimedGuard late(both_families());
    REQUIRE(late.wake(client4, nonce, 500, 1000) == ResultCode::ok);
    CHECK(late.judge(right, 1499) == Verdict::accepted);
    CHECK(late.judge(right, 1500) == Verdict::not_woken);
  }
  SECTION("52-bit times hold, also past 2^48") {
    for (const std::uint64_t start : {(1ULL << 48) - 2000, (1ULL << 48) - 1, (1ULL << 52) - 2001}) {
      UntimedGuard far(both_families());
      REQUIRE(far.wake(client4, nonce, start, 1999) == ResultCode::ok);
      CHECK(far.judge(right, start + 1998) == Verdict::accepted);
      CHECK(far.judge(right, start + 1999) == Verdict::not_woken);
    }
  }
  SECTION("a deadline beyond 52 bits is 2^52 - 1") {
    const std::uint64_t last = (1ULL << 52) - 1;
    for (const std::uint64_t length : {std::uint64_t{3}, std::uint64_t{4}, last}) {
      UntimedGuard far(both_families());
      REQUIRE(far.wake(client4, nonce, last - 3, length) == ResultCode::ok);
      CHECK(far.judge(right, last - 1) == Verdict::accepted);
      CHECK(far.judge(right, last) == Verdict::not_woken);
    }
  }
}

TEST_CASE("Verdict 9: a returned nonce of 0 is client-initiated, session or not") {
  const Bytes frame = net::build(to_server4(ap_request(0)));
  ServerConfig config = both_families();
  UntimedGuard dropping(config);
  CHECK(dropping.judge(frame, 0) == Verdict::client_initiated);
  CHECK_FALSE(passes(dropping, frame));
  REQUIRE(dropping.wake(client4, nonce, 0, 10) == ResultCode::ok);
  CHECK(dropping.judge(frame, 0) == Verdict::client_initiated);
  CHECK(dropping.read(client4, 0).phase == Phase::outstanding);
  config.client_initiated = ServerConfig::pass;
  UntimedGuard passing(config);
  for (int i = 0; i < 100; ++i) CHECK(passes(passing, frame));
}

TEST_CASE("L15: GCRA") {
  RateLimiter limiter;
  SECTION("a burst, then one an interval") {
    // interval 100, burst 3: tolerance 200
    CHECK(limiter.conforms(1000, 100, 200));
    CHECK(limiter.conforms(1000, 100, 200));
    CHECK(limiter.conforms(1000, 100, 200));
    CHECK_FALSE(limiter.conforms(1000, 100, 200));
    CHECK_FALSE(limiter.conforms(1099, 100, 200));
    CHECK(limiter.theoretical_arrival_time() == 1300);  // what dropped changed nothing
    CHECK(limiter.conforms(1100, 100, 200));
    CHECK_FALSE(limiter.conforms(1100, 100, 200));
  }
  SECTION("the first frame at time 0: TAT is 0 at reset") {
    CHECK(limiter.conforms(0, 10, 0));
    CHECK_FALSE(limiter.conforms(9, 10, 0));
    CHECK(limiter.conforms(10, 10, 0));
  }
  SECTION("no sum wraps") {
    const std::uint64_t last = (1ULL << 52) - 1;
    CHECK(limiter.conforms(last, 0xffffffff, last));
    CHECK(limiter.theoretical_arrival_time() == last + 0xffffffff);
    CHECK(limiter.conforms(last, 0xffffffff, last));
    CHECK_FALSE(limiter.conforms(last, 0xffffffff, 0));
  }
  SECTION("one for all clients, and only client-initiated frames count") {
    ServerConfig config = both_families();
    config.client_initiated = ServerConfig::pass_limited;
    config.interval_us = 100;
    config.tolerance_us = 100;
    UntimedGuard guard(config);
    CHECK(passes(guard, net::build(to_server4(ap_request(0))), 50));
    CHECK(guard.judge(right, 50) == Verdict::not_woken);
    CHECK(passes(guard, net::build(to_server6(ap_request(0))), 50));
    CHECK_FALSE(passes(guard, net::build(to_server6(ap_request(0))), 99));
    CHECK(guard.judge(net::build(to_server4(ap_request(0))), 99) == Verdict::client_initiated);
    CHECK(passes(guard, net::build(to_server4(ap_request(0))), 150));
  }
}

TEST_CASE("L16: every session starts with the whole resend budget, and each resend takes one") {
  for (const unsigned budget : {0U, 1U, 15U}) {
    ServerConfig config = both_families();
    config.resend_budget = budget;
    UntimedGuard guard(config);
    REQUIRE(guard.restore(client4, nonce, Phase::replied, tag, 0, 100) == ResultCode::ok);
    for (unsigned i = 0; i < budget; ++i) CHECK(guard.judge(right, 0) == Verdict::resend);
    CHECK(guard.judge(right, 0) == Verdict::repeat);
    CHECK(guard.judge(recovered_right, 0) == Verdict::sa_recovered);
  }
}

TEST_CASE("L16: recovered and in_service as restored") {
  UntimedGuard recovered = with_session(Phase::recovered);
  CHECK(recovered.judge(right, 0) == Verdict::repeat);
  CHECK(recovered.judge(wrong, 0) == Verdict::false_nonce);
  CHECK(recovered.judge(recovered_wrong, 0) == Verdict::unexpected);
  UntimedGuard in_service = with_session(Phase::in_service);
  CHECK(in_service.judge(right, 0) == Verdict::repeat);
  CHECK(in_service.judge(wrong, 0) == Verdict::false_nonce);
  CHECK(in_service.judge(recovered_wrong, 0) == Verdict::unexpected);
}

TEST_CASE("L21: a session counts its false nonces, of AP Requests and SA Recovered, up to 511") {
  UntimedGuard guard = with_session(Phase::outstanding);
  const auto count = [&](const net::Address& client = client4) { return guard.read(client, 0).false_nonces; };
  CHECK(count() == 0);
  CHECK(guard.judge(wrong, 0) == Verdict::false_nonce);
  CHECK(count() == 1);
  CHECK(guard.judge(recovered_wrong, 0) == Verdict::unexpected);
  CHECK(guard.judge(right, 0) == Verdict::accepted);
  CHECK(guard.judge(right, 0) == Verdict::repeat);
  CHECK(count() == 1);  // other verdicts are not counted
  REQUIRE(guard.reject(client4, 0) == ResultCode::ok);
  CHECK(guard.judge(right, 0) == Verdict::accepted);
  REQUIRE(guard.reply(client4, tag, 0) == ResultCode::ok);
  CHECK(guard.judge(recovered_wrong, 0) == Verdict::false_nonce);
  CHECK(count() == 2);  // and no command but these two changes it
  REQUIRE(guard.wake(client6, nonce, 0, 100) == ResultCode::ok);
  CHECK(count(client6) == 0);
  for (int i = 0; i < 5000; ++i) CHECK(guard.judge(wrong, 0) == Verdict::false_nonce);
  CHECK(count() == 511);
  REQUIRE(guard.close(client4, 0) == ResultCode::ok);
  REQUIRE(guard.restore(client4, nonce, Phase::replied, tag, 0, 100) == ResultCode::ok);
  CHECK(count() == 0);
}

TEST_CASE("L21: the event `guessing`, once, at the threshold") {
  for (const unsigned threshold : {0U, 1U, 3U, 511U}) {
    ServerConfig config = both_families();
    config.guess_threshold = threshold;
    UntimedGuard guard(config);
    REQUIRE(guard.wake(client4, nonce, 0, 100) == ResultCode::ok);
    for (unsigned i = 1; i <= 5000; ++i) {
      CHECK_FALSE(guard.judge_in_full(net::build(to_server6(ap_request(1))), 0).guessing);  // another client's
      const UntimedGuard::Judgement judgement = guard.judge_in_full(wrong, 0);
      CHECK(judgement.guessing == (i == threshold));
      CHECK_FALSE(judgement.decision.to_host);
    }
    // A new session counts anew.
    REQUIRE(guard.close(client4, 0) == ResultCode::ok);
    REQUIRE(guard.wake(client4, nonce, 0, 100) == ResultCode::ok);
    CHECK(guard.judge_in_full(wrong, 0).guessing == (threshold == 1));
  }
}

TEST_CASE("L19: sessions are keyed by the address, IPv4 as ::ffff:a.b.c.d") {
  UntimedGuard guard = with_session(Phase::outstanding);
  net::UdpFrame mapped = to_server6(ap_request(nonce));
  mapped.source = client4;
  CHECK(guard.judge(net::build(mapped), 0) == Verdict::bad_source);
  net::UdpFrame compatible = to_server6(ap_request(nonce));
  compatible.source = net::Address::parse("::198.51.100.7");
  CHECK(guard.judge(net::build(compatible), 0) == Verdict::not_woken);
  net::UdpFrame neighbour = to_server4(ap_request(nonce));
  neighbour.source = net::Address::parse("198.51.100.6");
  CHECK(guard.judge(net::build(neighbour), 0) == Verdict::not_woken);
  CHECK(guard.judge(right, 0) == Verdict::accepted);
  // A session whose client's frames are bad_source may stand, and serves nobody.
  REQUIRE(guard.restore(net::Address::parse("127.0.0.1"), nonce, Phase::outstanding, 0, 0, 9) == ResultCode::ok);
}

TEST_CASE("Commands that are not legal are refused and change nothing") {
  UntimedGuard guard(both_families(), 1);
  CHECK(guard.wake(client4, 0, 0, 10) == ResultCode::bad_argument);
  CHECK(guard.wake(client4, nonce, 0, 0) == ResultCode::bad_argument);
  CHECK(guard.reply(client4, tag, 0) == ResultCode::not_found);
  CHECK(guard.reject(client4, 0) == ResultCode::not_found);
  CHECK(guard.close(client4, 0) == ResultCode::not_found);
  REQUIRE(guard.wake(client4, nonce, 0, 10) == ResultCode::ok);
  CHECK(guard.wake(client4, nonce + 1, 9, 10) == ResultCode::live);
  CHECK(guard.wake(client6, nonce, 9, 10) == ResultCode::full);
  CHECK(guard.read(client4, 9).nonce == nonce);
  CHECK(guard.reply(client4, tag, 0) == ResultCode::wrong_state);
  CHECK(guard.reject(client4, 0) == ResultCode::wrong_state);
  REQUIRE(guard.judge(right, 0) == Verdict::accepted);
  REQUIRE(guard.reject(client4, 0) == ResultCode::ok);
  CHECK(guard.judge(right, 0) == Verdict::accepted);  // a lucky guess does not lock the true client out
  REQUIRE(guard.reply(client4, tag, 0) == ResultCode::ok);
  CHECK(guard.reply(client4, tag, 0) == ResultCode::wrong_state);
  CHECK(guard.reject(client4, 0) == ResultCode::wrong_state);
  // Expired counts as none, for every command.
  CHECK(guard.close(client4, 10) == ResultCode::not_found);
  CHECK(guard.reply(client4, tag, 10) == ResultCode::not_found);
  CHECK(guard.wake(client6, nonce, 10, 10) == ResultCode::ok);
  ServerConfig config = both_families();
  config.ipv6.clear();
  CHECK(UntimedGuard(config).wake(client6, nonce, 0, 10) == ResultCode::bad_argument);
}
