// SPDX-License-Identifier: Apache-2.0
// Where the host's commands stand between a run's frames.
#include "story/session_log.hpp"

#include "catch.hpp"
#include "model/policy/frames.hpp"
#include "reveille/keymgmt/messages.hpp"

using namespace reveille;
using namespace reveille::sim;
using namespace reveille::policy::test;

namespace {

const Bytes request = net::build(to_server4(ap_request(nonce)));
const Bytes recovered = net::build(to_server4(sa_recovered(tag)));

Bytes wake_up() {
  net::UdpFrame frame;
  frame.source = server4;
  frame.destination = client4;
  frame.payload = keymgmt::encode(keymgmt::WakeUp{.server_nonce = nonce, .server_principal = "x"});
  return net::build(frame);
}

}  // namespace

TEST_CASE("A command stands where its result was read, if no verdict shows otherwise") {
  SessionLog log;
  log.succeeded({.code = CommandCode::reply, .client = client4, .tag = tag}, 5'000, 6'000);
  log.judged(request, 5'500, Verdict::repeat);
  log.judged(request, 7'000, Verdict::resend);
  REQUIRE(log.commands().size() == 1);
  CHECK(log.commands()[0].time_ns == 6'000);
  CHECK(log.commands()[0].command.tag == tag);
}

TEST_CASE(
    "A frame begun before, whose verdict shows the command, stands behind it, judged before or after its result") {
  const auto placed = [](CommandCode code, const Bytes& frame, Verdict verdict, bool judged_first) {
    SessionLog log;
    const driver::Command command{.code = code, .client = client4};
    if (judged_first) log.judged(frame, 5'500, verdict);
    log.succeeded(command, 5'000, 6'000);
    if (!judged_first) log.judged(frame, 5'500, verdict);
    log.transmitted(wake_up());
    return log.commands().at(0).time_ns;
  };
  for (const bool judged_first : {true, false}) {
    CHECK(placed(CommandCode::wake, request, Verdict::accepted, judged_first) == 5'500);
    CHECK(placed(CommandCode::wake, request, Verdict::not_woken, judged_first) == 6'000);
    CHECK(placed(CommandCode::close, request, Verdict::not_woken, judged_first) == 5'500);
    CHECK(placed(CommandCode::close, request, Verdict::repeat, judged_first) == 6'000);
    CHECK(placed(CommandCode::reject, request, Verdict::accepted, judged_first) == 5'500);
    CHECK(placed(CommandCode::reject, request, Verdict::repeat, judged_first) == 6'000);
    CHECK(placed(CommandCode::reply, request, Verdict::resend, judged_first) == 5'500);
    CHECK(placed(CommandCode::reply, request, Verdict::false_nonce, judged_first) == 6'000);
    CHECK(placed(CommandCode::reply, recovered, Verdict::false_nonce, judged_first) == 5'500);
    CHECK(placed(CommandCode::reply, recovered, Verdict::unexpected, judged_first) == 6'000);
  }
}

TEST_CASE("What was looked up before the core had taken the command shows nothing of it, nor do other clients") {
  SessionLog log;
  log.judged(request, 4'000, Verdict::accepted);
  net::UdpFrame other = to_server4(ap_request(nonce));
  other.source = net::Address::parse("198.51.100.8");
  log.judged(net::build(other), 5'500, Verdict::accepted);
  log.succeeded({.code = CommandCode::reject, .client = client4}, 5'000, 6'000);
  CHECK(log.commands().at(0).time_ns == 6'000);
}

TEST_CASE("A wake has the nonce of the Wake Up behind it, and is left out where none was sent") {
  SessionLog log;
  log.succeeded({.code = CommandCode::wake, .client = client4, .lifetime = 60}, 5'999, 6'500);
  log.succeeded({.code = CommandCode::wake, .client = client6, .lifetime = 60}, 7'000, 7'500);
  CHECK(log.commands().empty());
  log.transmitted(wake_up());
  REQUIRE(log.commands().size() == 1);
  CHECK(log.commands()[0].command.nonce == nonce);
  CHECK(log.commands()[0].until_us == 65);
}

TEST_CASE("A session that is live in the microsecond of its deadline began a microsecond later") {
  SessionLog log;
  log.succeeded({.code = CommandCode::wake, .client = client4, .lifetime = 60}, 5'999, 6'500);
  log.transmitted(wake_up());
  log.judged(request, 64'999, Verdict::repeat);
  CHECK(log.commands()[0].until_us == 65);
  log.judged(request, 65'000, Verdict::repeat);
  log.judged(request, 65'999, Verdict::repeat);
  log.judged(request, 66'000, Verdict::not_woken);
  CHECK(log.commands()[0].until_us == 66);
}
