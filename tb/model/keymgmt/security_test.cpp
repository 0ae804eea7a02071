// SPDX-License-Identifier: Apache-2.0
#include "reveille/keymgmt/security.hpp"

#include <fstream>
#include <map>
#include <sstream>

#include "catch.hpp"
#include "model/hex.hpp"

using namespace reveille;
using namespace reveille::keymgmt;

namespace {

using Row = std::vector<std::string>;

std::multimap<std::string, Row> vectors() {
  std::ifstream file("tb/vectors/keymgmt/security.vec");
  REQUIRE(file);
  std::multimap<std::string, Row> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    Row row;
    for (std::string word; words >> word;) row.push_back(word == "-" ? "" : word);
    rows.emplace(kind, row);
  }
  return rows;
}

Row one(const std::string& kind) {
  const auto rows = vectors();
  REQUIRE(rows.count(kind) == 1);
  return rows.find(kind)->second;
}

}  // namespace

TEST_CASE("HMACs are those that Python makes of the profile choices") {
  const Row request = one("ap_request");
  const Bytes session_key = from_hex(request[0]);
  ApRequest ap_request = decode_as<ApRequest>(from_hex(request[1]));
  ap_request.hmac.assign(hmac_size, 0);
  CHECK(seal(ap_request, session_key) == from_hex(request[1]));
  CHECK(has_true_hmac(from_hex(request[1]), ap_hmac_key(session_key)));

  const Bytes reply = from_hex(one("ap_reply")[1]);
  ApReply ap_reply = decode_as<ApReply>(reply);
  ap_reply.hmac.assign(hmac_size, 0);
  CHECK(seal(ap_reply, session_key) == reply);

  const Row recovered = one("sa_recovered");
  CHECK(make_sa_recovered(reply, from_hex(recovered[0])) == from_hex(recovered[1]));
  Bytes first = from_hex(recovered[1]);
  CHECK(expected_tag(first) ==
        (std::uint64_t{first[3]} << 56 | std::uint64_t{first[4]} << 48 | std::uint64_t{first[5]} << 40 |
         std::uint64_t{first[6]} << 32 | std::uint64_t{first[7]} << 24 | std::uint64_t{first[8]} << 16 |
         std::uint64_t{first[9]} << 8 | first[10]));

  const Row rekey = one("rekey");
  Rekey message = decode_as<Rekey>(from_hex(rekey[1]));
  message.hmac.assign(hmac_size, 0);
  CHECK(seal(message, from_hex(rekey[0])) == from_hex(rekey[1]));
  CHECK(has_true_hmac(from_hex(rekey[1]), rekey_hmac_key(from_hex(rekey[0]))));
}

TEST_CASE("No octet of a sealed message can change") {
  const Row request = one("ap_request");
  const auto key = ap_hmac_key(from_hex(request[0]));
  const Bytes sealed = from_hex(request[1]);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes changed = sealed;
    changed[at] ^= 1;
    CHECK_FALSE(has_true_hmac(changed, key));
  }
  CHECK_FALSE(has_true_hmac(sealed, ap_hmac_key(Bytes(32, 1))));
  CHECK_THROWS_AS(has_true_hmac(Bytes(22), key), Error);
}

TEST_CASE("An SA Recovered answers one AP Reply under one subkey") {
  const Bytes reply = from_hex(one("ap_reply")[1]);
  const Bytes subkey(16, 7);
  Bytes other_reply = reply;
  other_reply.back() ^= 1;
  CHECK(make_sa_recovered(reply, subkey) != make_sa_recovered(other_reply, subkey));
  CHECK(make_sa_recovered(reply, subkey) != make_sa_recovered(reply, Bytes(16, 8)));
  CHECK_NOTHROW(decode_as<SaRecovered>(make_sa_recovered(reply, subkey)));
}

TEST_CASE("SA keys are P_SHA1 as Python computes it, and differ by direction") {
  const auto rows = vectors();
  const auto [begin, end] = rows.equal_range("sa_keys");
  int count = 0;
  for (auto row = begin; row != end; ++row, ++count) {
    const Row& fields = row->second;
    const Ciphersuite suite{static_cast<std::uint8_t>(std::stoul(fields[2])),
                            static_cast<std::uint8_t>(std::stoul(fields[3]))};
    const SaKeys keys = derive_sa_keys(from_hex(fields[0]), static_cast<std::uint8_t>(std::stoul(fields[1])), suite);
    CHECK(keys.controller_to_cta.authentication == from_hex(fields[4]));
    CHECK(keys.controller_to_cta.transform == from_hex(fields[5]));
    CHECK(keys.cta_to_controller.authentication == from_hex(fields[6]));
    CHECK(keys.cta_to_controller.transform == from_hex(fields[7]));
    CHECK(keys.controller_to_cta.authentication != keys.cta_to_controller.authentication);
  }
  CHECK(count == 5);
}

TEST_CASE("Ciphersuites: the client's order decides, what is unknown is passed over") {
  CHECK(supported_ciphersuites(doi_ipsec).size() == 6);
  CHECK(supported_ciphersuites(doi_snmp).size() == 4);
  for (const std::uint8_t doi : {doi_ipsec, doi_snmp}) {
    for (const Ciphersuite suite : supported_ciphersuites(doi)) {
      CHECK(is_supported(doi, suite));
      CHECK_FALSE(is_supported(static_cast<std::uint8_t>(3 - doi), suite));
      CHECK_NOTHROW(derive_sa_keys(Bytes(16), doi, suite));
    }
  }
  CHECK(select_ciphersuite(doi_ipsec, {{9, 9}, {1, 0x0b}, {2, 0x0c}}) == Ciphersuite{1, 0x0b});
  CHECK_FALSE(select_ciphersuite(doi_ipsec, {{0x22, 0x21}}));
  CHECK_FALSE(select_ciphersuite(doi_snmp, {}));
  CHECK_THROWS_WITH(derive_sa_keys(Bytes(16), doi_ipsec, {2, 9}), ContainsSubstring("{2, 9} is not one of DOI 1"));
}
