// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/der.hpp"

#include "catch.hpp"
#include "model/kerberos/support.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

constexpr std::int64_t low = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t high = std::numeric_limits<std::int64_t>::max();

std::int64_t read_integer(const std::string& hex) {
  const Bytes octets = from_hex(hex);
  der::Reader in(octets);
  const std::int64_t value = in.integer(low, high, "x");
  in.finish("x");
  return value;
}

bool refused(const std::string& hex, auto&& read) {
  const Bytes octets = from_hex(hex);
  return error_of([&] {
           der::Reader in(octets);
           read(in);
           in.finish("x");
         }) == ErrorKind::malformed;
}
bool integer_refused(const std::string& hex) {
  return refused(hex, [](der::Reader& in) { (void)in.integer(low, high, "x"); });
}
bool flags_refused(const std::string& hex) {
  return refused(hex, [](der::Reader& in) { (void)in.flags("x"); });
}
bool octets_refused(const std::string& hex) {
  return refused(hex, [](der::Reader& in) { (void)in.octet_string("x"); });
}
bool time_refused(const std::string& text) {
  Bytes octets = {der::generalized_time_tag, static_cast<std::uint8_t>(text.size())};
  append(octets, octets_of(text));
  return error_of([&] { (void)der::Reader(octets).generalized_time("x"); }) == ErrorKind::malformed;
}

}  // namespace

TEST_CASE("integers are minimal") {
  // ITU-T X.690 section 8.3: two's complement, the first nine bits not all alike.
  const std::vector<std::pair<std::int64_t, std::string>> pairs = {{0, "020100"},
                                                                   {1, "020101"},
                                                                   {127, "02017f"},
                                                                   {128, "02020080"},
                                                                   {256, "02020100"},
                                                                   {-1, "0201ff"},
                                                                   {-128, "020180"},
                                                                   {-129, "0202ff7f"},
                                                                   {65535, "020300ffff"},
                                                                   {0x7FFFFFFF, "02047fffffff"},
                                                                   {0xFFFFFFFF, "020500ffffffff"},
                                                                   {-0x80000000LL, "020480000000"},
                                                                   {low, "02088000000000000000"},
                                                                   {high, "02087fffffffffffffff"}};
  for (const auto& [value, hex] : pairs) {
    CHECK(der::integer(value) == from_hex(hex));
    CHECK(read_integer(hex) == value);
  }
  for (const char* hex : {"0200", "02020001", "0202ff80", "0203000001", "02017f00", "030100", "0202", "02"}) {
    CHECK(integer_refused(hex));
  }
  CHECK(refused("020105", [](der::Reader& in) { (void)in.integer(6, 7, "x"); }));
  CHECK(refused("020108", [](der::Reader& in) { (void)in.integer(6, 7, "x"); }));
}

TEST_CASE("lengths are definite and minimal") {
  for (const std::size_t size : {0U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
    const auto encoded = der::octet_string(Bytes(size, 7));
    der::Reader in(encoded);
    CHECK(in.octet_string("x") == Bytes(size, 7));
    CHECK(in.empty());
  }
  CHECK(der::octet_string(Bytes(128)).size() == 128 + 3);
  CHECK(der::octet_string(Bytes(127)).size() == 127 + 2);
  CHECK(octets_refused("0480"));                          // indefinite
  CHECK(octets_refused("0480" + std::string(256, '0')));  // which is not 128 octets
  CHECK(octets_refused("048101aa"));                      // long form of a short length
  CHECK(octets_refused("04820001aa"));
  CHECK(octets_refused("048200ff" + std::string(510, '0')));  // 0x81 would do
  CHECK(octets_refused("0485000000000101"));                  // more than four octets
  CHECK(octets_refused("0402aa"));                            // overruns
  CHECK(octets_refused("04"));
  CHECK(octets_refused("-"));
  CHECK(octets_refused("0401aabb"));  // octets behind
  const auto indefinite = from_hex("0480");
  der::Reader in(indefinite);
  CHECK_THROWS_WITH(in.octet_string("x"), "x: indefinite length");
}

TEST_CASE("flags are sent as 32 bits, and read in any number") {
  CHECK(der::flags(0x2000'0000U) == from_hex("03050020000000"));  // mutual-required, section 5.2.8
  const auto read = [](const std::string& hex) {
    const Bytes octets = from_hex(hex);
    return der::Reader(octets).flags("x");
  };
  CHECK(read("03050020000000") == 0x2000'0000U);
  CHECK(read("0306002000000080") == 0x2000'0000U);  // 40 bits: more are allowed
  CHECK(read("0306042000000080") == 0x2000'0000U);  // 36
  for (const char* hex : {"03050820000000", "0306042000000081", "03020121", "030101", "0300"}) {
    CHECK(flags_refused(hex));
  }
}

TEST_CASE("KerberosTime") {
  CHECK(der::generalized_time(0) == from_hex("180f31393730303130313030303030305a"));
  CHECK(to_kerberos_time(1'700'000'000 * second + 999'999) == "20231114221320Z");
  CHECK(from_kerberos_time("20231114221320Z") == 1'700'000'000 * second);
  CHECK(from_kerberos_time("20240229235959Z") == 1'709'251'199 * second);
  CHECK(from_kerberos_time("19691231235959Z") == -second);
  for (const char* text : {"20241020203050Z", "20240229235959Z", "99991231101010Z"}) {
    CHECK(to_kerberos_time(from_kerberos_time(text)) == text);
  }
  CHECK(to_kerberos_time(-1) == "19691231235959Z");
  for (const char* text :
       {"20231114221320.5Z", "20231114221320", "20230229000000Z", "20231301000000Z", "20231114240000Z",
        "20231114226000Z", "20231114220060Z", "2023111422132zZ", "20231114221320+", ""}) {
    CHECK(time_refused(text));
  }
  CHECK(microseconds_of(1'700'000'000 * second + 7) == 7);
}

TEST_CASE("KerberosString is ASCII") {
  CHECK(der::general_string("cta1") == from_hex("1b0463746131"));
  CHECK(error_of([] { (void)der::general_string("caf\xC3\xA9"); }) == ErrorKind::bad_input);
  CHECK(refused("1b01e9", [](der::Reader& in) { (void)in.general_string("x"); }));
}
