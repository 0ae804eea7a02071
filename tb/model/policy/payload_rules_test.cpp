// SPDX-License-Identifier: Apache-2.0
// The rules on what lies inside a judged datagram: docs/protocol.md, verdicts 6 to 8, L13, L17, L18.
#include "catch.hpp"
#include "model/policy/frames.hpp"

using namespace reveille;
using namespace reveille::policy;
using namespace reveille::policy::test;

namespace {

/// Header, then the octets given, then the nonce.
Bytes request_of(Bytes der) {
  Bytes message = {2, 1, 0x10};
  append(message, der);
  append_big_endian(message, nonce, 4);
  return message;
}

Verdict of(const Bytes& payload, const ServerConfig& config = both_families()) {
  const Verdict v4 = alone(to_server4(payload), config);
  CHECK(alone(to_server6(payload), config) == v4);
  return v4;
}

Bytes with_length(Bytes head, std::size_t content) {
  head.resize(head.size() + content, 0x11);
  return head;
}

}  // namespace

TEST_CASE("A payload below 3 octets is malformed, whatever it says") {
  CHECK(of({}) == Verdict::malformed);
  CHECK(of({9}) == Verdict::malformed);
  CHECK(of({2, 9}) == Verdict::malformed);
  CHECK(of({9, 9, 9}) == Verdict::unsupported);
}

TEST_CASE("KMMID, DOI, version come before direction, direction before the rest") {
  CHECK(of({0, 1, 0x10}) == Verdict::unsupported);
  CHECK(of({7, 1, 0x10}) == Verdict::unsupported);
  CHECK(of({255, 1, 0x10}) == Verdict::unsupported);
  for (const std::uint8_t kmmid : {1, 3, 5, 6}) {
    CHECK(of({kmmid, 1, 0x10}) == Verdict::wrong_direction);
    CHECK(of({kmmid, 3, 0x10}) == Verdict::unsupported);
    CHECK(of({kmmid, 1, 0x11}) == Verdict::unsupported);
  }
  CHECK(of({2, 1, 0x10}) == Verdict::malformed);
  CHECK(of({4, 1, 0x10}) == Verdict::malformed);
  CHECK(of({4, 0, 0x10}) == Verdict::unsupported);
}

TEST_CASE("L13: DOIs and versions count only when enabled") {
  ServerConfig config = both_families();
  Bytes request = ap_request(nonce);
  config.doi_ipsec = false;
  CHECK(of(request, config) == Verdict::unsupported);
  request[1] = 2;
  CHECK(of(request, config) == Verdict::not_woken);
  config.doi_ipsec = true;
  config.doi_snmp = false;
  CHECK(of(request, config) == Verdict::unsupported);
  config.versions = {0x10, 0x20, 0xff, 0x00};
  for (int version = 0; version < 256; ++version) {
    request[1] = 1;
    request[2] = static_cast<std::uint8_t>(version);
    const bool enabled = version == 0x10 || version == 0x20 || version == 0xff || version == 0;
    CHECK(of(request, config) == (enabled ? Verdict::not_woken : Verdict::unsupported));
  }
}

TEST_CASE("L18: the DER length is minimal and definite") {
  CHECK(of(request_of({0x6e, 0x00})) == Verdict::not_woken);
  CHECK(of(request_of(with_length({0x6e, 0x7f}, 0x7f))) == Verdict::not_woken);
  CHECK(of(request_of(with_length({0x6e, 0x81, 0x80}, 0x80))) == Verdict::not_woken);
  CHECK(of(request_of(with_length({0x6e, 0x81, 0xff}, 0xff))) == Verdict::not_woken);
  CHECK(of(request_of(with_length({0x6e, 0x82, 0x01, 0x00}, 0x100))) == Verdict::not_woken);
  CHECK(of(request_of(with_length({0x6e, 0x82, 0x05, 0x00}, 0x500))) == Verdict::not_woken);

  CHECK(of(request_of(with_length({0x6e, 0x81, 0x7f}, 0x7f))) == Verdict::malformed);        // short form would do
  CHECK(of(request_of(with_length({0x6e, 0x82, 0x00, 0xff}, 0xff))) == Verdict::malformed);  // 0x81 would do
  CHECK(of(request_of(with_length({0x6e, 0x83, 0x00, 0x01, 0x00}, 0x100))) == Verdict::malformed);
  CHECK(of(request_of(with_length({0x6e, 0x84, 0, 0, 1, 0}, 0x100))) == Verdict::malformed);
  CHECK(of(request_of(with_length({0x6e, 0x80}, 20))) == Verdict::malformed);  // indefinite
  CHECK(of(request_of(with_length({0x6e, 0xff}, 300))) == Verdict::malformed);
  for (const std::uint8_t other_tag : {0x00, 0x4e, 0x6d, 0x6f, 0x7e, 0x30}) {
    CHECK(of(request_of(with_length({other_tag, 0x10}, 0x10))) == Verdict::malformed);
  }
}

TEST_CASE("The returned nonce lies whole inside the UDP payload") {
  for (const std::size_t content : {0, 5, 0x7f, 0x80, 0xff, 0x100, 0x200}) {
    const Bytes whole = ap_request(nonce, content, 0);
    CHECK(of(whole) == Verdict::not_woken);
    for (std::size_t less = 1; less < whole.size() - 2; ++less) {
      CHECK(of(Bytes(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(less))) == Verdict::malformed);
    }
  }
  CHECK(of(with_length({2, 1, 0x10, 0x6e, 0x82, 0xff, 0xff}, 400)) == Verdict::malformed);
}

TEST_CASE("L17: the payload ends with the UDP length") {
  net::UdpFrame frame = to_server4(ap_request(nonce, 40, 0));
  frame.trailer = Bytes(frame.payload.end() - 2, frame.payload.end());
  frame.payload.resize(frame.payload.size() - 2);
  CHECK(alone(frame) == Verdict::malformed);
  // Nor does the rest of the IP payload count.
  frame.ip_length = static_cast<std::uint16_t>(28 + frame.payload.size() + 2);
  CHECK(alone(frame) == Verdict::malformed);

  net::UdpFrame recovered = to_server4(sa_recovered(tag));
  recovered.trailer = {1, 2, 3};
  CHECK(alone(recovered) == Verdict::not_woken);
  for (const std::size_t size : {3, 22, 24, 100}) {
    recovered.payload.resize(size);
    CHECK(alone(recovered) == Verdict::malformed);
  }
}

TEST_CASE("What a frame shows is read from the right octets, wherever they fall") {
  for (std::size_t content = 0; content < 300; ++content) {
    const FrameFacts facts = parse_frame(net::build(to_server6(ap_request(0x89abcdef, content))), both_families());
    REQUIRE(facts.kind == FrameFacts::Kind::ap_request);
    CHECK(facts.returned_nonce == 0x89abcdef);
    CHECK(facts.nonce_read);
    CHECK(facts.source == client6);
  }
  const FrameFacts facts = parse_frame(net::build(to_server4(sa_recovered(0xfedcba9876543210))), both_families());
  REQUIRE(facts.kind == FrameFacts::Kind::sa_recovered);
  CHECK(facts.tag == 0xfedcba9876543210);
  CHECK_FALSE(facts.nonce_read);
  CHECK(facts.source == client4);
}

TEST_CASE("bypass names no source, every other verdict does") {
  net::UdpFrame frame = to_server4({});
  CHECK(parse_frame(net::build(frame), both_families()).source == client4);
  frame.destination_port = 1;
  CHECK(parse_frame(net::build(frame), both_families()).source == net::Address{});
}
