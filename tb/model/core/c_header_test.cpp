// SPDX-License-Identifier: Apache-2.0
// The codes of the C header are those that the model answers with, and lockstep holds the RTL to the model.
#include <reveille.h>

#include "catch.hpp"
#include "reveille/core/counters.hpp"
#include "reveille/core/session_control.hpp"
#include "reveille/verdict.hpp"

using namespace reveille;
using namespace reveille::core;

TEST_CASE("Codes of the C header are the model's") {
  const auto same = [](auto code, unsigned c) { return static_cast<unsigned>(code) == c; };
  CHECK(same(CommandCode::wake, REVEILLE_COMMAND_WAKE));
  CHECK(same(CommandCode::reply, REVEILLE_COMMAND_REPLY));
  CHECK(same(CommandCode::reject, REVEILLE_COMMAND_REJECT));
  CHECK(same(CommandCode::close, REVEILLE_COMMAND_CLOSE));
  CHECK(same(CommandCode::restore, REVEILLE_COMMAND_RESTORE));
  CHECK(same(CommandCode::read, REVEILLE_COMMAND_READ));
  CHECK(same(CommandCode::read_location, REVEILLE_COMMAND_READ_LOCATION));
  CHECK(same(ResultCode::ok, REVEILLE_RESULT_OK));
  CHECK(same(ResultCode::full, REVEILLE_RESULT_FULL));
  CHECK(same(ResultCode::live, REVEILLE_RESULT_LIVE));
  CHECK(same(ResultCode::not_ready, REVEILLE_RESULT_NOT_READY));
  CHECK(same(ResultCode::not_found, REVEILLE_RESULT_NOT_FOUND));
  CHECK(same(ResultCode::wrong_state, REVEILLE_RESULT_WRONG_STATE));
  CHECK(same(ResultCode::bad_argument, REVEILLE_RESULT_BAD_ARGUMENT));
  CHECK(same(ResultCode::busy, REVEILLE_RESULT_BUSY));
  CHECK(same(Phase::outstanding, REVEILLE_PHASE_OUTSTANDING));
  CHECK(same(Phase::in_service, REVEILLE_PHASE_IN_SERVICE));
  CHECK(same(Phase::replied, REVEILLE_PHASE_REPLIED));
  CHECK(same(Phase::recovered, REVEILLE_PHASE_RECOVERED));
  CHECK(same(EventKind::verdict, REVEILLE_EVENT_VERDICT));
  CHECK(same(EventKind::expired, REVEILLE_EVENT_EXPIRED));
  CHECK(same(EventKind::wake_failed, REVEILLE_EVENT_WAKE_FAILED));
  CHECK(same(EventKind::guessing, REVEILLE_EVENT_GUESSING));
  CHECK(same(Verdict::bypass, REVEILLE_VERDICT_BYPASS));
  CHECK(same(Verdict::sa_recovered, REVEILLE_VERDICT_SA_RECOVERED));
  CHECK(Counters::kOverrun == REVEILLE_COUNTER_OVERRUN);
  CHECK(Counters::kOversize == REVEILLE_COUNTER_OVERSIZE);
  CHECK(Counters::kSessionOverrun == REVEILLE_COUNTER_OVERRUN_SESSION);
}
