// SPDX-License-Identifier: Apache-2.0
#include "reveille/net/address.hpp"

#include <set>
#include <unordered_set>

#include "catch.hpp"

using namespace reveille;
using net::Address;

TEST_CASE("IPv4 is keyed as ::ffff:a.b.c.d") {
  const Address address = Address::parse("192.0.2.1");
  CHECK(address == Address::parse("::ffff:192.0.2.1"));
  CHECK(address.is_ipv4());
  CHECK(net::format(address) == "192.0.2.1");
  CHECK(net::format_ipv6(address) == "::ffff:192.0.2.1");
  CHECK(Address::from_octets(Bytes{192, 0, 2, 1}) == address);
  CHECK(Bytes(address.header_octets().begin(), address.header_octets().end()) == Bytes{192, 0, 2, 1});
  CHECK_FALSE(Address::parse("::192.0.2.1").is_ipv4());
}

TEST_CASE("IPv6 comes out as RFC 5952 has it") {
  CHECK(net::format(Address::parse("2001:0DB8:0:0:0:0:0:1")) == "2001:db8::1");
  CHECK(net::format(Address::parse("2001:db8:0:1:1:1:1:1")) == "2001:db8:0:1:1:1:1:1");
  CHECK(net::format(Address::parse("::")) == "::");
  CHECK(Address::parse("2001:db8::1").header_octets().size() == 16);
}

TEST_CASE("What is no address is refused by its text") {
  for (const char* text :
       {"", "192.0.2", "192.0.2.256", "192.0.2.01.1", "1:2:3", "2001:db8::1::", "localhost", " 192.0.2.1", "::1%lo"}) {
    INFO(text);
    CHECK_THROWS_WITH(Address::parse(text),
                      ContainsSubstring("\"" + std::string(text) + "\" is not an IPv4 or IPv6 address"));
  }
  CHECK_THROWS_AS(Address::parse(std::string_view("192.0.2.1\0", 10)), Error);
  CHECK_THROWS_AS(Address::from_octets(Bytes(5)), Error);
}

TEST_CASE("Addresses order and hash by all their octets") {
  std::set<Address> ordered;
  std::unordered_set<Address> hashed;
  std::set<std::size_t> hashes;
  for (int i = 0; i < 16; ++i) {
    Address address;
    address.octets[static_cast<std::size_t>(i)] = 1;
    ordered.insert(address);
    hashed.insert(address);
    hashes.insert(std::hash<Address>()(address));
  }
  CHECK(ordered.size() == 16);
  CHECK(hashed.size() == 16);
  CHECK(hashes.size() == 16);
  // FNV-1a: 14695981039346656037 is the offset basis, 2^40 + 0x1b3 the prime, both of 64 bits.
  std::uint64_t of_zeros = 14695981039346656037ULL;
  for (int i = 0; i < 16; ++i) of_zeros *= (std::uint64_t{1} << 40) + 0x1b3;
  CHECK(std::hash<Address>()(Address{}) == of_zeros);
  CHECK(Address::parse("10.0.0.1") < Address::parse("10.0.1.0"));
}
