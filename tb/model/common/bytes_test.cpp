// SPDX-License-Identifier: Apache-2.0
#include "reveille/common/bytes.hpp"

#include "catch.hpp"

using reveille::ByteReader;
using reveille::Bytes;

TEST_CASE("fields are read big-endian, front to back") {
  const Bytes octets = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10};
  ByteReader reader(octets);
  CHECK(reader.u8("a") == 0x01);
  CHECK(reader.u16("b") == 0x0203);
  CHECK(reader.u32("c") == 0x04050607);
  CHECK(reader.u64("d") == 0x08090a0b0c0d0e0f);
  CHECK(reader.remaining() == 1);
  CHECK(reader.rest().front() == 0x10);
  CHECK(reader.empty());
}

TEST_CASE("a read past the end throws, names the field and consumes nothing") {
  const Bytes octets = {1, 2, 3};
  ByteReader reader(octets);
  try {
    reader.u32("lifetime");
    FAIL("no exception");
  } catch (const reveille::Error& error) {
    CHECK(error.kind() == reveille::ErrorKind::malformed);
    CHECK(std::string(error.what()) == "lifetime: needs 4 octets, 3 left");
  }
  CHECK(reader.remaining() == 3);
}

TEST_CASE("appending is the inverse of reading") {
  Bytes octets;
  reveille::append_big_endian(octets, 0x0203, 2);
  reveille::append_big_endian(octets, 0x04, 1);
  reveille::append(octets, Bytes{5, 6});
  CHECK(octets == Bytes{2, 3, 4, 5, 6});
}
