// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/keytab.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "catch.hpp"
#include "model/kerberos/support.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

KeytabEntry entry(std::uint32_t kvno, Etype etype, std::uint8_t fill) {
  return {.realm = "R",
          .principal = parse_principal("a/b"),
          .kvno = kvno,
          .key = Key(etype, Bytes(key_size(etype), fill)),
          .timestamp = 1'700'000'000 * second};
}

}  // namespace

TEST_CASE("a keytab, written out by hand from MIT's description") {
  Keytab keytab;
  keytab.add(entry(3, Etype::aes128_sha1, 0xAA));
  const Bytes expected = from_hex(
      "0502"
      "0000002c"
      "0002"
      "000152"
      "000161"
      "000162"
      "00000002"
      "6553f100"
      "03"
      "0011"
      "0010"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "00000003");
  CHECK(keytab.encode() == expected);
  const Keytab read = Keytab::decode(expected);
  REQUIRE(read.entries().size() == 1);
  CHECK(read.entries()[0].principal == parse_principal("a/b"));
  CHECK(read.entries()[0].principal.type == PrincipalName::service_instance);
  CHECK(read.entries()[0].realm == "R");
  CHECK(read.entries()[0].kvno == 3);
  CHECK(read.entries()[0].timestamp == 1'700'000'000 * second);
  CHECK(read.entries()[0].key == Key(Etype::aes128_sha1, Bytes(16, 0xAA)));
}

TEST_CASE("look-up takes the newest key of the etype") {
  Keytab keytab;
  keytab.add(entry(2, Etype::aes128_sha1, 2));
  keytab.add(entry(300, Etype::aes128_sha1, 3));
  keytab.add(entry(1, Etype::aes256_sha1, 1));
  keytab = Keytab::decode(keytab.encode());
  const PrincipalName name = parse_principal("a/b");
  CHECK(keytab.find("R", name, 17)->kvno == 300);
  CHECK(keytab.find("R", name, 17, 2)->kvno == 2);
  CHECK(keytab.find("R", name, 18)->kvno == 1);
  CHECK(keytab.find("R", name, 17, 4) == nullptr);
  CHECK(keytab.find("S", name, 17) == nullptr);
  CHECK(keytab.find("R", parse_principal("a"), 17) == nullptr);
  CHECK(keytab.holds("R", name));
  CHECK_FALSE(keytab.holds("R", parse_principal("b")));
}

TEST_CASE("holes and foreign etypes are skipped, broken files refused") {
  Keytab keytab;
  keytab.add(entry(1, Etype::aes128_sha1, 1));
  const auto one = keytab.encode();
  Bytes with_hole = from_hex(
      "0502"
      "fffffffc"
      "00000000");
  append(with_hole, ByteView(one).subspan(2));
  CHECK(Keytab::decode(with_hole).entries().size() == 1);
  auto des = one;
  des[27] = 3;  // the etype's low octet
  CHECK(Keytab::decode(des).entries().empty());
  CHECK(error_of([] { (void)Keytab::decode(from_hex("0501")); }) == ErrorKind::malformed);
  for (std::size_t size = 6; size < one.size(); ++size) {
    CHECK(error_of([&] { (void)Keytab::decode(ByteView(one).first(size)); }) == ErrorKind::malformed);
  }
  CHECK(error_of([] { (void)Keytab::load("/nowhere/at/all"); }) == ErrorKind::bad_input);
  CHECK(error_of([&] { keytab.save("/nowhere/at/all"); }) == ErrorKind::bad_input);
}

TEST_CASE("files of MIT's and others' making: holes, padding, an end by a zero length, keys of a wrong length") {
  for (const Row& row : vectors("keytab.vec", "keytab")) {
    INFO(row.at(0));
    const Bytes file = from_hex(row.at(2));
    if (row.at(1) == "!") {
      CHECK(error_of([&] { (void)Keytab::decode(file); }) == ErrorKind::malformed);
      continue;
    }
    std::string versions;
    const Keytab read = Keytab::decode(file);
    for (const KeytabEntry& one : read.entries()) {
      versions += (versions.empty() ? "" : ",") + std::to_string(one.kvno);
    }
    CHECK((versions.empty() ? "-" : versions) == row.at(1));
  }
}

TEST_CASE("a keytab is its owner's alone, whatever the umask, and replaces another in whole") {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "reveille-keytab-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  Keytab keytab;
  keytab.add(entry(1, Etype::aes128_sha1, 1));
  const mode_t before = ::umask(0);
  keytab.save(folder / "k");
  ::umask(before);
  struct stat status = {};
  REQUIRE(::stat((folder / "k").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  keytab.add(entry(2, Etype::aes128_sha1, 2));
  keytab.save(folder / "k");
  CHECK(Keytab::load(folder / "k").entries().size() == 2);
  // A folder stands in the way: the error leaves nothing behind.
  std::filesystem::create_directory(folder / "taken");
  CHECK(error_of([&] { keytab.save(folder / "taken"); }) == ErrorKind::bad_input);
  CHECK(std::distance(std::filesystem::directory_iterator(folder), {}) == 2);
  std::filesystem::remove_all(folder);
}
