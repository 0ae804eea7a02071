// SPDX-License-Identifier: Apache-2.0
// The model's side of scripts/test-peers, beside the programs: the library's client, a hierarchy of certificates, and a
// relay that puts the AP-REQs of others into the key management of `reveille controller`.
#include <arpa/inet.h>

#include <iostream>

#include "bed/certificates.hpp"
#include "bed/kdc_client.hpp"
#include "reveille/kerberos/service.hpp"
#include "reveille/keymgmt/security.hpp"

using namespace reveille;
using namespace reveille::bed;
using namespace reveille::kerberos;

namespace {

const std::string realm = "REVEILLE.TEST";
constexpr auto wait_limit = std::chrono::seconds(60);
constexpr std::size_t largest_datagram = 65535;

Etype etype_named(const std::string& text) {
  for (const Etype etype : all_etypes()) {
    if (text == std::to_string(static_cast<int>(etype))) return etype;
  }
  if (text == "16") return Etype::des3_sha1;
  throw Error(ErrorKind::bad_input, "etype '" + text + "': expected 16, 17, 18, 19 or 20");
}

Transport transport_named(const std::string& text) {
  if (text == "udp") return Transport::udp;
  if (text == "tcp") return Transport::tcp;
  throw Error(ErrorKind::bad_input, "transport '" + text + "': expected udp or tcp");
}

int number(const Key& key) { return static_cast<int>(key.etype()); }

/// What RFC 4121 section 4.1.1 has GSS-API's services ask for: no channel, mutual authentication.
Checksum gss_checksum() {
  Bytes octets(24);
  octets[0] = 16;
  octets[20] = 2;
  return {.type = 0x8003, .octets = octets};
}

/// `kind` is client, one-way-client for a service that makes no AP-REP, or gss-client for one that takes AP-REQs as
/// GSS-API has them.
void client(const std::string& kind, const KdcClient& kdc, Etype etype, const std::string& name,
            const Password& password, const std::string& service, std::uint16_t port) {
  SystemRandom random;
  const Credential initial = kdc.get_initial(parse_principal(name), realm, password, {etype}, random);
  std::cout << "AS " << number(initial.session_key) << '\n';
  const Credential ticket = kdc.get_service(initial, parse_principal(service), {etype}, random);
  std::cout << "TGS " << number(ticket.session_key) << '\n';
  const bool one_way = kind == "one-way-client";
  ApOptions options{.mutual_required = !one_way, .subkey = true, .sequence_number = true};
  if (kind == "gss-client") options.checksum = gss_checksum();
  const SentApRequest sent = make_ap_request(ticket, wall_clock(), options, random);
  const Socket socket(Transport::udp);
  socket.connect("127.0.0.1", port, wait_limit);
  socket.send(sent.octets);
  if (one_way) return;
  if (!socket.wait_readable(wait_limit)) throw Error(ErrorKind::protocol, "AP-REP: no datagram came");
  (void)verify_ap_reply(socket.receive(largest_datagram), sent);
  std::cout << "AP" << std::endl;
}

/// A datagram, and who sent it.
struct Received {
  Bytes octets;
  sockaddr_storage from = {};
  socklen_t size = sizeof from;
};

Received receive_from(const Socket& socket) {
  Received received{.octets = Bytes(largest_datagram)};
  auto* address = reinterpret_cast<sockaddr*>(&received.from);
  const ssize_t got =
      ::recvfrom(socket.number(), received.octets.data(), received.octets.size(), 0, address, &received.size);
  received.octets.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return received;
}

sockaddr_in endpoint(const std::string& address) {
  sockaddr_in out = {};
  out.sin_family = AF_INET;
  out.sin_port = htons(keymgmt::udp_port);
  if (::inet_pton(AF_INET, address.c_str(), &out.sin_addr) != 1) throw Error(ErrorKind::bad_input, address);
  return out;
}

/// The CTA's place: `own`, which the controller at `server` wakes. An AP-REQ that comes to the port that is told goes
/// into an AP Request with the nonce of the Wake Up; of the controller's AP Reply the AP-REP goes back, and SA
/// Recovered follows. The keys are those of `keytab`, the service's.
void relay(const std::string& keytab_file, const std::string& name, const std::string& own, const std::string& server) {
  const Keytab keytab = Keytab::load(keytab_file);
  const Service service(realm, parse_principal(name), keytab, default_skew, true);
  const Socket peer(Transport::udp), cta(Transport::udp);
  peer.bind_loopback(0);
  const sockaddr_in own_address = endpoint(own), server_address = endpoint(server);
  if (::bind(cta.number(), reinterpret_cast<const sockaddr*>(&own_address), sizeof own_address) != 0 ||
      ::connect(cta.number(), reinterpret_cast<const sockaddr*>(&server_address), sizeof server_address) != 0) {
    throw Error(ErrorKind::bad_input, own + ": cannot be bound");
  }
  std::cout << "PORT " << peer.port() << std::endl;
  if (!peer.wait_readable(wait_limit)) throw Error(ErrorKind::protocol, "AP-REQ: no datagram came");
  const Received asked = receive_from(peer);
  const AcceptedApRequest opened = service.open(asked.octets);

  std::optional<keymgmt::WakeUp> woken;
  while (!woken || cta.wait_readable(std::chrono::milliseconds(0))) {
    if (!cta.wait_readable(wait_limit)) throw Error(ErrorKind::protocol, "no Wake Up came");
    const keymgmt::Message message = keymgmt::decode(cta.receive(largest_datagram));
    if (const auto* wake_up = std::get_if<keymgmt::WakeUp>(&message)) woken = *wake_up;
  }
  keymgmt::ApRequest request{.ap_req = asked.octets,
                             .server_nonce = woken->server_nonce,
                             .application = keymgmt::IpsecData{.spi = 0x1000},
                             .ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec)};
  cta.send(keymgmt::seal(std::move(request), opened.session_key.octets()));
  for (;;) {
    if (!cta.wait_readable(wait_limit)) throw Error(ErrorKind::protocol, "AP Reply: no datagram came");
    const Bytes answer = cta.receive(largest_datagram);
    const keymgmt::Message message = keymgmt::decode(answer);
    if (const auto* refused = std::get_if<keymgmt::ErrorReply>(&message)) {
      throw ProtocolError(decode_krb_error(refused->krb_error).code, "the controller's Error Reply");
    }
    const auto* reply = std::get_if<keymgmt::ApReply>(&message);
    if (reply == nullptr) continue;  // a Wake Up that came again
    (void)::sendto(peer.number(), reply->ap_rep.data(), reply->ap_rep.size(), 0,
                   reinterpret_cast<const sockaddr*>(&asked.from), asked.size);
    const EncApReplyPart part = open_ap_reply(reply->ap_rep, opened.session_key);
    cta.send(keymgmt::make_sa_recovered(answer, part.subkey.value().octets()));
    std::cout << "AP " << to_string(opened.cname) << '@' << opened.crealm << ' ' << number(opened.session_key)
              << std::endl;
    return;
  }
}

/// A manufacturer, a KDC and a device that is the principal `device`; `direct` is one that the manufacturer signed
/// itself.
void certificates(const std::string& folder) {
  const Certificates made(folder, realm);
  made.add_kdc("kdc", realm);
  made.add_device("device", "device", {.has_principal_name = true});
  made.add_device("direct", "device", {.has_principal_name = true, .issuer = "ca"});
}

void run(std::vector<std::string> words) {
  const std::string command = words.empty() ? "" : words[0];
  const auto port = [](const std::string& text) { return static_cast<std::uint16_t>(std::stoi(text)); };
  if (command == "certificates" && words.size() == 2) {
    certificates(words[1]);
  } else if ((command == "client" || command == "one-way-client" || command == "gss-client") && words.size() == 8) {
    const KdcClient kdc("127.0.0.1", port(words[2]), transport_named(words[1]), wait_limit);
    client(command, kdc, etype_named(words[3]), words[4], std::move(words[5]), words[6], port(words[7]));
  } else if (command == "relay" && words.size() == 5) {
    relay(words[1], words[2], words[3], words[4]);
  } else {
    throw Error(
        ErrorKind::bad_input,
        "expected certificates FOLDER, [one-way-|gss-]client TRANSPORT KDC-PORT ETYPE CLIENT PASSWORD SERVICE PORT or "
        "relay KEYTAB SERVICE OWN-ADDRESS CONTROLLER-ADDRESS");
  }
}

}  // namespace

int main(int count, char** values) {
  try {
    run({values + 1, values + count});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
