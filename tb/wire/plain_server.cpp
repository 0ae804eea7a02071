// SPDX-License-Identifier: Apache-2.0
// A plain server on MIT's libkrb5, which takes part in the key management and has no policy of its own: it decrypts
// every AP Request that comes to its socket (krb5_rd_req, without a replay cache), and answers it.
//
// usage: wire_plain_server FOLDER/controller.json PERIOD_S [CONTROL]
//
// The file is `reveille controller`'s. Each client is woken every PERIOD_S seconds: by a datagram of this program's, or
// through the core of that control socket. At the end of standard input a line of JSON: sessions, requests, CPU time.
#include <arpa/inet.h>
#include <krb5.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "programs/event_loop.hpp"
#include "programs/sockets.hpp"
#include "reveille/driver/driver.hpp"
#include "reveille/driver/error.hpp"
#include "reveille/driver/socket_bus.hpp"
#include "reveille/kerberos/random.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/keymgmt/security.hpp"

using namespace reveille;
using kerberos::Time;

namespace {

struct Client {
  Time next = 0;  ///< Wake Up
  std::uint32_t nonce = 0;
  bool open = false;
  Bytes reply;      ///< to its AP Request
  Bytes recovered;  ///< what it will answer
};

/// libkrb5, for one principal.
class Kerberos {
 public:
  Kerberos(const std::string& principal, const std::filesystem::path& keytab) {
    require(krb5_init_context(&context_), "context");
    require(krb5_parse_name(context_, principal.c_str(), &server_), "principal");
    require(krb5_kt_resolve(context_, ("FILE:" + keytab.string()).c_str(), &keytab_), "keytab");
  }
  struct Accepted {
    Bytes session_key, subkey, ap_rep;
  };
  /// Nothing for what is not a client's.
  std::optional<Accepted> accept(const keymgmt::ApRequest& request, ByteView message) {
    krb5_auth_context authentication = nullptr;
    krb5_auth_con_init(context_, &authentication);
    krb5_auth_con_setflags(context_, authentication, KRB5_AUTH_CONTEXT_USE_SUBKEY);
    std::optional<Accepted> accepted = accept(authentication, request, message);
    krb5_auth_con_free(context_, authentication);
    return accepted;
  }

 private:
  void require(krb5_error_code code, const char* what) const {
    if (code != 0) throw Error(ErrorKind::bad_input, std::string(what) + ": " + krb5_get_error_message(context_, code));
  }
  std::optional<Accepted> accept(krb5_auth_context& authentication, const keymgmt::ApRequest& request,
                                 ByteView message) {
    krb5_data in{};
    in.length = static_cast<unsigned>(request.ap_req.size());
    in.data = reinterpret_cast<char*>(const_cast<std::uint8_t*>(request.ap_req.data()));
    if (krb5_rd_req(context_, &authentication, &in, server_, keytab_, nullptr, nullptr) != 0) return std::nullopt;
    Accepted accepted;
    krb5_keyblock* key = nullptr;
    if (krb5_auth_con_getkey(context_, authentication, &key) != 0) return std::nullopt;
    accepted.session_key.assign(key->contents, key->contents + key->length);
    krb5_free_keyblock(context_, key);
    if (!keymgmt::has_true_hmac(message, keymgmt::ap_hmac_key(accepted.session_key))) return std::nullopt;
    krb5_data out{};
    if (krb5_mk_rep(context_, authentication, &out) != 0) return std::nullopt;
    accepted.ap_rep.assign(out.data, out.data + out.length);
    krb5_free_data_contents(context_, &out);
    krb5_keyblock* subkey = nullptr;
    if (krb5_auth_con_getsendsubkey(context_, authentication, &subkey) != 0 || subkey == nullptr) return std::nullopt;
    accepted.subkey.assign(subkey->contents, subkey->contents + subkey->length);
    krb5_free_keyblock(context_, subkey);
    return accepted;
  }

  krb5_context context_ = nullptr;
  krb5_principal server_ = nullptr;
  krb5_keytab keytab_ = nullptr;
};

class Server {
 public:
  Server(const std::filesystem::path& file, Time period, const char* control)
      : document_(nlohmann::json::parse(std::ifstream(file))),
        principal_(document_.at("principal")),
        kerberos_(principal_ + "@" + document_.at("realm").get<std::string>(), file.parent_path() / "service.keytab"),
        socket_({net::Address::parse("0.0.0.0"), nodes::key_management_port}),
        period_(period) {
    if (control != nullptr) {
      bus_.emplace(control);
      core_.emplace(*bus_);
      core_->identify();
    }
    const auto& clients = document_.at("clients");
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const Time turn = period_ * static_cast<Time>(i) / static_cast<Time>(clients.size());
      clients_[net::Address::parse(clients[i].at("address").get<std::string>())].next = clock_.now() + turn;
    }
  }

  void run() {
    pollfd watched[] = {{socket_.number(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    while ((watched[1].revents & (POLLIN | POLLHUP)) == 0) {
      wake_due();
      poll(watched, 2, 5);
      for (unsigned i = 0; i < 64; ++i) {
        const std::optional<nodes::Datagram> datagram = socket_.receive();
        if (!datagram) break;
        receive(*datagram);
      }
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    std::cout << nlohmann::json{{"sessions", established_},
                                {"opened", opened_},
                                {"refused", refused_},
                                {"cpu_s", seconds(usage.ru_utime) + seconds(usage.ru_stime)}}
                     .dump()
              << std::endl;
  }

 private:
  void wake_due() {
    const Time now = clock_.now();
    for (auto& [address, client] : clients_) {
      if (client.next > now) continue;
      client.next = now + period_;
      client.open = true;
      client.reply.clear();
      if (core_) {
        wake_by_core(address, client);
      } else {
        client.nonce = random_.nonce() | 1U;
        send(address, keymgmt::encode(keymgmt::WakeUp{.server_nonce = client.nonce, .server_principal = principal_}));
      }
    }
  }
  void wake_by_core(const net::Address& address, Client& client) {
    try {
      core_->close(address);
    } catch (const driver::NoSession&) {
    }
    client.nonce = core_->wake(address, {.lifetime_us = static_cast<std::uint64_t>(period_)}).nonce;
  }
  void receive(const nodes::Datagram& datagram) {
    const net::Address& source = datagram.source.address;
    try {
      const keymgmt::Message message = keymgmt::decode(datagram.payload);
      if (const auto* const request = std::get_if<keymgmt::ApRequest>(&message)) {
        answer(source, *request, datagram.payload);
      } else if (std::holds_alternative<keymgmt::SaRecovered>(message)) {
        const auto found = clients_.find(source);
        if (found == clients_.end() || !found->second.open || datagram.payload != found->second.recovered) return;
        found->second.open = false;
        ++established_;
        if (core_) core_->close(source);
      }
    } catch (const driver::Refused&) {  // its session has ended meanwhile
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::malformed) throw;
      ++refused_;
    }
  }
  void answer(const net::Address& source, const keymgmt::ApRequest& request, ByteView payload) {
    ++opened_;
    const auto accepted = kerberos_.accept(request, payload);
    const auto found = clients_.find(source);
    if (!accepted || found == clients_.end() || request.server_nonce != found->second.nonce || !found->second.open) {
      ++refused_;
      return;
    }
    Client& client = found->second;
    if (client.reply.empty()) {
      keymgmt::ApReply reply;
      reply.doi = request.doi;
      reply.ap_rep = accepted->ap_rep;
      reply.application = keymgmt::IpsecData{random_.nonce()};
      reply.ciphersuites = {keymgmt::select_ciphersuite(request.doi, request.ciphersuites).value()};
      reply.lifetime_s = 86'400;
      reply.grace_period_s = 600;
      client.reply = keymgmt::seal(std::move(reply), accepted->session_key);
      client.recovered = keymgmt::make_sa_recovered(client.reply, accepted->subkey);
      if (core_) core_->reply(source, keymgmt::expected_tag(client.recovered));
    }
    send(source, client.reply);
  }
  void send(const net::Address& to, ByteView message) const { socket_.send({to, nodes::key_management_port}, message); }

  nlohmann::json document_;
  std::string principal_;
  Kerberos kerberos_;
  sim::UdpSocket socket_;
  Time period_;
  kerberos::SystemRandom random_;
  sim::SteadyClock clock_;
  std::optional<driver::SocketBus> bus_;
  std::optional<driver::Driver> core_;
  std::map<net::Address, Client> clients_;
  std::uint64_t established_ = 0, opened_ = 0, refused_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3 && argc != 4) {
    std::cerr << "usage: wire_plain_server FOLDER/controller.json PERIOD_S [CONTROL]\n";
    return 2;
  }
  setenv("KRB5RCACHENAME", "none:", 1);
  Server(argv[1], std::stol(argv[2]) * kerberos::second, argc == 4 ? argv[3] : nullptr).run();
} catch (const std::exception& error) {
  std::cerr << "wire_plain_server: " << error.what() << '\n';
  return 2;
}
