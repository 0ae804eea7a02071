// SPDX-License-Identifier: Apache-2.0
// The model's parser against the untimed policy's: neither calls the other, both are written from docs/protocol.md.
#include <map>

#include "catch.hpp"
#include "model/core/policy_config.hpp"
#include "model/core/support.hpp"
#include "model/policy/frame_generator.hpp"

namespace reveille::core::test {
namespace {

Configuration configuration_of(const ServerSetup& server) {
  Configuration config = both_families_configuration();
  config.listed = server.listed;
  config.drop_later_fragments = server.drop_later_fragments;
  config.doi_ipsec = server.doi_ipsec;
  config.doi_snmp = server.doi_snmp;
  config.ipv4.enabled = static_cast<std::uint8_t>((1U << server.ipv4.size()) - 1);
  config.ipv6.enabled = static_cast<std::uint8_t>((1U << server.ipv6.size()) - 1);
  return config;
}

/// What a frame is: a parser that gets its beats, each as soon as it is taken.
class Parser {
 public:
  explicit Parser(const ServerSetup& server) : config_(configuration_of(server)) {}

  policy::FrameFacts parse(ByteView frame) {
    for (const StreamSource& beat : beats(frame)) {
      while (!parser_.ready()) parser_.clock({}, 0, config_, hash_);
      parser_.clock(beat, 0, config_, hash_);
    }
    while (parser_.descriptor() == nullptr) {
      if (const Lookup* lookup = parser_.lookup()) lookup_ = *lookup;
      parser_.clock({}, 0, config_, hash_);
    }
    const Descriptor& descriptor = *parser_.descriptor();
    policy::FrameFacts facts;
    facts.kind = static_cast<policy::FrameFacts::Kind>(descriptor.kind);
    facts.source = descriptor.source;
    if (descriptor.kind == KeymgmtParser::Kind::decided) facts.early = descriptor.verdict;
    if (descriptor.kind == KeymgmtParser::Kind::ap_request) facts.returned_nonce = descriptor.nonce;
    if (descriptor.kind == KeymgmtParser::Kind::sa_recovered) facts.tag = lookup_.value;
    return facts;
  }

 private:
  Configuration config_;
  FrameParser parser_;
  ClientHash hash_;
  Lookup lookup_;
};

bool same(const policy::FrameFacts& a, const policy::FrameFacts& b) {
  using Kind = policy::FrameFacts::Kind;
  if (a.kind != b.kind || a.source != b.source) return false;
  if (a.kind == Kind::decided) return a.early == b.early;
  return a.kind == Kind::ap_request ? a.returned_nonce == b.returned_nonce : a.tag == b.tag;
}

ServerSetup some_server(unsigned which) {
  ServerSetup server = both_families_server();
  server.listed = (which & 1) != 0;
  server.drop_later_fragments = (which & 2) != 0;
  if ((which & 4) != 0) server.ipv6.pop_back();
  return server;
}

/// Right frames, frames with one thing wrong, and what becomes of both when octets change and ends are cut.
Bytes some_frame(policy::test::FrameGenerator& generator, std::mt19937_64& random) {
  Bytes frame = generator.next().frame;
  if (frame.empty()) frame.push_back(0);
  if (random() % 3 == 0) return frame;
  for (unsigned changes = random() % 3; changes > 0; --changes)
    frame[random() % std::min<std::size_t>(frame.size(), 120)] = static_cast<std::uint8_t>(random());
  if (random() % 3 == 0) frame.resize(1 + random() % (frame.size() + 3));
  return frame;
}

TEST_CASE("Parser and policy say the same of any frame") {
  const unsigned which = GENERATE(range(0U, 8U));
  const ServerSetup server = some_server(which);
  const policy::ServerConfig config = policy_config(server);
  Parser parser(server);
  policy::test::FrameGenerator generator(which, config);
  std::mt19937_64 random(which);
  std::map<Verdict, unsigned> seen;
  for (unsigned i = 0; i < 60000; ++i) {
    const Bytes frame = some_frame(generator, random);
    const policy::FrameFacts of_policy = policy::parse_frame(frame, config);
    const policy::FrameFacts of_model = parser.parse(frame);
    ++seen[of_policy.early];
    if (same(of_policy, of_model)) continue;
    std::string octets;
    for (const std::uint8_t octet : frame) octets += (octet < 16 ? "0" : "") + std::to_string(octet) + " ";
    FAIL("frame " << i << ": policy " << of_policy.early << ", model " << of_model.early << ": " << octets);
  }
  for (unsigned code = 0; code <= 8; ++code) CHECK(seen[static_cast<Verdict>(code)] > 100);
}

/// What the comparison is worth: a slip in one of the two alone, as somebody might make it, is seen.
TEST_CASE("A slip in the policy alone is found") {
  using Slip = policy::FrameFacts (*)(const Bytes&, policy::FrameFacts);
  struct Planted {
    const char* what;
    Slip slip;
  };
  const Planted planted =
      GENERATE(Planted{"loopback is a good source",
                       [](const Bytes&, policy::FrameFacts facts) {
                         if (facts.early == Verdict::bad_source && facts.source.octets[12] == 127)
                           facts.early = Verdict::malformed;
                         return facts;
                       }},
               Planted{"a third tag bypasses",
                       [](const Bytes& frame, policy::FrameFacts facts) {
                         const bool tagged = frame.size() > 21 && frame[20] == 0x81 && frame[21] == 0;
                         if (facts.early == Verdict::unparsable && tagged && facts.source == net::Address{})
                           facts.early = Verdict::bypass;
                         return facts;
                       }},
               Planted{"a nonce is read little-endian", [](const Bytes&, policy::FrameFacts facts) {
                         facts.returned_nonce = __builtin_bswap32(facts.returned_nonce);
                         return facts;
                       }});
  INFO(planted.what);
  const ServerSetup server = some_server(0);
  const policy::ServerConfig config = policy_config(server);
  Parser parser(server);
  policy::test::FrameGenerator generator(1, config);
  std::mt19937_64 random(1);
  unsigned found = 0;
  for (unsigned i = 0; i < 20000; ++i) {
    const Bytes frame = some_frame(generator, random);
    if (!same(planted.slip(frame, policy::parse_frame(frame, config)), parser.parse(frame))) ++found;
  }
  CHECK(found > 0);
}

}  // namespace
}  // namespace reveille::core::test
