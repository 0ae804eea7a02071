// SPDX-License-Identifier: Apache-2.0
// Keys are wiped: no block of memory that the program gives back holds one. The test's own operator delete looks.
#include "reveille/kerberos/secret.hpp"

#include <malloc.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <set>

#include "catch.hpp"
#include "model/kerberos/realm.hpp"

namespace {

const std::uint8_t* wanted = nullptr;  ///< 16 octets, not on the heap; null: nothing is looked for
unsigned found = 0;

void look_into(const void* memory) {
  if (wanted == nullptr || memory == nullptr) return;
  if (::memmem(memory, ::malloc_usable_size(const_cast<void*>(memory)), wanted, 16) != nullptr) ++found;
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept { return std::malloc(size); }
void operator delete(void* memory) noexcept {
  look_into(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept { operator delete(memory); }

using namespace reveille;
using namespace reveille::kerberos;
using namespace reveille::kerberos::test;

namespace {

/// How many blocks held these octets when they were given back.
template <typename Action>
unsigned blocks_with(const std::array<std::uint8_t, 16>& octets, Action&& action) {
  found = 0;
  wanted = octets.data();
  action();
  wanted = nullptr;
  return found;
}

constexpr std::array<std::uint8_t, 16> marker = {0x4B, 0x65, 0x79, 0x21, 0x01, 0x9A, 0x5C, 0xE3,
                                                 0x77, 0x10, 0xF2, 0x3D, 0x8E, 0x66, 0xB0, 0x0F};

}  // namespace

TEST_CASE("the test sees a key that is not wiped") {
  CHECK(blocks_with(marker, [] { const Bytes careless(marker.begin(), marker.end()); }) == 1);
  CHECK(blocks_with(marker, [] { const SecretBytes careful(marker.begin(), marker.end()); }) == 0);
}

TEST_CASE("no key stays in memory: made, copied, in a keytab, and in the messages that carry it") {
  SeededRandom random(1);
  for (const Etype etype : {Etype::aes128_sha1, Etype::aes128_sha256}) {
    const Key other = Key::random(etype, random);
    CHECK(blocks_with(marker, [&] {
            const Key key(etype, marker);
            const Key copy = key;
            (void)copy.decrypt(KeyUsage::ticket, copy.encrypt(KeyUsage::ticket, marker, random));
            Keytab keytab;
            keytab.add({.realm = "R", .principal = parse_principal("a"), .key = copy});
            keytab = Keytab::decode(keytab.encode());
            const EncTicketPart ticket{.key = key, .crealm = "R", .cname = parse_principal("a")};
            CHECK(decode_enc_ticket_part(encode(ticket)).key == key);
            const EncKdcReplyPart part{.key = key, .srealm = "R", .sname = parse_principal("b")};
            const Bytes sealed = other.encrypt(KeyUsage::as_rep, encode(part, KdcMessage::as_rep), random);
            CHECK(decode_enc_kdc_reply_part(other.decrypt(KeyUsage::as_rep, sealed)).key == key);
            CHECK(decode_enc_ap_reply_part(encode(EncApReplyPart{.subkey = key})).subkey == key);
            const Authenticator authenticator{.crealm = "R", .cname = parse_principal("a"), .subkey = key};
            CHECK(decode_authenticator(encode(authenticator)).subkey == key);
          }) == 0);
    // What is derived from it, too.
    std::array<std::uint8_t, 16> derived = {};
    {
      const Key key(etype, marker);
      std::ranges::copy(key.derived(KeyUsage::ticket, Key::Purpose::encryption), derived.begin());
    }
    CHECK(blocks_with(derived, [&] {
            const Key key(etype, marker);
            (void)key.encrypt(KeyUsage::ticket, marker, random);
          }) == 0);
  }
}

TEST_CASE("no password stays in memory: taken, held, copied, and made a key of") {
  SeededRandom random(1);
  std::vector<Secret> held;
  CHECK(blocks_with(marker, [&] {
          const Secret secret = std::string(marker.begin(), marker.end());
          Kdc kdc("R", random);
          kdc.add_password(cta, std::string(marker.begin(), marker.end()), {Etype::aes128_sha1, Etype::aes128_sha256});
          AsExchange exchange(cta, "R", secret, {Etype::aes128_sha1}, random);
          const KrbError demand{.code = ErrorCode::preauth_required, .realm = "R", .sname = cta};
          CHECK_FALSE(exchange.reply(encode(demand)));
          CHECK_FALSE(exchange.request(start).empty());
          for (int i = 0; i < 10; ++i) held.push_back(secret);  // it grows into other memory
          held.clear();
          held.shrink_to_fit();
        }) == 0);
}

TEST_CASE("the string that a password is made from is empty and wiped, a short one too") {
  for (const std::size_t size : {8U, 16U, 200U}) {
    std::string text(size, 'p');
    const char* const memory = text.data();
    const Password password(std::move(text));
    CHECK(password.text() == std::string(size, 'p'));
    CHECK(text.empty());
    CHECK(std::all_of(memory, memory + size, [](char c) { return c == 0; }));
  }
}

TEST_CASE("no session key stays in memory after AS, TGS and AP exchange") {
  std::array<std::uint8_t, 16> session_key = {};
  const auto exchange = [&](bool look) {
    Realm realm(Etype::aes128_sha1);
    const Secret secret = realm.kdc.keytab(cta).entries().front().key;
    const Credential granting = realm.initial(secret);
    TgsExchange tgs(granting, controller, realm.etypes, realm.client_random);
    const Credential credential = tgs.reply(realm.kdc.handle(tgs.request(start), start));
    Service service = realm.service();
    const SentApRequest sent = make_ap_request(credential, start, {}, realm.client_random);
    const AcceptedApRequest accepted = service.accept(sent.octets, start);
    const Bytes reply = Service::reply(accepted, credential.session_key, {}, realm.kdc_random);
    CHECK(verify_ap_reply(reply, sent).subkey == credential.session_key);
    if (!look) std::ranges::copy(credential.session_key.octets(), session_key.begin());
  };
  exchange(false);  // the same seed gives the same key again
  CHECK(blocks_with(session_key, [&] { exchange(true); }) == 0);
}

TEST_CASE("SystemRandom draws ahead, gives each octet once, and leaves none behind") {
  std::array<std::uint8_t, 16> first = {};
  std::set<Bytes> drawn;
  const auto draw = [&] {
    SystemRandom random;
    random.fill(first);
    for (unsigned i = 0; i < 1000; ++i) drawn.insert(random.bytes(20));
    drawn.insert(random.bytes(5000));
  };
  CHECK(blocks_with(first, draw) == 0);
  CHECK(drawn.size() == 1001);
}
