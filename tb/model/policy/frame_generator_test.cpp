// SPDX-License-Identifier: Apache-2.0
#include "model/policy/frame_generator.hpp"

#include <map>

#include "catch.hpp"

using namespace reveille;
using namespace reveille::policy;
using namespace reveille::policy::test;

TEST_CASE("Frames made for a verdict get it") {
  ServerConfig config = both_families();
  config.destination = GENERATE(ServerConfig::Destination::any, ServerConfig::Destination::listed);
  config.later_fragments = GENERATE(ServerConfig::LaterFragments::pass, ServerConfig::LaterFragments::drop);
  if (GENERATE(false, true)) {
    config.ipv4.push_back(net::Address::parse("192.0.2.2"));
    config.ipv6.push_back(net::Address::parse("2001:db8::2"));
  }
  FrameGenerator generator(20260801, config);
  std::map<Verdict, int> seen;
  for (int i = 0; i < 50000; ++i) {
    const Sample sample = generator.next();
    const FrameFacts facts = parse_frame(sample.frame, config);
    INFO("frame " << i << ": " << sample.note);
    if (sample.decided) {
      if (facts.kind != FrameFacts::Kind::decided || facts.early != sample.verdict)
        FAIL(sample.verdict << " expected, got " << facts.early);
      ++seen[facts.early];
    } else if (sample.is_ap_request) {
      if (facts.kind != FrameFacts::Kind::ap_request || facts.returned_nonce != sample.returned_nonce)
        FAIL("AP Request, got " << facts.early);
    } else {
      if (facts.kind != FrameFacts::Kind::sa_recovered || facts.tag != sample.tag)
        FAIL("SA Recovered, got " << facts.early);
    }
  }
  for (unsigned code = 0; code <= 8; ++code) CHECK(seen[static_cast<Verdict>(code)] > 1000);
}

TEST_CASE("Any octets get a verdict") {
  // Mutants of right frames reach deeper than random octets; every length is tried, every octet may change.
  std::mt19937_64 random(7);
  FrameGenerator generator(7);
  UntimedGuard guard(both_families());
  for (int i = 0; i < 100000; ++i) {
    Bytes frame = generator.next().frame;
    for (unsigned changes = random() % 4; changes > 0 && !frame.empty(); --changes) {
      frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
    }
    frame.resize(random() % (frame.size() + 3));
    if (guard.judge(frame, 0) > Verdict::sa_recovered) FAIL("no verdict for frame " << i);
  }
}
