// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/hash.hpp"

#include "catch.hpp"
#include "model/kerberos/support.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

TEST_CASE("SHA-1 and HMAC-SHA1") {
  for (const Row& row : vectors("sha1.vec", "sha1")) CHECK(sha1(from_hex(row[0])) == from_hex(row[1]));
  for (const Row& row : vectors("sha1.vec", "hmac")) {
    CHECK(hmac_sha1(from_hex(row[0]), from_hex(row[1])) == from_hex(row[2]));
  }
  CHECK(hmac_sha1({}, {}) == from_hex("fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"));
}

TEST_CASE("P_SHA1 is the iterated HMAC of RFC 2246 section 5") {
  const Bytes secret = octets_of("secret of a session"), seed = octets_of("label and seed");
  // Written out from the RFC: A(0) = seed, A(i) = HMAC(A(i-1)), output HMAC(A(i) | seed).
  Bytes expected, a = seed;
  while (expected.size() < 100) {
    a = hmac_sha1(secret, a);
    Bytes input = a;
    append(input, seed);
    append(expected, hmac_sha1(secret, input));
  }
  for (const std::size_t length : {1U, 19U, 20U, 21U, 64U, 100U}) {
    CHECK(p_sha1(secret, seed, length) == Bytes(expected.begin(), expected.begin() + static_cast<long>(length)));
  }
  CHECK(p_sha1(secret, seed, 0).empty());
  CHECK_THROWS_AS(p_sha1({}, seed, 20), Error);
}

TEST_CASE("comparison in constant time is a comparison") {
  CHECK(equal_constant_time(Bytes{1, 2}, Bytes{1, 2}));
  CHECK_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 3}));
  CHECK_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 2, 3}));
  CHECK(equal_constant_time({}, {}));
}
