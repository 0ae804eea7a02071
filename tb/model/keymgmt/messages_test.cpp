// SPDX-License-Identifier: Apache-2.0
#include "reveille/keymgmt/messages.hpp"

#include "catch.hpp"
#include "model/hex.hpp"

using namespace reveille;
using namespace reveille::keymgmt;

namespace {

struct Example {
  Message message;
  const char* octets;  ///< written by hand from docs/protocol.md, part 2
};

const Bytes hmac = from_hex("a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3");
const SnmpData snmp{.engine_id = {0x80, 0, 1}, .engine_boots = 2, .engine_time = 0x01020304, .user_name = "mta"};
const std::vector<Ciphersuite> two_suites = {{2, 0x0c}, {1, 3}};

const std::vector<Example> examples = {
    {WakeUp{1, 0x10, 0x1badcafe, "ctl"}, "01 01 10 1badcafe 63746c00"},
    {ApRequest{1, 0x10, {0x6e, 1, 9}, 0x1badcafe, IpsecData{0xaabbccdd}, two_suites, true, hmac},
     "02 01 10 6e0109 1badcafe aabbccdd 02 020c 0103 01 a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"},
    {ApRequest{2, 0x10, {0x6e, 0}, 0, snmp, {}, false, hmac},
     "02 02 10 6e00 00000000 03 800001 00000002 01020304 03 6d7461 00 00 a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"},
    {ApReply{1, 0x10, {0x6f, 1, 9}, IpsecData{1}, {{2, 0x0c}}, 3600, 60, false, true, hmac},
     "03 01 10 6f0109 00000001 01 020c 00000e10 0000003c 00 01 a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"},
    {ApReply{2, 0x10, {0x6f, 0}, snmp, {{0x22, 0x21}}, 1, 2, true, false, hmac},
     "03 02 10 6f00 03 800001 00000002 01020304 03 6d7461 01 2221 00000001 00000002 01 00 "
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"},
    {SaRecovered{1, 0x10, hmac}, "04 01 10 a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"},
    {Rekey{1, 0x10, 7, "ctl", "260801120000Z", IpsecData{5}, two_suites, 3600, 60, true, hmac},
     "05 01 10 00000007 63746c00 3236303830313132303030305a 00000005 02 020c 0103 00000e10 0000003c 01 "
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"},
    {Rekey{2, 0x10, 7, "ctl", "260801120000Z", snmp, {}, 1, 2, false, hmac},
     "05 02 10 00000007 63746c00 3236303830313132303030305a 03 800001 00000002 01020304 03 6d7461 00 00000001 00000002 "
     "00 "
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"},
    {ErrorReply{2, 0x21, {0x7e, 2, 8, 9}}, "06 02 21 7e020809"},
};

Bytes encoded(const Message& message) {
  return std::visit([](const auto& each) { return encode(each); }, message);
}

std::string refusal(const char* hex) {
  try {
    decode(from_hex(hex));
  } catch (const Error& error) {
    REQUIRE(error.kind() == ErrorKind::malformed);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("Every message in both DOIs, there and back") {
  for (const Example& example : examples) {
    INFO(example.octets);
    CHECK(encoded(example.message) == from_hex(example.octets));
    CHECK(decode(from_hex(example.octets)) == example.message);
  }
}

TEST_CASE("No message is taken cut short or with an octet behind it") {
  for (const Example& example : examples) {
    const Bytes whole = from_hex(example.octets);
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK_THROWS_AS(decode(ByteView(whole).first(size)), Error);
    Bytes longer = whole;
    longer.push_back(0);
    CHECK_THROWS_WITH(decode(longer), ContainsSubstring("1 octets behind the message"));
  }
}

TEST_CASE("A refusal names the field") {
  CHECK_THAT(refusal(""), ContainsSubstring("KMMID"));
  CHECK_THAT(refusal("01"), ContainsSubstring("DOI"));
  CHECK_THAT(refusal("0101"), ContainsSubstring("version"));
  CHECK_THAT(refusal("000110"), ContainsSubstring("KMMID: 0"));
  CHECK_THAT(refusal("070110"), ContainsSubstring("KMMID: 7"));
  CHECK_THAT(refusal("010010"), ContainsSubstring("DOI: 0"));
  CHECK_THAT(refusal("010310"), ContainsSubstring("DOI: 3"));
  CHECK_THAT(refusal("010110 0000"), ContainsSubstring("server nonce"));
  CHECK_THAT(refusal("010110 00000001 6374"), ContainsSubstring("server principal"));
  CHECK_THAT(refusal("010110 00000001 63e400"), ContainsSubstring("server principal: octet 228"));
  CHECK_THAT(refusal("020110 6f00"), ContainsSubstring("KRB_AP_REQ: tag 111, 110 expected"));
  CHECK_THAT(refusal("020110 6e80"), ContainsSubstring("KRB_AP_REQ: DER length"));
  CHECK_THAT(refusal("020110 6e817f"), ContainsSubstring("not minimal"));
  CHECK_THAT(refusal("020110 6e8200ff"), ContainsSubstring("not minimal"));
  CHECK_THAT(refusal("020110 6e83000100"), ContainsSubstring("DER length"));
  CHECK_THAT(refusal("020110 6e03ffff"), ContainsSubstring("KRB_AP_REQ: needs 3 octets, 2 left"));
  CHECK_THAT(refusal("020110 6e00 00000001 00000002 01 02"), ContainsSubstring("ciphersuite list"));
  CHECK_THAT(refusal("020110 6e00 00000001 00000002 00 02 a0"), ContainsSubstring("re-establish flag: 2"));
  CHECK_THAT(refusal("020110 6e00 00000001 00000002 00 01 a0"), ContainsSubstring("HMAC: needs 20 octets, 1 left"));
  CHECK_THAT(refusal("020210 6e00 00000001 04 8000"), ContainsSubstring("engine id"));
  CHECK_THAT(refusal("020210 6e00 00000001 00 00000001 00000001 09"), ContainsSubstring("user name"));
  CHECK_THAT(refusal("050110 00000007 00 3236303830313132303030305b"), ContainsSubstring("timestamp"));
  CHECK_THAT(refusal("050110 00000007 00 3236303830313132303030615a"), ContainsSubstring("timestamp"));  // ...00aZ
  CHECK_THROWS_AS(decode_as<SaRecovered>(from_hex("010110 00000001 00")), Error);
  CHECK(decode_as<WakeUp>(from_hex("010110 00000001 00")).server_nonce == 1);
}

TEST_CASE("Long DER elements keep their octets") {
  for (const std::size_t content : {0x7f, 0x80, 0xff, 0x100, 0x4ff}) {
    Bytes element = {0x7e};
    if (content >= 0x80) element.push_back(content >= 0x100 ? 0x82 : 0x81);
    append_big_endian(element, content, content >= 0x100 ? 2 : 1);
    element.resize(element.size() + content, 0x42);
    CHECK(decode_as<ErrorReply>(encode(ErrorReply{1, 0x10, element})).krb_error == element);
  }
}

TEST_CASE("What has no encoding is refused by its field") {
  const auto why = [](const Message& message) {
    CHECK_THROWS_AS(encoded(message), Error);
    try {
      encoded(message);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(why(WakeUp{3, 0x10, 1, "ctl"}), ContainsSubstring("DOI"));
  CHECK_THAT(why(WakeUp{1, 0x10, 1, std::string("c\0l", 3)}), ContainsSubstring("server principal"));
  CHECK_THAT(why(WakeUp{1, 0x10, 1, "c\xe4"}), ContainsSubstring("server principal"));
  CHECK_THAT(why(ApRequest{1, 0x10, {0x6f, 0}, 1, IpsecData{}, {}, false, hmac}), ContainsSubstring("KRB_AP_REQ"));
  CHECK_THAT(why(ApRequest{1, 0x10, {0x6e, 0}, 1, snmp, {}, false, hmac}),
             ContainsSubstring("application-specific data"));
  CHECK_THAT(why(ApRequest{2, 0x10, {0x6e, 0}, 1, IpsecData{}, {}, false, hmac}),
             ContainsSubstring("application-specific data"));
  CHECK_THAT(why(ApRequest{1, 0x10, {0x6e, 0}, 1, IpsecData{}, std::vector<Ciphersuite>(256), false, hmac}),
             ContainsSubstring("ciphersuite"));
  CHECK_THAT(why(SaRecovered{1, 0x10, Bytes(19)}), ContainsSubstring("HMAC"));
  CHECK_THAT(why(Rekey{1, 0x10, 1, "ctl", "2026", IpsecData{}, {}, 1, 1, false, hmac}), ContainsSubstring("timestamp"));
  CHECK_THAT(why(ApReply{2, 0x10, {0x6f, 0}, SnmpData{Bytes(256), 0, 0, ""}, {}, 0, 0, false, false, hmac}),
             ContainsSubstring("engine id"));
}
