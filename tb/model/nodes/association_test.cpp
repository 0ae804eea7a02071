// SPDX-License-Identifier: Apache-2.0
// What one end of an association makes of what was agreed on, alone.
#include "reveille/nodes/association.hpp"

#include "catch.hpp"

using namespace reveille;
using namespace reveille::nodes;

namespace {

kerberos::SeededRandom random_source{1, "association"};

Association made(keymgmt::ApplicationData ours, keymgmt::ApplicationData theirs) {
  return make_association({.doi = keymgmt::doi_ipsec,
                           .suite = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec).front(),
                           .lifetime_s = 60,
                           .grace_period_s = 10,
                           .ours = std::move(ours),
                           .theirs = std::move(theirs)},
                          kerberos::Key::random(kerberos::Etype::aes128_sha1, random_source), Role::cta, 0);
}

}  // namespace

TEST_CASE("An association carries packets where both sides gave it an SPI, and not otherwise") {
  const keymgmt::ApplicationData ipsec = keymgmt::IpsecData{0x1234}, snmp = keymgmt::SnmpData{};
  const Association both = made(keymgmt::IpsecData{0x1000}, keymgmt::IpsecData{0x2000});
  REQUIRE(both.sender);
  REQUIRE(both.receiver);
  CHECK(both.sender->spi() == 0x2000);
  CHECK(both.receiver->spi() == 0x1000);
  CHECK_FALSE(made(ipsec, snmp).sender);
  CHECK_FALSE(made(snmp, ipsec).sender);
  CHECK_FALSE(made(snmp, snmp).receiver);
}

TEST_CASE("What a side gives of its own: an SPI that is not reserved, or an engine that RFC 3411 allows") {
  for (int i = 0; i < 100; ++i) {
    const auto ipsec = std::get<keymgmt::IpsecData>(new_application_data(keymgmt::doi_ipsec, random_source));
    CHECK(ipsec.spi > 255);
  }
  const auto snmp = std::get<keymgmt::SnmpData>(new_application_data(keymgmt::doi_snmp, random_source));
  REQUIRE(snmp.engine_id.size() == 12);
  // RFC 3411, section 5: the first bit, and the enterprise, 32473 of RFC 5612; 5: octets of the administrator's.
  CHECK(ByteReader(snmp.engine_id).u32("enterprise") == (0x8000'0000U | 32473U));
  CHECK(snmp.engine_id[4] == 5);
}
