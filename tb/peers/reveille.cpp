// SPDX-License-Identifier: Apache-2.0
// The model's side of scripts/test-peers: its KDC, client and service as programs on loopback.
#include <iostream>
#include <limits>

#include "reveille/kerberos/service.hpp"
#include "system/kdc_server.hpp"

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
  throw Error(ErrorKind::bad_input, "etype '" + text + "': expected 17, 18, 19 or 20");
}

Transport transport_named(const std::string& text) {
  if (text == "udp") return Transport::udp;
  if (text == "tcp") return Transport::tcp;
  throw Error(ErrorKind::bad_input, "transport '" + text + "': expected udp or tcp");
}

int number(const Key& key) { return static_cast<int>(key.etype()); }

/// Serves until the end of its input, then tells by which transport requests came.
void kdc(Etype etype, const std::string& client, const Password& password, const std::string& service,
         const std::string& keytab) {
  SystemRandom random;
  Kdc kdc(realm, random, {}, etype);
  kdc.add_password(parse_principal(client), password, {etype});
  kdc.add_random(parse_principal(service), {etype});
  kdc.keytab(parse_principal(service)).save(keytab);
  const test::KdcServer server(kdc);
  std::cout << "PORT " << server.port() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  std::cout << "UDP " << server.udp_requests() << "\nTCP " << server.tcp_requests() << std::endl;
}

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

void service(const std::string& keytab, const std::string& name) {
  SystemRandom random;
  Service service(realm, parse_principal(name), Keytab::load(keytab));
  const Socket socket(Transport::udp);
  socket.bind_loopback(0);
  std::cout << "PORT " << socket.port() << std::endl;
  if (!socket.wait_readable(wait_limit)) throw Error(ErrorKind::protocol, "AP-REQ: no datagram came");
  Bytes request(largest_datagram);
  sockaddr_storage peer = {};
  socklen_t size = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  const ssize_t got = ::recvfrom(socket.number(), request.data(), request.size(), 0, address, &size);
  request.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  const AcceptedApRequest accepted = service.accept(request, wall_clock());
  if (!accepted.mutual_required) throw Error(ErrorKind::protocol, "AP-REQ: asks for no AP-REP");
  const Bytes reply = Service::reply(accepted, {}, random.nonce(), random);
  (void)::sendto(socket.number(), reply.data(), reply.size(), 0, address, size);
  std::cout << "AP " << to_string(accepted.cname) << '@' << accepted.crealm << ' ' << number(accepted.session_key)
            << std::endl;
}

void run(std::vector<std::string> words) {
  const std::string command = words.empty() ? "" : words[0];
  const auto port = [](const std::string& text) { return static_cast<std::uint16_t>(std::stoi(text)); };
  if (command == "kdc" && words.size() == 6) {
    kdc(etype_named(words[1]), words[2], std::move(words[3]), words[4], words[5]);
  } else if ((command == "client" || command == "one-way-client" || command == "gss-client") && words.size() == 8) {
    const KdcClient kdc("127.0.0.1", port(words[2]), transport_named(words[1]), wait_limit);
    client(command, kdc, etype_named(words[3]), words[4], std::move(words[5]), words[6], port(words[7]));
  } else if (command == "service" && words.size() == 3) {
    service(words[1], words[2]);
  } else {
    throw Error(
        ErrorKind::bad_input,
        "expected kdc ETYPE CLIENT PASSWORD SERVICE KEYTAB, [one-way-|gss-]client TRANSPORT KDC-PORT ETYPE CLIENT "
        "PASSWORD SERVICE PORT or service KEYTAB SERVICE");
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
