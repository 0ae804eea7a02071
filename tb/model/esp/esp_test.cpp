// SPDX-License-Identifier: Apache-2.0
#include "reveille/esp/esp.hpp"

#include "catch.hpp"
#include "reveille/kerberos/openssl.hpp"

using namespace reveille;
using namespace reveille::esp;
using keymgmt::Ciphersuite;

namespace {

constexpr std::uint32_t spi = 0x1BADCAFE;

keymgmt::DirectionKeys keys_of(Ciphersuite suite, std::uint8_t secret = 1) {
  return keymgmt::derive_sa_keys(Bytes(16, secret), keymgmt::doi_ipsec, suite).cta_to_controller;
}

Bytes text_of(std::size_t size) {
  Bytes text(size);
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<std::uint8_t>(i);
  return text;
}

Refusal refusal(std::variant<Opened, Refusal> result) { return std::get<Refusal>(result); }

}  // namespace

TEST_CASE("Every ciphersuite, every length: what is sealed is opened") {
  kerberos::SeededRandom random(1);
  for (const Ciphersuite suite : keymgmt::supported_ciphersuites(keymgmt::doi_ipsec)) {
    INFO("authentication " << int(suite.authentication) << ", transform " << int(suite.transform));
    Sender sender(spi, suite, keys_of(suite));
    Receiver receiver(spi, suite, keys_of(suite));
    for (std::size_t size = 0; size < 100; ++size) {
      const Bytes packet = sender.seal(text_of(size), next_header_udp, random);
      CHECK(packet.size() % 4 == 0);  // RFC 4303 section 2.4: the ICV is aligned
      CHECK(spi_of(packet) == spi);
      const auto opened = receiver.open(packet);
      REQUIRE(std::holds_alternative<Opened>(opened));
      CHECK(std::get<Opened>(opened).payload == text_of(size));
      CHECK(std::get<Opened>(opened).next_header == next_header_udp);
      CHECK(std::get<Opened>(opened).sequence == size + 1);
    }
  }
}

TEST_CASE("No packet is opened that is changed, cut, of another key, or of another association") {
  kerberos::SeededRandom random(1);
  for (const Ciphersuite suite : keymgmt::supported_ciphersuites(keymgmt::doi_ipsec)) {
    Sender sender(spi, suite, keys_of(suite));
    const Bytes packet = sender.seal(text_of(30), next_header_udp, random);
    Receiver receiver(spi, suite, keys_of(suite));
    for (std::size_t at = 0; at < packet.size(); ++at) {
      Bytes changed = packet;
      changed[at] ^= 0x80;
      CHECK(refusal(receiver.open(changed)) == (at < 4 ? Refusal::other_association : Refusal::not_authentic));
    }
    for (std::size_t size = 0; size < packet.size(); ++size) {
      CHECK(std::holds_alternative<Refusal>(receiver.open(ByteView(packet).first(size))));
    }
    CHECK(refusal(Receiver(spi, suite, keys_of(suite, 2)).open(packet)) == Refusal::not_authentic);
    CHECK(std::holds_alternative<Opened>(receiver.open(packet)));  // nothing of that moved the window
    CHECK(refusal(receiver.open(packet)) == Refusal::replayed);
  }
}

TEST_CASE("The window takes each sequence number once, and none that is too old") {
  ReplayWindow window;
  CHECK_FALSE(window.is_new(0));
  for (const std::uint32_t sequence : {1U, 3U, 2U, 100U, 37U, 99U}) {
    INFO(sequence);
    CHECK(window.is_new(sequence));
    window.mark(sequence);
    CHECK_FALSE(window.is_new(sequence));
  }
  CHECK_FALSE(window.is_new(36));  // 64 behind 100
  CHECK_FALSE(window.is_new(4));
  CHECK(window.is_new(38));
  window.mark(163);
  CHECK(window.is_new(101));
  CHECK_FALSE(window.is_new(100));
  window.mark(0xFFFFFFFF);
  CHECK_FALSE(window.is_new(163));
  CHECK(window.is_new(0xFFFFFFFF - 63));
  CHECK_FALSE(window.is_new(0xFFFFFFFF - 64));
}

TEST_CASE("An authentic packet with odd padding is refused") {
  const Ciphersuite suite{keymgmt::authentication::ipsec_hmac_sha1_96, keymgmt::transform::ipsec_null};
  Receiver receiver(spi, suite, keys_of(suite));
  std::uint8_t sequence = 0;
  for (const Bytes& plain : {Bytes{9, 2, 1, 1, 2, 17}, Bytes{1, 2, 3, 9, 9, 17}, Bytes{1, 1, 255, 17}}) {
    Bytes packet = {0x1B, 0xAD, 0xCA, 0xFE, 0, 0, 0, ++sequence};
    append(packet, plain);
    while (packet.size() % 4 != 0) packet.insert(packet.begin() + 8, 0);
    Bytes icv = kerberos::openssl::hmac("SHA1", keys_of(suite).authentication, packet);
    icv.resize(icv_size);
    append(packet, icv);
    CHECK(refusal(receiver.open(packet)) == Refusal::malformed);
  }
}

TEST_CASE("Keys of other lengths, and ciphersuites of another DOI, are refused") {
  const Ciphersuite suite;
  CHECK_THROWS_AS(Sender(spi, suite, {}), Error);
  CHECK_THROWS_AS(
      Receiver(spi, {keymgmt::authentication::snmp_hmac_sha1, keymgmt::transform::snmp_des}, keys_of(suite)), Error);
}
