// SPDX-License-Identifier: Apache-2.0
// The user-based security model: RFC 3414's own examples, and what an agent answers. net-snmp judges it in
// tb/system/snmp_test.cpp.
#include "catch.hpp"
#include "model/hex.hpp"
#include "reveille/kerberos/der.hpp"
#include "reveille/snmp/agent.hpp"

using namespace reveille;
using namespace reveille::snmp;
namespace der = reveille::kerberos::der;

namespace {

constexpr keymgmt::Ciphersuite md5_null{keymgmt::authentication::snmp_hmac_md5, keymgmt::transform::snmp_null};
constexpr keymgmt::Ciphersuite sha_des{keymgmt::authentication::snmp_hmac_sha1, keymgmt::transform::snmp_des};

User user(keymgmt::Ciphersuite suite) {
  return {{.engine_id = Bytes(12, 7), .engine_boots = 3, .engine_time = 0, .user_name = "mta-prov"},
          suite,
          {kerberos::SecretBytes(suite.authentication == sha_des.authentication ? 20 : 16, 1),
           kerberos::SecretBytes(suite.transform == sha_des.transform ? 16 : 0, 2)}};
}

kerberos::SecretBytes sequence(std::initializer_list<kerberos::SecretBytes> parts, std::uint8_t tag = 0x30) {
  kerberos::SecretBytes content;
  for (const auto& part : parts) append(content, part);
  return der::tag_length_value(tag, content);
}

/// A manager's GetRequest for sysName.0, sealed by the user's keys.
Bytes request(const User& by, std::int64_t boots, std::int64_t time, std::uint8_t flags) {
  const Bytes name(by.name.begin(), by.name.end()), salt = (flags & 2) != 0 ? Bytes(8, 9) : Bytes{}, mac(mac_size);
  const Bytes identifier = {0x2B, 6, 1, 2, 1, 1, 5, 0};
  kerberos::SecretBytes data = sequence(
      {der::octet_string(by.engine_id), der::octet_string(Bytes{}),
       sequence({der::integer(77), der::integer(0), der::integer(0),
                 sequence({sequence({der::tag_length_value(6, identifier), der::tag_length_value(5, Bytes{})})})},
                0xA0)});
  if ((flags & 2) != 0) {
    while (data.size() % 8 != 0) data.push_back(0);
    data = der::octet_string(by.encrypt(data, salt));
  }
  const kerberos::SecretBytes parameters =
      sequence({der::octet_string(by.engine_id), der::integer(boots), der::integer(time), der::octet_string(name),
                der::octet_string(mac), der::octet_string(salt)});
  const kerberos::SecretBytes whole =
      sequence({der::integer(3),
                sequence({der::integer(5), der::integer(65'507), der::octet_string(Bytes{flags}), der::integer(3)}),
                der::octet_string(parameters), data});
  Bytes message(whole.begin(), whole.end());
  if ((flags & 1) != 0) {
    const auto place = std::ranges::search(message, mac).begin();
    std::ranges::copy(by.mac(message), place);
  }
  return message;
}

std::optional<Value> name_of(ByteView identifier) {
  return identifier[6] == 5 ? std::optional(octet_string("cta1")) : std::nullopt;
}

bool contains(const Bytes& message, const std::string& text) { return !std::ranges::search(message, text).empty(); }

}  // namespace

TEST_CASE("Keys are localized as in RFC 3414, A.3") {
  const Bytes engine = from_hex("000000000000000000000002");
  const auto md5 = localize(md5_null, from_hex("9faf3283884e92834ebc9847d8edd963"), engine);
  CHECK(md5 == from_hex("526f5eed9fcce26f8964c2930787d82b"));
  const auto sha = localize(sha_des, from_hex("9fb5cc0381497b3793528939ff788d5d79145211"), engine);
  CHECK(sha == from_hex("6695febc9288e36282235fc7151f128497b38f3f"));
}

TEST_CASE("A user of CBC-DES has 16 octets for it, and one without privacy none") {  // RFC 3414, 8.1.1.1
  CHECK(user(sha_des).privacy.size() == 16);
  CHECK(user(md5_null).privacy.empty());
}

TEST_CASE("An agent answers its user's request, and tells its time to one that is out of it") {
  for (const keymgmt::Ciphersuite suite : {md5_null, sha_des}) {
    const User by = user(suite);
    const std::uint8_t flags = by.has_privacy() ? 7 : 5;
    Agent agent(by, 0, 0);
    const kerberos::Time now = 1000 * kerberos::second;
    const auto answer = agent.answer(request(by, 3, 1000, flags), now, name_of);
    REQUIRE(answer);
    CHECK(contains(*answer, "cta1") == !by.has_privacy());
    for (const std::int64_t time : {849, 850, 1150, 1151}) {
      const auto other = agent.answer(request(by, 3, time, flags), now, name_of);
      REQUIRE(other);
      CHECK((other->size() == answer->size()) == (time == 850 || time == 1150));
    }
    CHECK(agent.answer(request(by, 2, 1000, flags), now, name_of) != answer);
  }
}

TEST_CASE("What is not the user's, not protected as agreed, or changed anywhere gets no answer") {
  for (const keymgmt::Ciphersuite suite : {md5_null, sha_des}) {
    const User by = user(suite);
    const std::uint8_t flags = by.has_privacy() ? 7 : 5;
    Agent agent(by, 0, 0);
    const auto answers = [&](const Bytes& message) { return agent.answer(message, 0, name_of).has_value(); };
    const Bytes right = request(by, 3, 0, flags);
    CHECK(answers(right));
    CHECK_FALSE(answers(request(by, 3, 0, 4)));                        // not authenticated
    if (by.has_privacy()) CHECK_FALSE(answers(request(by, 3, 0, 5)));  // less private
    for (std::size_t size = 0; size < right.size(); ++size)
      CHECK_FALSE(answers(Bytes(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(size))));
    for (std::size_t at = 0; at < right.size(); ++at) {
      Bytes changed = right;
      changed[at] ^= 0x21;
      INFO(at);
      CHECK_FALSE(answers(changed));
    }
    User other = by;
    other.authentication[0] ^= 1;
    CHECK_FALSE(answers(request(other, 3, 0, flags)));
    User elsewhere = by;
    elsewhere.engine_id[0] ^= 1;
    CHECK_FALSE(answers(request(elsewhere, 3, 0, flags)));
  }
}
