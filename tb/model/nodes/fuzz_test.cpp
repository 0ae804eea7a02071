// SPDX-License-Identifier: Apache-2.0
// No octets from outside let an exception out of KDC, controller or CTA. Messages are changed where they are open, and
// sealed again under the right keys, so that the changes come behind every HMAC; some are changed as they are sent.
//
//   REVEILLE_FUZZ_MESSAGES=500000 build/sanitize-model/tb/test_model_nodes "[fuzz]"    so many into each node
//   REVEILLE_FUZZ_SEED=7                                                                with another seed
#include <cstdlib>
#include <random>

#include "catch.hpp"
#include "model/nodes/support.hpp"
#include "reveille/kerberos/hash.hpp"

using namespace reveille;
using namespace reveille::nodes;
using namespace reveille::nodes::test;
using kerberos::Key;
using kerberos::KeyUsage;

namespace {

constexpr Time second = kerberos::second;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Mutator {
 public:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  /// Changed in one to four places.
  Bytes operator()(ByteView original) {
    Bytes octets(original.begin(), original.end());
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(octets);
    return octets;
  }

 private:
  void change(Bytes& octets) {
    static constexpr std::array<std::uint8_t, 8> odd = {0x00, 0x01, 0x30, 0x7F, 0x80, 0x84, 0xFE, 0xFF};
    if (octets.empty()) return octets.push_back(static_cast<std::uint8_t>(random_()));
    const auto at = octets.begin() + static_cast<std::ptrdiff_t>(below(octets.size()));
    const auto count =
        static_cast<std::ptrdiff_t>(std::min<std::size_t>(1 + below(16), static_cast<std::size_t>(octets.end() - at)));
    switch (below(7)) {
      case 0: *at ^= static_cast<std::uint8_t>(1U << below(8)); break;
      case 1: *at = odd[below(odd.size())]; break;
      case 2: *at = static_cast<std::uint8_t>(*at + (below(2) == 0 ? 1 : -1)); break;
      case 3: octets.insert(at, odd[below(odd.size())]); break;
      case 4: octets.erase(at, at + count); break;
      case 5: {
        const Bytes copy(at, at + count);
        octets.insert(octets.begin() + static_cast<std::ptrdiff_t>(below(octets.size() + 1)), copy.begin(), copy.end());
        break;
      }
      default: octets.resize(static_cast<std::size_t>(at - octets.begin()));
    }
  }

  std::mt19937_64 random_{from_environment("REVEILLE_FUZZ_SEED", 1)};
};

std::string hex(ByteView octets) {
  std::string text;
  char two[3];
  for (const std::uint8_t octet : octets) text.append((std::snprintf(two, sizeof two, "%02x", octet), two));
  return text;
}

/// Hands `make()`'s messages to `node`, and fails with the first whose handling throws.
void fuzz(const char* name, auto&& make, auto&& node) {
  const std::uint64_t messages = from_environment("REVEILLE_FUZZ_MESSAGES", 10'000);
  for (std::uint64_t i = 0; i < messages; ++i) {
    const Bytes message = make(i);
    try {
      node(message);
    } catch (const std::exception& error) {
      FAIL(name << ", message " << i << ": " << error.what() << "\n" << hex(message));
    }
  }
  WARN(name << ": " << messages << " messages, no exception");
}

/// The keys of everybody, and octets of one true exchange, open.
struct Material {
  TestRealm test_realm;
  kerberos::SeededRandom random{5, "fuzz"};
  Mutator mutate;
  CtaConfig cta = test_realm.cta_config();
  Key client_key = std::get<Key>(cta.secret);
  Key service_key = test_realm.kdc.keytab(service_name).find(realm, service_name, 17)->key;
  const kerberos::PrincipalName granting_name = kerberos::ticket_granting_service(realm);
  Key granting_key = test_realm.kdc.keytab(granting_name).entries().front().key;

  kerberos::EncryptedData seal(const Key& key, KeyUsage usage, ByteView plain, std::optional<std::uint32_t> kvno = {}) {
    return {.etype = static_cast<std::int32_t>(key.etype()), .kvno = kvno, .cipher = key.encrypt(usage, plain, random)};
  }
  /// One of `parts` changed, or none.
  Bytes changed_if(bool yes, ByteView plain) { return yes ? mutate(plain) : Bytes(plain.begin(), plain.end()); }
};

Bytes with_hmac(Bytes message, const Key& session_key) {
  if (message.size() < keymgmt::hmac_size) return message;
  message.resize(message.size() - keymgmt::hmac_size);
  append(message, kerberos::hmac_sha1(keymgmt::ap_hmac_key(session_key.octets()), message));
  return message;
}

kerberos::Ticket ticket_of(Material& m, bool changed, const kerberos::PrincipalName& service, const Key& service_key,
                           const Key& session_key) {
  const kerberos::EncTicketPart part{.key = session_key,
                                     .crealm = realm,
                                     .cname = cta_name,
                                     .authtime = epoch,
                                     .starttime = epoch,
                                     .endtime = epoch + kerberos::hour,
                                     .caddr = {kerberos_address(m.cta.address)},
                                     .authorization_data = {{.type = 1, .data = Bytes(4)}}};
  const Bytes plain = m.changed_if(changed, kerberos::encode(part));
  return {realm, service, m.seal(service_key, KeyUsage::ticket, plain, 1)};
}

}  // namespace

TEST_CASE("KDC", "[fuzz]") {
  Material m;
  const Key session_key = Key::random(kerberos::Etype::aes128_sha1, m.random);
  const auto as_req = [&](std::size_t where) {
    const auto stamp = m.seal(m.client_key, KeyUsage::pa_enc_timestamp,
                              m.changed_if(where == 0, kerberos::encode_pa_timestamp(epoch)));
    return kerberos::encode(
        kerberos::KdcRequest{.padata = {{.type = 2, .value = m.changed_if(where == 1, kerberos::encode(stamp))}},
                             .body = {.cname = cta_name,
                                      .realm = realm,
                                      .sname = m.granting_name,
                                      .till = epoch + kerberos::hour,
                                      .etypes = {17, 18},
                                      .addresses = {kerberos_address(m.cta.address)}}});
  };
  const auto tgs_req = [&](std::size_t where) {
    kerberos::KdcRequestBody body{
        .realm = realm, .sname = service_name, .till = epoch + kerberos::hour, .etypes = {17, 18}};
    const auto data = kerberos::encode(std::vector<kerberos::AuthorizationElement>{{.type = 1, .data = Bytes(4)}});
    body.enc_authorization_data =
        m.seal(session_key, KeyUsage::tgs_req_authorization_session_key, m.changed_if(where == 0, data));
    if (where == 1) {
      body.options = kerberos::kdc_option::enc_tkt_in_skey;
      body.sname = cta_name;
      body.additional_tickets = {ticket_of(m, true, m.granting_name, m.granting_key, session_key)};
    }
    kerberos::KdcRequest request{.type = kerberos::KdcMessage::tgs_req, .body = body};
    const kerberos::Checksum checksum{
        .type = kerberos::checksum_type(session_key.etype()),
        .octets = session_key.checksum(KeyUsage::tgs_req_checksum, kerberos::encode(body))};
    const auto authenticator = kerberos::encode(
        kerberos::Authenticator{.crealm = realm, .cname = cta_name, .checksum = checksum, .ctime = epoch});
    const kerberos::ApRequest header{
        .ticket = ticket_of(m, where == 2, m.granting_name, m.granting_key, session_key),
        .authenticator = m.seal(session_key, KeyUsage::tgs_req_authenticator, m.changed_if(where == 3, authenticator))};
    request.padata = {{.type = 1, .value = m.changed_if(where == 4, kerberos::encode(header))}};
    return kerberos::encode(request);
  };
  fuzz(
      "KDC",
      [&](std::uint64_t i) -> Bytes {
        if (i % 16 == 15) return m.mutate(m.mutate.below(2) == 0 ? as_req(9) : tgs_req(9));
        return i % 2 == 0 ? as_req(m.mutate.below(2)) : tgs_req(m.mutate.below(5));
      },
      [&](const Bytes& message) { (void)m.test_realm.kdc.handle(message, epoch, kerberos_address(m.cta.address)); });
  CHECK_FALSE(m.test_realm.kdc.handle(as_req(9), epoch).empty());  // it still answers
}

TEST_CASE("controller", "[fuzz]") {
  Material m;
  struct Host final : HostPort {
    void command(const Command&, Done done) override {
      if (done) done(ResultCode::ok);
    }
    void send(const net::Address&, ByteView) override { ++sent; }
    std::uint64_t sent = 0;
  };
  Host host;
  Controller controller({}, kerberos::Service(realm, service_name, m.test_realm.kdc.keytab(service_name)), host,
                        m.random);
  const Key session_key = Key::random(kerberos::Etype::aes128_sha1, m.random);
  Time client_nonce = epoch;
  const auto ap_request = [&](std::size_t where) {
    const auto authenticator =
        kerberos::encode(kerberos::Authenticator{.crealm = realm, .cname = cta_name, .ctime = ++client_nonce});
    const kerberos::ApRequest inner{
        .options = kerberos::ap_option::mutual_required,
        .ticket = ticket_of(m, where == 0, service_name, m.service_key, session_key),
        .authenticator = m.seal(session_key, KeyUsage::ap_req_authenticator, m.changed_if(where == 1, authenticator))};
    keymgmt::ApRequest request;
    request.ap_req = kerberos::encode(inner);
    request.server_nonce = 7;
    request.application = keymgmt::IpsecData{1};
    request.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
    return with_hmac(m.changed_if(where == 2, keymgmt::seal(std::move(request), session_key.octets())), session_key);
  };
  net::UdpFrame frame;
  frame.source = m.cta.address;
  frame.destination = m.cta.server.address;
  const std::array verdicts = {Verdict::accepted, Verdict::accepted,     Verdict::accepted,
                               Verdict::resend,   Verdict::sa_recovered, Verdict::bypass};
  fuzz(
      "controller",
      [&](std::uint64_t i) {
        frame.payload = ap_request(m.mutate.below(3));
        return i % 16 == 15 ? m.mutate(net::build(frame)) : net::build(frame);
      },
      [&](const Bytes& message) {
        if (m.mutate.below(4) != 0) controller.wake(m.cta.address, cta_name, keymgmt::doi_ipsec, epoch);
        controller.receive(message, verdicts[m.mutate.below(verdicts.size())], epoch);
        controller.expire(epoch);
      });
  controller.wake(m.cta.address, cta_name, keymgmt::doi_ipsec, epoch);
  frame.payload = ap_request(9);
  controller.receive(net::build(frame), Verdict::accepted, epoch);
  controller.expire(epoch);
  CHECK(controller.sessions().at(m.cta.address).stage == Controller::Stage::replied);  // it still answers
}

TEST_CASE("CTA", "[fuzz]") {
  Material m;
  CtaConfig config = m.cta;
  config.tries = 1;
  const Key session_key = Key::random(kerberos::Etype::aes128_sha1, m.random);
  Time now = epoch;
  Bytes sent;
  std::uint32_t nonce = 0;
  std::optional<Cta> cta;
  const Send send = [&](Datagram datagram) { sent = std::move(datagram.payload); };
  const auto receive = [&](const Endpoint& from, const Bytes& payload) {
    cta->receive({from, {config.address, key_management_port}, payload}, now, send);
  };
  /// An answer of the KDC to what the CTA sent last.
  const auto kdc_reply = [&](std::size_t where, const Key& reply_key, KeyUsage usage) {
    const kerberos::KdcRequest request = kerberos::decode_kdc_request(sent);
    const bool as = request.type == kerberos::KdcMessage::as_req;
    const auto type = as ? kerberos::KdcMessage::as_rep : kerberos::KdcMessage::tgs_rep;
    const kerberos::EncKdcReplyPart part{.key = session_key,
                                         .last_requests = {{.type = 0, .value = now}},
                                         .nonce = request.body.nonce,
                                         .authtime = now,
                                         .endtime = now + kerberos::hour,
                                         .srealm = realm,
                                         .sname = *request.body.sname};
    const kerberos::KdcReply reply{
        .type = type,
        .crealm = realm,
        .cname = cta_name,
        .ticket = {realm, *request.body.sname, {.etype = 17, .kvno = 1, .cipher = Bytes(100)}},
        .enc_part = m.seal(reply_key, usage, m.changed_if(where == 0, kerberos::encode(part, type)))};
    return m.changed_if(where == 1, kerberos::encode(reply));
  };
  const auto krb_error = [&] {
    const std::vector<kerberos::EtypeInfo2Entry> info = {{.etype = 17, .salt = "x", .s2kparams = {0, 0, 16, 0}}};
    const Bytes entries = m.changed_if(m.mutate.below(2) == 0, kerberos::encode(info));
    const std::vector<kerberos::PaData> padata = {{.type = 19, .value = entries}, {.type = 133, .value = Bytes(4)}};
    const std::array codes = {25, 24, 32, 37, 60};
    const kerberos::KrbError error{.stime = now,
                                   .code = static_cast<kerberos::ErrorCode>(codes[m.mutate.below(codes.size())]),
                                   .realm = realm,
                                   .sname = service_name,
                                   .text = "refused",
                                   .data = m.changed_if(m.mutate.below(2) == 0, kerberos::encode(padata))};
    return m.changed_if(m.mutate.below(2) == 0, kerberos::encode(error));
  };
  const auto ap_reply = [&](std::size_t where) {
    const auto request = kerberos::decode_ap_request(keymgmt::decode_as<keymgmt::ApRequest>(sent).ap_req);
    const auto opened = kerberos::decode_authenticator(
        session_key.decrypt(KeyUsage::ap_req_authenticator, request.authenticator.cipher));
    const auto part = kerberos::encode(kerberos::EncApReplyPart{.ctime = opened.ctime, .subkey = session_key});
    keymgmt::ApReply reply;
    reply.ap_rep = kerberos::encode(
        kerberos::ApReply{.enc_part = m.seal(session_key, KeyUsage::ap_rep, m.changed_if(where == 0, part))});
    reply.application = keymgmt::IpsecData{1};
    reply.ciphersuites = {{}};
    if (where == 1) {
      reply.ciphersuites = {
          {static_cast<std::uint8_t>(m.mutate.below(256)), static_cast<std::uint8_t>(m.mutate.below(256))}};
    }
    return with_hmac(m.changed_if(where == 2, keymgmt::seal(std::move(reply), session_key.octets())), session_key);
  };
  const auto wake_up = [&](std::uint32_t value) {
    return keymgmt::encode(
        keymgmt::WakeUp{keymgmt::doi_ipsec, keymgmt::version_1_0, value, kerberos::to_string(service_name)});
  };
  /// The CTA brought to where a message of that kind is read; then the message.
  bool to_kdc = false;
  bool astray = false;  ///< a changed message was taken that says the same otherwise: begin anew
  const auto make = [&](std::uint64_t i) -> Bytes {
    if (i % 8 == 0 || astray) {
      astray = false;
      now += 100 * second;
      config.credential.reset();
      const bool has_ticket = m.mutate.below(2) == 0;
      if (has_ticket) {
        config.credential = kerberos::Credential{.crealm = realm,
                                                 .cname = cta_name,
                                                 .ticket = {realm, service_name, {.etype = 17, .cipher = Bytes(50)}},
                                                 .session_key = session_key,
                                                 .endtime = now + kerberos::hour};
      }
      cta.emplace(config, m.random);
      receive(config.server, wake_up(++nonce));
      if (!has_ticket && m.mutate.below(2) == 0) receive(config.kdc, kdc_reply(9, m.client_key, KeyUsage::as_rep));
    }
    to_kdc = cta->state() == Cta::State::asking_kdc;
    switch (m.mutate.below(4)) {
      case 0:
        return to_kdc ? krb_error() : keymgmt::encode(keymgmt::ErrorReply{1, 0x10, [&] {
                                                                            Bytes error = krb_error();
                                                                            if (error.empty() || error[0] != 0x7E)
                                                                              error.insert(error.begin(), 0x7E);
                                                                            return error;
                                                                          }()});
      case 1: to_kdc = false; return m.mutate(wake_up(nonce));
      default: break;
    }
    if (to_kdc) {
      const bool as = kerberos::application_tag(sent) == 10U;
      return as ? kdc_reply(m.mutate.below(2), m.client_key, KeyUsage::as_rep)
                : kdc_reply(m.mutate.below(2), session_key, KeyUsage::tgs_rep_session_key);
    }
    if (cta->state() != Cta::State::waiting_for_reply || sent.at(0) != 2) return m.mutate(wake_up(++nonce));
    try {
      return ap_reply(m.mutate.below(3));
    } catch (const Error&) {  // under another session key than ours
      astray = true;
      return m.mutate(wake_up(nonce));
    }
  };
  fuzz("CTA", make, [&](const Bytes& message) {
    receive(to_kdc ? config.kdc : config.server, message);
    if (m.mutate.below(8) == 0) {
      if (const auto due = cta->deadline()) cta->expire(now = std::max(now, *due), send);
    }
  });
}
