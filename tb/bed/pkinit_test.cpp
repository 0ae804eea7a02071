// SPDX-License-Identifier: Apache-2.0
// Initial authentication by certificates (RFC 4556): our client and KDC with each other and with MIT's, and what each
// refuses. MIT's part needs Debian's krb5-pkinit, and says so where it is not there.
#include <openssl/bn.h>

#include <fstream>
#include <iostream>

#include "bed/certificates.hpp"
#include "bed/kdc_client.hpp"
#include "bed/mit_realm.hpp"
#include "bed/process.hpp"
#include "catch.hpp"
#include "model/hex.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/der.hpp"
#include "reveille/kerberos/kdc.hpp"
#include "reveille/kerberos/openssl.hpp"
#include "system/kdc_server.hpp"

using namespace reveille;
using namespace reveille::kerberos;
using bed::Certificates;
using bed::TemporaryFolder;
using kerberos::test::KdcServer;

namespace {

const std::string realm = "REVEILLE.TEST";
const PrincipalName device = parse_principal("cta1");
const PrincipalName service = parse_principal("mtaprovsrvr/ctl1.reveille.test");
/// By then the certificates have begun.
const Time now = bed::wall_clock() + minute;

/// Made once: keys of RSA take their time.
struct Hierarchy {
  TemporaryFolder folder{"reveille-pkinit"};
  Certificates certificates{folder.path(), realm};
  Hierarchy() {
    certificates.add_kdc("kdc", realm);
    certificates.add_device("cta1", "cta1");
    certificates.add_device("named", "cta1", {.has_principal_name = true});
  }
};
Hierarchy& hierarchy() {
  static Hierarchy made;
  return made;
}

pkinit::Identity identity(const std::string& name) {
  return {hierarchy().certificates.certificate(name), hierarchy().certificates.key(name)};
}
pkinit::Anchors anchors(const std::string& name = "ca") {
  return pkinit::Anchors(hierarchy().certificates.certificate(name));
}
Secret secret(const std::string& name, pkinit::Group group = pkinit::Group::modp_2048,
              const std::string& anchor = "ca") {
  return std::make_shared<const pkinit::Client>(pkinit::Client{identity(name), anchors(anchor), group});
}

/// A KDC, and an exchange with it.
struct Realm {
  SeededRandom random{1, "pkinit"};
  Kdc kdc{realm, random};
  explicit Realm(bool require_freshness = false, const std::optional<std::filesystem::path>& revoked = std::nullopt) {
    kdc.add_random(service, all_etypes());
    kdc.add_random(device, {Etype::aes128_sha1});
    kdc.add_random(parse_principal("cta2"), {Etype::aes128_sha1});
    kdc.accept_certificates(
        {identity("kdc"), pkinit::Anchors(hierarchy().certificates.certificate("ca"), revoked), require_freshness});
  }
  Credential get(const Secret& with, const PrincipalName& client = device,
                 const std::vector<Etype>& etypes = all_etypes(), Time at = now) {
    AsExchange as(client, realm, with, etypes, random);
    for (;;) {
      if (auto credential = as.reply(kdc.handle(as.request(at), at))) return *credential;
    }
  }
  ErrorCode refusal(const Secret& with, const PrincipalName& client = device, Time at = now) {
    try {
      (void)get(with, client, all_etypes(), at);
    } catch (const ProtocolError& error) {
      return error.code();
    }
    return ErrorCode::none;
  }
};

bool has_mit_plugin() {
  if (!bed::has_mit_pkinit()) WARN(bed::no_mit_pkinit);
  return bed::has_mit_pkinit();
}

}  // namespace

TEST_CASE("A device's certificate gets a ticket with every group and etype, and a service ticket with that") {
  Realm there;
  for (const pkinit::Group group : {pkinit::Group::modp_2048, pkinit::Group::modp_4096, pkinit::Group::p256}) {
    for (const Etype etype : all_etypes()) {
      INFO("group " << static_cast<int>(group) << ", " << to_string(etype));
      const Credential granting = there.get(secret("cta1", group), device, {etype});
      CHECK(granting.session_key.etype() == etype);
      TgsExchange tgs(granting, service, all_etypes(), there.random);
      CHECK(tgs.reply(there.kdc.handle(tgs.request(now), now)).ticket.sname == service);
    }
  }
  CHECK(there.get(secret("named")).cname == device);  // by id-pkinit-san
}

TEST_CASE("A KDC that takes certificates takes passwords, too") {
  Realm there;
  there.kdc.add_password(parse_principal("cta9"), Password("a password"), {Etype::aes128_sha1});
  CHECK(there.get(std::string("a password"), parse_principal("cta9")).cname == parse_principal("cta9"));
  CHECK(there.refusal(std::string("another"), parse_principal("cta9")) == ErrorCode::preauth_failed);
}

TEST_CASE("No secret is agreed on with a public key that is none of the group") {
  SeededRandom random{1, "groups"};
  const auto is_refused = [](const pkinit::KeyPair& keys, const Bytes& public_key) {
    try {
      (void)keys.agree(public_key);
    } catch (const ProtocolError& error) {
      return error.code() == ErrorCode::dh_parameters_not_accepted;
    }
    return false;
  };
  const pkinit::KeyPair point(pkinit::Group::p256, random), other(pkinit::Group::p256, random);
  const Bytes good = other.public_key();
  CHECK(point.agree(good) == other.agree(point.public_key()));
  Bytes off_the_curve = good;
  off_the_curve.back() ^= 1;
  CHECK(is_refused(point, off_the_curve));
  CHECK(is_refused(point, {good.begin(), good.end() - 1}));
  CHECK(is_refused(point, {0}));                      // the point at infinity
  Bytes compressed(good.begin(), good.begin() + 33);  // of the same point
  compressed.front() = static_cast<std::uint8_t>(2 + (good.back() & 1));
  CHECK(is_refused(point, compressed));
  CHECK(is_refused(point, {}));

  const pkinit::KeyPair number(pkinit::Group::modp_2048, random);
  const openssl::Owned<BIGNUM, BN_free> prime(BN_get_rfc3526_prime_2048(nullptr));
  const auto integer = [&](int below) {  // the prime less so much, with the octet that keeps it positive
    Bytes octets(257);
    const openssl::Owned<BIGNUM, BN_free> value(BN_dup(prime.get()));
    BN_sub_word(value.get(), static_cast<BN_ULONG>(below));
    BN_bn2binpad(value.get(), octets.data(), static_cast<int>(octets.size()));
    return to_bytes(der::tag_length_value(der::integer_tag, octets));
  };
  for (const Bytes& known : {from_hex("020100"), from_hex("020101"), integer(0), integer(1)}) {
    CHECK(is_refused(number, known));
  }
  CHECK_FALSE(is_refused(number, from_hex("020102")));
  CHECK_FALSE(is_refused(number, integer(2)));
}

TEST_CASE("A client that signs does not ask for ever") {
  Realm there(true);
  AsExchange as(device, realm, secret("cta1"), all_etypes(), there.random);
  const Bytes demand = there.kdc.handle(as.request(now), now);
  unsigned heard = 0;
  try {
    for (; heard < 100; ++heard) (void)as.reply(demand);
  } catch (const ProtocolError& error) {
    CHECK(error.code() == decode_krb_error(demand).code);
  }
  CHECK((heard > 0 && heard < 10));
}

TEST_CASE("A token that has grown old on the way is replaced by the one that the refusal brings") {  // RFC 8070
  Realm there(true);
  AsExchange as(device, realm, secret("cta1"), all_etypes(), there.random);
  CHECK_FALSE(as.reply(there.kdc.handle(as.request(now), now)));
  const Time late = now + default_skew + second;
  const Bytes refusal = there.kdc.handle(as.request(late), late);
  REQUIRE(decode_krb_error(refusal).code == ErrorCode::preauth_expired);
  CHECK_FALSE(as.reply(refusal));
  CHECK(as.reply(there.kdc.handle(as.request(late), late)));
}

TEST_CASE("A KDC refuses each certificate that is not the client's, with RFC 4556's code") {
  const Certificates& made = hierarchy().certificates;
  made.add_device("expired", "cta1", {.expired = true});
  made.add_device("other-purpose", "cta1", {.purpose = "1.3.6.1.5.5.7.3.2"});
  made.add_device("no-purpose", "cta1", {.purpose = ""});
  made.add_authority("stranger");
  made.add_device("strange", "cta1", {.issuer = "stranger"});
  made.add_device("unnamed", "a b");
  made.add_device("weak", "cta1", {.bits = 1024});
  Realm there;
  CHECK(there.refusal(secret("cta1")) == ErrorCode::none);
  CHECK(there.refusal(secret("cta1"), parse_principal("cta2")) == ErrorCode::client_name_mismatch);
  CHECK(there.refusal(secret("named"), parse_principal("cta2")) == ErrorCode::client_name_mismatch);
  CHECK(there.refusal(secret("unnamed")) == ErrorCode::client_name_mismatch);
  CHECK(there.refusal(secret("cta1"), parse_principal("cta3")) == ErrorCode::client_unknown);
  CHECK(there.refusal(secret("expired")) == ErrorCode::invalid_certificate);
  CHECK(there.refusal(secret("other-purpose")) == ErrorCode::inconsistent_key_purpose);
  CHECK(there.refusal(secret("no-purpose")) == ErrorCode::inconsistent_key_purpose);
  CHECK(there.refusal(secret("kdc")) == ErrorCode::inconsistent_key_purpose);
  CHECK(there.refusal(secret("weak")) == ErrorCode::invalid_certificate);
  CHECK(there.refusal(secret("strange")) == ErrorCode::cannot_verify_certificate);
  CHECK(there.refusal(secret("cta1"), device, now + 40 * 24 * hour) == ErrorCode::invalid_certificate);
  made.revoke("cta1");
  Realm with_list(false, hierarchy().folder / "revoked.pem");
  CHECK(with_list.refusal(secret("cta1")) == ErrorCode::revoked_certificate);
  CHECK(with_list.refusal(secret("named")) == ErrorCode::none);
  CHECK(with_list.refusal(secret("named"), device, now + 12 * 24 * hour) == ErrorCode::revocation_status_unknown);
}

TEST_CASE("A client refuses a KDC whose certificate is not the realm's") {
  const Certificates& made = hierarchy().certificates;
  made.add_kdc("other-kdc", "OTHER.TEST");
  for (const char* kdc_name : {"other-kdc", "cta1"}) {
    Realm there;
    there.kdc.accept_certificates({identity(kdc_name), anchors(), false});
    const ErrorCode code = there.refusal(secret("cta1"));
    CHECK((code == ErrorCode::kdc_name_mismatch || code == ErrorCode::inconsistent_key_purpose));
  }
  Realm there;
  made.add_authority("elsewhere");
  CHECK(there.refusal(secret("cta1", pkinit::Group::modp_2048, "elsewhere")) == ErrorCode::cannot_verify_certificate);
}

TEST_CASE("A request is bound to its body, its time and its token, and a reply to its request") {
  Realm there(true);
  CHECK(there.refusal(secret("cta1")) == ErrorCode::none);  // it heard the token
  AsExchange as(device, realm, secret("cta1"), all_etypes(), there.random);
  (void)as.request(now);
  const auto told = as.reply(there.kdc.handle(as.request(now), now));
  CHECK_FALSE(told);
  const Bytes request = as.request(now);
  const auto code_of = [&](const Bytes& octets, Time at) {
    const Bytes reply = there.kdc.handle(octets, at);
    if (application_tag(reply) != 30U) return ErrorCode::none;
    return decode_krb_error(reply).code;
  };
  CHECK(code_of(request, now) == ErrorCode::none);
  CHECK(code_of(request, now + default_skew + second) == ErrorCode::clock_skew);
  // A request of now with a token of then.
  for (const Time late : {default_skew, default_skew + second}) {
    CHECK(code_of(as.request(now + late), now + late) ==
          (late > default_skew ? ErrorCode::preauth_expired : ErrorCode::none));
  }
  KdcRequest changed = decode_kdc_request(request);
  changed.body.nonce ^= 1;
  CHECK(code_of(encode(changed), now) == ErrorCode::modified);

  // Without a token, or with another KDC's: RFC 8070's code, and a token with it.
  const auto client = std::get<std::shared_ptr<const pkinit::Client>>(secret("cta1"));
  const pkinit::KeyPair keys(pkinit::Group::modp_2048, there.random);
  changed = decode_kdc_request(request);
  for (const std::optional<Bytes>& token : {std::optional<Bytes>(), std::optional(Bytes(20, 1))}) {
    changed.padata = {{.type = pa_type::pk_as_req,
                       .value = pkinit::make_request(*client, keys, encode(changed.body), 7, now, token)}};
    CHECK(code_of(encode(changed), now) == ErrorCode::preauth_expired);
  }
  // Nothing makes the KDC throw, and what is changed of the signed message is refused: but for the few octets that CMS
  // has beside what it signs, a list of digests and a version.
  const PaData good = decode_kdc_request(request).padata.front();
  changed = decode_kdc_request(request);
  std::size_t tried = 0, taken = 0;
  for (std::size_t at = 0; at < good.value.size(); at += 7) {
    changed.padata = {good};
    changed.padata.front().value[at] ^= 0x11;
    ++tried;
    if (code_of(encode(changed), now) == ErrorCode::none) ++taken;
  }
  CHECK(taken * 50 < tried);
  for (std::size_t size = 0; size < good.value.size(); size += 97) {
    changed.padata = {{.type = pa_type::pk_as_req,
                       .value = Bytes(good.value.begin(), good.value.begin() + static_cast<std::ptrdiff_t>(size))}};
    CHECK(code_of(encode(changed), now) != ErrorCode::none);
  }
  // A reply to another request.
  AsExchange other(device, realm, secret("cta1"), all_etypes(), there.random);
  (void)other.reply(there.kdc.handle(other.request(now), now));
  (void)other.request(now);
  CHECK_THROWS_AS(other.reply(there.kdc.handle(request, now)), Error);
}

TEST_CASE("MIT's kinit proves a device to our KDC by its certificate") {
  if (!has_mit_plugin()) return;
  for (const bool require_freshness : {false, true}) {
    Realm there(require_freshness);
    const KdcServer server(there.kdc);
    const TemporaryFolder folder{"reveille-pkinit"};
    const Certificates& made = hierarchy().certificates;
    const auto kinit = [&](const std::string& name, const std::string& etypes, const std::string& bits) {
      std::ofstream(folder / "krb5.conf")
          << "[libdefaults]\n default_realm = " << realm
          << "\n dns_lookup_kdc = false\n default_tkt_enctypes = " << etypes << "\n permitted_enctypes = " << etypes
          << "\n[realms]\n " << realm << " = {\n  kdc = 127.0.0.1:" << server.port()
          << "\n  pkinit_anchors = FILE:" << made.certificate("ca").string()
          << "\n  pkinit_pool = FILE:" << made.certificate("sub").string() << "\n  pkinit_dh_min_bits = " << bits
          << "\n }\n";
      return bed::run_process(
          {bed::find_program("kinit", "krb5-user").string(), "-X",
           "X509_user_identity=FILE:" + made.certificate(name).string() + "," + made.key(name).string(), "cta1"},
          {},
          {"KRB5_CONFIG=" + (folder / "krb5.conf").string(), "LC_ALL=C",
           "KRB5CCNAME=FILE:" + (folder / "cc").string()});
    };
    for (const char* etypes : {"aes256-cts", "aes128-cts", "aes256-sha2", "aes128-sha2"}) {
      for (const char* bits : {"2048", "4096"}) {
        INFO(etypes << ", " << bits);
        const auto result = kinit("cta1", etypes, bits);
        INFO(result.output);
        CHECK(result.status == 0);
      }
    }
    const auto refused = kinit("kdc", "aes256-cts", "2048");
    INFO(refused.output);
    CHECK(refused.status != 0);
  }
}

TEST_CASE("Our client proves a device to MIT's KDC by its certificate") {
  if (!has_mit_plugin()) return;
  const Certificates& made = hierarchy().certificates;
  const bed::MitRealm mit(
      {{.name = "cta1"}}, realm,
      "  pkinit_identity = FILE:" + made.certificate("kdc").string() + "," + made.key("kdc").string() +
          "\n  pkinit_anchors = FILE:" + made.certificate("ca").string() + "\n  pkinit_pool = FILE:" +
          made.certificate("sub").string() + "\n  pkinit_eku_checking = kpClientAuth\n  pkinit_indicator = pkinit\n");
  SystemRandom random;
  const bed::KdcClient kdc("127.0.0.1", mit.port(), bed::Transport::tcp);
  for (const pkinit::Group group : {pkinit::Group::modp_2048, pkinit::Group::modp_4096}) {
    for (const Etype etype : all_etypes()) {
      INFO("group " << static_cast<int>(group) << ", " << to_string(etype));
      const Credential credential = kdc.get_initial(device, realm, secret("named", group), {etype}, random);
      CHECK(credential.cname == device);
    }
  }
  // MIT 1.20 maps by id-pkinit-san; a common name is no name to it.
  CHECK_THROWS_AS(kdc.get_initial(device, realm, secret("cta1"), all_etypes(), random), ProtocolError);
}
