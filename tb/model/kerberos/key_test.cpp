// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/key.hpp"

#include <set>

#include "catch.hpp"
#include "model/kerberos/support.hpp"
#include "reveille/kerberos/der.hpp"
#include "reveille/kerberos/des3.hpp"
#include "reveille/kerberos/etype.hpp"
#include "reveille/kerberos/operation_counter.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

Etype etype_of(const std::string& number) { return to_etype(std::stoi(number)).value(); }

Bytes s2kparams(std::uint32_t count) {
  Bytes out;
  append_big_endian(out, count, 4);
  return out;
}

}  // namespace

TEST_CASE("n-fold inside DK is RFC 3961's") {
  // DK's first block is E(key, n-fold(constant)): decrypting it shows what OpenSSL folded.
  for (const Row& row : vectors("rfc3961.vec", "nfold")) {
    const Bytes key(16, 0x42);
    const auto block = derive(profile_of(Etype::aes128_sha1), key, from_hex(row[0]), block_size);
    CHECK(encipher(profile_of(Etype::aes128_sha1), key, block, Direction::decrypt) == from_hex(row[1]));
  }
}

TEST_CASE("string-to-key") {
  for (const Row& row : vectors("rfc3962.vec", "string_to_key")) {
    const Password password = to_text(from_hex(row[1]));
    const std::string salt = to_text(from_hex(row[2]));
    const Bytes count = s2kparams(static_cast<std::uint32_t>(std::stoul(row[0])));
    CHECK(Key::from_password(Etype::aes128_sha1, password, salt, count) == Key(Etype::aes128_sha1, from_hex(row[3])));
    CHECK(Key::from_password(Etype::aes256_sha1, password, salt, count) == Key(Etype::aes256_sha1, from_hex(row[4])));
  }
  for (const Row& row : vectors("rfc8009.vec", "string_to_key")) {
    const Bytes count = s2kparams(static_cast<std::uint32_t>(std::stoul(row[1])));
    const Key expected(etype_of(row[0]), from_hex(row[4]));
    const Password password = to_text(from_hex(row[2]));
    const std::string salt = to_text(from_hex(row[3]));
    CHECK(Key::from_password(expected.etype(), password, salt, count) == expected);
    CHECK(Key::from_password(expected.etype(), password, salt) == expected);  // 32768 is the default
  }
  CHECK(Key::from_password(Etype::aes128_sha1, "p", "s") ==
        Key::from_password(Etype::aes128_sha1, "p", "s", s2kparams(4096)));
}

TEST_CASE("string-to-key refuses counts that stall a client") {
  const auto count = [](std::uint32_t value) {
    return [value] { (void)Key::from_password(Etype::aes128_sha1, "p", "s", s2kparams(value)); };
  };
  CHECK(error_of(count(0)) == ErrorKind::crypto);  // 2^32
  CHECK_THROWS_WITH(count(0)(), ContainsSubstring("count 2^32 above"));
  CHECK(error_of(count(Key::iteration_limit + 1)) == ErrorKind::crypto);
  CHECK_NOTHROW(count(50'000)());
  CHECK(error_of([] { (void)Key::from_password(Etype::aes128_sha1, "p", "s", Bytes(3)); }) == ErrorKind::crypto);
}

TEST_CASE("ciphertext stealing") {
  const EtypeProfile& profile = profile_of(Etype::aes128_sha1);
  for (const Row& row : vectors("rfc3962.vec", "cts")) {
    const Bytes key = from_hex(row[0]), plain = from_hex(row[1]), cipher = from_hex(row[2]);
    CHECK(encipher(profile, key, plain, Direction::encrypt) == cipher);
    CHECK(encipher(profile, key, cipher, Direction::decrypt) == plain);
  }
  CHECK_THROWS_AS(encipher(profile, Bytes(16), Bytes(15), Direction::encrypt), Error);
}

TEST_CASE("derived keys") {
  for (const char* file : {"mit_derive.vec", "rfc8009.vec"}) {
    for (const Row& row : vectors(file, "derive")) {
      const Key key(etype_of(row[0]), from_hex(row[1]));
      CHECK(copy(key.derived(KeyUsage::ticket, Key::Purpose::checksum)) == from_hex(row[2]));
      CHECK(copy(key.derived(KeyUsage::ticket, Key::Purpose::encryption)) == from_hex(row[3]));
      CHECK(copy(key.derived(KeyUsage::ticket, Key::Purpose::integrity)) == from_hex(row[4]));
    }
  }
}

TEST_CASE("encryption and checksum of RFC 8009") {
  for (const Row& row : vectors("rfc8009.vec", "encrypt")) {
    const Key key(etype_of(row[0]), from_hex(row[1]));
    GivenRandom confounder(from_hex(row[2]));
    CHECK(key.encrypt(KeyUsage::ticket, from_hex(row[3]), confounder) == from_hex(row[4]));
    CHECK(key.decrypt(KeyUsage::ticket, from_hex(row[4])) == from_hex(row[3]));
  }
  for (const Row& row : vectors("rfc8009.vec", "checksum")) {
    const Key key(etype_of(row[0]), from_hex(row[1]));
    CHECK(key.checksum(KeyUsage::ticket, from_hex(row[2])) == from_hex(row[3]));
  }
}

TEST_CASE("the pseudo-random functions") {
  for (const char* file : {"rfc8009.vec", "mit_fx.vec"}) {
    for (const Row& row : vectors(file, "prf")) {
      INFO(file << " etype " << row[0] << " input " << row[2]);
      CHECK(Key(etype_of(row[0]), from_hex(row[1])).prf(from_hex(row[2])) == from_hex(row[3]));
    }
  }
}

TEST_CASE("KRB-FX-CF2, also of keys of two etypes") {
  for (const Row& row : vectors("rfc6113.vec", "fx_cf2")) {
    const Etype etype = etype_of(row[0]);
    const Key first = Key::from_password(etype, std::string(row[1]), row[1]);
    const Key second = Key::from_password(etype, std::string(row[3]), row[3]);
    CHECK(fx_cf2(first, second, row[2], row[4]) == Key(etype, from_hex(row[5])));
  }
  for (const Row& row : vectors("mit_fx.vec", "fx_cf2")) {
    const Key first(etype_of(row[0]), from_hex(row[1])), second(etype_of(row[3]), from_hex(row[4]));
    INFO(to_string(first.etype()) << " and " << to_string(second.etype()));
    CHECK(fx_cf2(first, second, row[2], row[5]) == Key(first.etype(), from_hex(row[6])));
  }
}

TEST_CASE("PRF+ takes as many blocks as a key is long, and none more") {  // RFC 6113 section 5.1
  SeededRandom random(4);
  const Key key = Key::random(Etype::aes128_sha1, random);  // a block of the PRF is as long as its key
  OperationCounter spent;
  const OperationScope scope(spent);
  (void)fx_cf2(key, key, "one", "two");
  CHECK(spent.derivations == 2);
}

TEST_CASE("etype 16: n-fold, keys, string-to-key, encryption and checksum") {
  for (const Row& row : vectors("rfc3961.vec", "fold")) {
    const Bytes folded = from_hex(row[1]);
    CHECK(des3::n_fold(from_hex(row[0]), folded.size()) == folded);
  }
  for (const Row& row : vectors("rfc3961.vec", "derive_des3")) {
    CHECK(derive(profile_of(Etype::des3_sha1), from_hex(row[0]), from_hex(row[1]), 24) == from_hex(row[2]));
  }
  for (const Row& row : vectors("rfc3961.vec", "string_to_key_des3")) {
    const Password password = to_text(from_hex(row[0]));
    CHECK(Key::from_password(Etype::des3_sha1, password, to_text(from_hex(row[1]))) ==
          Key(Etype::des3_sha1, from_hex(row[2])));
  }
  for (const Row& row : vectors("mit_des3.vec", "decrypt")) {
    const Key key(Etype::des3_sha1, from_hex(row[1]));
    const auto plain = key.decrypt(static_cast<KeyUsage>(std::stoul(row[0])), from_hex(row[2]));
    CHECK(to_text(plain).starts_with(to_text(from_hex(row[3]))));
  }
  for (const Row& row : vectors("mit_des3.vec", "checksum")) {
    const Key key(Etype::des3_sha1, from_hex(row[1]));
    CHECK(key.checksum(static_cast<KeyUsage>(std::stoul(row[0])), from_hex(row[2])) == from_hex(row[3]));
  }
  CHECK(error_of([] { (void)Key::from_password(Etype::des3_sha1, "p", "s", s2kparams(4096)); }) == ErrorKind::crypto);
}

TEST_CASE("etype 16: parity, and no weak key of DES comes of any seed") {
  // 56 zeros would be DES's weak key 01 01 01 01 01 01 01 01, and 56 ones FE FE FE FE FE FE FE FE.
  Bytes seed(21);
  std::fill(seed.begin() + 7, seed.begin() + 14, 0xFF);
  seed[20] = 2;
  CHECK(des3::random_to_key(seed) == from_hex("01010101010101f1fefefefefefefe0e0101010101010201"));
  // One octet beside that weak key is none.
  seed = Bytes(21);
  seed[2] = 0xFE;
  CHECK(copy(ByteView(des3::random_to_key(seed)).first(8)) == from_hex("0101fe0101010101"));
  CHECK(error_of([] { (void)Key::from_random(Etype::des3_sha1, Bytes(24)); }) == ErrorKind::crypto);
}

TEST_CASE("etype 16: what begins with an indefinite length is not DER, and stays as it is") {
  SecretBytes plain(132, 0x5A);
  plain[0] = 0x30;
  plain[1] = 0x80;
  des3::cut_padding(plain);
  CHECK(plain.size() == 132);
}

TEST_CASE("etype 16: what is DER comes back without its padding, whatever its length") {
  SeededRandom random(3);
  const Key key = Key::random(Etype::des3_sha1, random);
  for (std::size_t size = 0; size < 300; ++size) {
    const Bytes plain = to_bytes(der::octet_string(random.bytes(size)));
    const Bytes token = key.encrypt(KeyUsage::ap_rep, plain, random);
    CHECK(token.size() % 8 == 4);
    CHECK(key.decrypt(KeyUsage::ap_rep, token) == plain);
    CHECK(error_of([&] { (void)key.decrypt(KeyUsage::ticket, token); }) == ErrorKind::crypto);
  }
  // An octet more than padding can be is none.
  Bytes longer = to_bytes(der::octet_string(Bytes(5)));
  longer.resize(longer.size() + 8);
  CHECK(key.decrypt(KeyUsage::ap_rep, key.encrypt(KeyUsage::ap_rep, longer, random)).size() == 16);
  Bytes token = key.encrypt(KeyUsage::ap_rep, longer, random);
  for (std::size_t at = 0; at < token.size(); ++at) {
    Bytes bent = token;
    bent[at] ^= 0x10;
    CHECK(error_of([&] { (void)key.decrypt(KeyUsage::ap_rep, bent); }) == ErrorKind::crypto);
  }
  token.erase(token.begin());
  CHECK(error_of([&] { (void)key.decrypt(KeyUsage::ap_rep, token); }) == ErrorKind::crypto);
}

TEST_CASE("every etype opens what it closed, and nothing else") {
  SeededRandom random(1);
  for (const Etype etype : all_etypes()) {
    const Key key = Key::random(etype, random);
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 32U, 300U}) {
      const Bytes plain = random.bytes(size);
      const Bytes token = key.encrypt(KeyUsage::ap_rep, plain, random);
      CHECK(token.size() == size + token_overhead(etype));
      CHECK(key.decrypt(KeyUsage::ap_rep, token) == plain);
      CHECK(error_of([&] { (void)key.decrypt(KeyUsage::ticket, token); }) == ErrorKind::crypto);
      for (std::size_t at = 0; at < token.size(); ++at) {
        Bytes bent = token;
        bent[at] ^= 0x10;
        CHECK(error_of([&] { (void)key.decrypt(KeyUsage::ap_rep, bent); }) == ErrorKind::crypto);
      }
    }
    CHECK(error_of([&] { (void)key.decrypt(KeyUsage::ap_rep, Bytes(token_overhead(etype) - 1)); }) ==
          ErrorKind::crypto);
    CHECK(key.checksum(KeyUsage::ap_req_checksum, Bytes(5)).size() == token_overhead(etype) - 16);
    CHECK(error_of([&] { Key(etype, Bytes(key_size(etype) + 1)); }) == ErrorKind::crypto);
  }
}

TEST_CASE("token sizes of the four etypes") {
  CHECK(token_overhead(Etype::aes128_sha1) == 28);
  CHECK(token_overhead(Etype::aes256_sha1) == 28);
  CHECK(token_overhead(Etype::aes128_sha256) == 32);
  CHECK(token_overhead(Etype::aes256_sha384) == 40);
}

TEST_CASE("operations are counted where a scope is") {
  SeededRandom random(2);
  const Key key = Key::random(Etype::aes128_sha1, random);
  OperationCounter outer, inner;
  const OperationScope scope(outer);
  const Bytes token = key.encrypt(KeyUsage::ticket, Bytes(3), random);
  CHECK(outer.encryptions == 1);
  CHECK(outer.hmacs == 1);
  CHECK(outer.derivations == 2);
  {
    const OperationScope nested(inner);
    (void)key.decrypt(KeyUsage::ticket, token);
  }
  CHECK(inner.decryptions == 1);
  CHECK(inner.derivations == 0);  // kept
  CHECK(inner.total() == 2);
  CHECK(outer.total() == 4);
}

TEST_CASE("seeded random numbers repeat, and labels part them") {
  SeededRandom a(7, "kdc"), b(7, "kdc"), c(7, "cta"), d(8, "kdc");
  const Bytes first = a.bytes(100);
  Bytes pieces = b.bytes(1);
  append(pieces, b.bytes(99));
  CHECK(first == pieces);
  CHECK(first != c.bytes(100));
  CHECK(first != d.bytes(100));
  std::set<std::uint32_t> nonces;
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t nonce = a.nonce();
    CHECK(nonce < 0x8000'0000U);
    nonces.insert(nonce);
  }
  CHECK(nonces.size() == 1000);
}
