// SPDX-License-Identifier: Apache-2.0
// The peer that is libkrb5: MIT's or Heimdal's, whichever its headers are found. The commands of scripts/test-peers.
#include <arpa/inet.h>
#include <krb5.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Octets = std::vector<char>;

constexpr int wait_limit = 60000;  // ms

#ifdef KRB5_KRB5_H_INCLUDED  // MIT
int etype_of(const krb5_creds& credential) { return credential.keyblock.enctype; }
int etype_of(const krb5_keyblock& key) { return key.enctype; }
krb5_error_code client_of(krb5_context krb5, krb5_ticket* ticket, krb5_principal* client) {
  return krb5_copy_principal(krb5, ticket->enc_part2->client, client);
}
krb5_error_code prove_by_certificate(krb5_context krb5, krb5_get_init_creds_opt* options, krb5_principal /*self*/,
                                     const std::string& identity, const std::string& anchors) {
  const krb5_error_code code = krb5_get_init_creds_opt_set_pa(krb5, options, "X509_user_identity", identity.c_str());
  return code != 0 ? code : krb5_get_init_creds_opt_set_pa(krb5, options, "X509_anchors", anchors.c_str());
}
#else  // Heimdal
int etype_of(const krb5_creds& credential) { return credential.session.keytype; }
int etype_of(const krb5_keyblock& key) { return key.keytype; }
krb5_error_code client_of(krb5_context krb5, krb5_ticket* ticket, krb5_principal* client) {
  return krb5_ticket_get_client(krb5, ticket, client);
}
krb5_error_code prove_by_certificate(krb5_context krb5, krb5_get_init_creds_opt* options, krb5_principal self,
                                     const std::string& identity, const std::string& anchors) {
  return krb5_get_init_creds_opt_set_pkinit(krb5, options, self, identity.c_str(), anchors.c_str(), nullptr, nullptr, 0,
                                            nullptr, nullptr, nullptr);
}
#endif

/// What libkrb5 gives is left to the end of the program, which is near.
class Peer {
 public:
  Peer() {
    if (krb5_init_context(&krb5_) != 0) throw std::runtime_error("krb5_init_context");
  }
  void client(const char* name, const char* password, const char* service_name, int port);
  void initial(const char* name, const std::string& secret);
  void service(const char* keytab_name, const char* service_name);

 private:
  void require(krb5_error_code code, const char* what) const {
    if (code != 0) throw std::runtime_error(std::string(what) + ": " + krb5_get_error_message(krb5_, code));
  }
  krb5_principal principal(const char* name) const {
    krb5_principal out = nullptr;
    require(krb5_parse_name(krb5_, name, &out), "krb5_parse_name");
    return out;
  }
  krb5_context krb5_ = nullptr;
};

krb5_data data_of(Octets& octets) {
  krb5_data out = {};
  out.length = static_cast<unsigned>(octets.size());
  out.data = octets.data();
  return out;
}

/// Waits for a datagram and leaves the socket connected to its sender.
Octets receive(int socket) {
  pollfd wanted = {.fd = socket, .events = POLLIN, .revents = 0};
  if (::poll(&wanted, 1, wait_limit) != 1) throw std::runtime_error("no datagram came");
  Octets octets(65535);
  sockaddr_in from = {};
  socklen_t size = sizeof from;
  const ssize_t got = ::recvfrom(socket, octets.data(), octets.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (got < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&from), size) != 0) throw std::runtime_error("recvfrom");
  octets.resize(static_cast<std::size_t>(got));
  return octets;
}

sockaddr_in loopback(int port) {
  sockaddr_in out = {};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

void Peer::client(const char* name, const char* password, const char* service_name, int port) {
  const krb5_principal self = principal(name);
  krb5_creds initial = {};
  require(krb5_get_init_creds_password(krb5_, &initial, self, password, nullptr, nullptr, 0, nullptr, nullptr), "AS");
  std::printf("AS %d\n", etype_of(initial));

  krb5_ccache cache = nullptr;
  require(krb5_cc_resolve(krb5_, "MEMORY:peer", &cache), "krb5_cc_resolve");
  require(krb5_cc_initialize(krb5_, cache, self), "krb5_cc_initialize");
  require(krb5_cc_store_cred(krb5_, cache, &initial), "krb5_cc_store_cred");
  krb5_creds wanted = {};
  wanted.client = self;
  wanted.server = principal(service_name);
  krb5_creds* credential = nullptr;
  require(krb5_get_credentials(krb5_, 0, cache, &wanted, &credential), "TGS");
  std::printf("TGS %d\n", etype_of(*credential));

  krb5_auth_context exchange = nullptr;
  require(krb5_auth_con_init(krb5_, &exchange), "krb5_auth_con_init");
  krb5_auth_con_setflags(krb5_, exchange, KRB5_AUTH_CONTEXT_DO_TIME | KRB5_AUTH_CONTEXT_DO_SEQUENCE);
  krb5_data request = {};
  require(krb5_mk_req_extended(krb5_, &exchange, AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY, nullptr, credential,
                               &request),
          "krb5_mk_req_extended");
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  const sockaddr_in server = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 ||
      ::send(socket, request.data, request.length, 0) < 0) {
    throw std::runtime_error("send");
  }
  Octets reply = receive(socket);
  const krb5_data given = data_of(reply);
  krb5_ap_rep_enc_part* opened = nullptr;
  require(krb5_rd_rep(krb5_, exchange, &given, &opened), "AP-REP");
  std::puts("AP");
}

/// `secret`: keytab:FILE or pkinit:CERTIFICATE,KEY,ANCHORS.
void Peer::initial(const char* name, const std::string& secret) {
  const krb5_principal self = principal(name);
  krb5_get_init_creds_opt* options = nullptr;
  require(krb5_get_init_creds_opt_alloc(krb5_, &options), "krb5_get_init_creds_opt_alloc");
  krb5_creds initial = {};
  const std::string way = secret.substr(0, secret.find(':')), files = secret.substr(secret.find(':') + 1);
  if (way == "keytab") {
    krb5_keytab keytab = nullptr;
    require(krb5_kt_resolve(krb5_, files.c_str(), &keytab), "krb5_kt_resolve");
    require(krb5_get_init_creds_keytab(krb5_, &initial, self, keytab, 0, nullptr, options), "AS");
  } else {
    const std::size_t comma = files.rfind(',');
    require(
        prove_by_certificate(krb5_, options, self, "FILE:" + files.substr(0, comma), "FILE:" + files.substr(comma + 1)),
        "certificate");
    require(krb5_get_init_creds_password(krb5_, &initial, self, nullptr, nullptr, nullptr, 0, nullptr, options), "AS");
  }
  std::printf("AS %d\n", etype_of(initial));
}

void Peer::service(const char* keytab_name, const char* service_name) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in self = loopback(0);
  socklen_t size = sizeof self;
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&self), size) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&self), &size) != 0) {
    throw std::runtime_error("bind");
  }
  std::printf("PORT %d\n", ntohs(self.sin_port));
  std::fflush(stdout);
  Octets octets = receive(socket);

  krb5_keytab keytab = nullptr;
  require(krb5_kt_resolve(krb5_, keytab_name, &keytab), "krb5_kt_resolve");
  krb5_auth_context exchange = nullptr;
  require(krb5_auth_con_init(krb5_, &exchange), "krb5_auth_con_init");
  krb5_auth_con_setflags(krb5_, exchange, KRB5_AUTH_CONTEXT_DO_TIME);
  const krb5_data request = data_of(octets);
  krb5_flags options = 0;
  krb5_ticket* ticket = nullptr;
  require(krb5_rd_req(krb5_, &exchange, &request, principal(service_name), keytab, &options, &ticket), "AP-REQ");
  krb5_principal peer = nullptr;
  require(client_of(krb5_, ticket, &peer), "client");
  char* peer_name = nullptr;
  require(krb5_unparse_name(krb5_, peer, &peer_name), "krb5_unparse_name");
  krb5_keyblock* key = nullptr;
  require(krb5_auth_con_getkey(krb5_, exchange, &key), "krb5_auth_con_getkey");
  krb5_data reply = {};
  require(krb5_mk_rep(krb5_, exchange, &reply), "krb5_mk_rep");
  if (::send(socket, reply.data, reply.length, 0) < 0) throw std::runtime_error("send");
  std::printf("AP %s %d\n", peer_name, etype_of(*key));
}

int run(const std::vector<const char*>& arguments) {
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (command == "etypes") {
    for (int etype = 1; etype < 32; ++etype) {
      if (krb5_c_valid_enctype(static_cast<krb5_enctype>(etype))) std::printf("%d\n", etype);
    }
  } else if (command == "client" && arguments.size() == 5) {
    Peer().client(arguments[1], arguments[2], arguments[3], std::stoi(arguments[4]));
  } else if (command == "initial" && arguments.size() == 3) {
    Peer().initial(arguments[1], arguments[2]);
  } else if (command == "service" && arguments.size() == 3) {
    Peer().service(arguments[1], arguments[2]);
  } else {
    throw std::runtime_error(
        "expected etypes, client NAME PASSWORD SERVICE PORT, initial NAME SECRET or service KEYTAB SERVICE");
  }
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    return run({values + 1, values + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
