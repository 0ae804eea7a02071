// SPDX-License-Identifier: Apache-2.0
// True clients by the hundred, on one socket of a machine that has all their addresses.
//
// usage: wire_clients FOLDER SERVER FIRST COUNT [DELAY_MS]
//
// A realm with a key distribution centre in this process, a server, and clients that hold their tickets already, with
// the addresses FIRST, FIRST + 1, ... What they say leaves after a time by chance, up to twice DELAY_MS. Writes the
// server's keytab and `reveille controller`'s file into FOLDER, says "ready", and at the end of standard input a line
// of JSON: how many were established, how many wait in an exchange, and how long the others took, from Wake Up to
// SA Recovered.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <queue>

#include "output_file.hpp"
#include "programs/event_loop.hpp"
#include "reveille/kerberos/kdc.hpp"
#include "reveille/nodes/cta.hpp"

using namespace reveille;
using kerberos::Time;
using nlohmann::ordered_json;

namespace {

const std::string realm = "REVEILLE.TEST";
const auto service = kerberos::parse_principal("mtaprovsrvr/ctl1.reveille.test");
const nodes::Endpoint kdc_place{net::Address::parse("192.0.2.88"), nodes::kdc_port};

in_addr kernel_address(const net::Address& address) {
  in_addr result{};
  std::copy_n(address.octets.begin() + 12, 4, reinterpret_cast<std::uint8_t*>(&result));
  return result;
}

net::Address address_of(const in_addr& address) {
  const auto* const octets = reinterpret_cast<const std::uint8_t*>(&address);
  return net::Address::from_octets(Bytes(octets, octets + 4));
}

/// A datagram that is to leave, later ones behind.
struct Leaving {
  Time when = 0;
  nodes::Datagram datagram;
  bool operator>(const Leaving& other) const { return when > other.when; }
};

struct Client {
  nodes::Cta cta;
  std::optional<Time> woken = {};  ///< the exchange under way
  std::uint64_t recovered = 0;
};

class Clients {
 public:
  Clients(const std::string& server, const std::string& first, unsigned count, Time delay)
      : kdc_(realm, random_), delay_(delay), server_{net::Address::parse(server), nodes::key_management_port} {
    kdc_.add_random(service, {kerberos::Etype::aes256_sha1});
    std::uint32_t next = ntohl(kernel_address(net::Address::parse(first)).s_addr);
    for (unsigned i = 0; i < count; ++i, ++next) add("cta" + std::to_string(i), address_of({htonl(next)}));
    open_socket();
  }

  void write(const std::filesystem::path& folder, const std::string& server) const {
    kdc_.keytab(service).save(folder / "service.keytab");
    ordered_json clients = ordered_json::array();
    for (const auto& [address, client] : clients_) {
      clients.push_back(
          {{"address", net::format(address)}, {"principal", kerberos::to_string(client.cta.config().principal)}});
    }
    const ordered_json file = {{"realm", realm},
                               {"principal", kerberos::to_string(service)},
                               {"keytab", "service.keytab"},
                               {"addresses", {server}},
                               {"clients", clients},
                               {"report", "report.json"}};
    sim::write_text(folder / "controller.json", file.dump(1) + "\n");
  }

  void run() {
    pollfd watched[] = {{socket_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    while ((watched[1].revents & (POLLIN | POLLHUP)) == 0) {
      const Time now = clock_.now();
      if (now >= next_expiry_) expire(now);
      send_due(now);
      poll(watched, 2, leaving_.empty() ? 5 : 1);
      if ((watched[0].revents & POLLIN) != 0) receive();
    }
  }

  [[nodiscard]] ordered_json result() const {
    std::vector<Time> times = times_;
    std::ranges::sort(times);
    const auto part = [&times](double share) {
      return times.empty() ? 0 : times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    unsigned established = 0, waiting = 0;
    for (const auto& [address, client] : clients_) {
      if (client.cta.counters().recovered_sent != 0) ++established;
      if (client.woken) ++waiting;
    }
    return {{"clients", clients_.size()}, {"established", established}, {"waiting", waiting},
            {"exchanges", times.size()},  {"p50_us", part(0.5)},        {"p99_us", part(0.99)},
            {"longest_us", part(1)}};
  }

 private:
  void add(const std::string& name, const net::Address& address) {
    nodes::CtaConfig config;
    config.address = address;
    config.server = server_;
    config.kdc = kdc_place;
    config.realm = realm;
    config.principal = kerberos::parse_principal(name);
    kdc_.add_random(config.principal, {kerberos::Etype::aes256_sha1});
    config.secret = kdc_.keytab(config.principal).entries().front().key;
    config.server_principal = service;
    config.timeouts = {.first = 500'000 + 4 * delay_, .longest = 2'000'000 + 4 * delay_};
    config.tries = 8;
    config.answer_interval = 10'000;
    const Time now = clock_.now();
    kerberos::AsExchange as(config.principal, realm, config.secret, config.etypes, random_);
    std::optional<kerberos::Credential> granting;
    while (!granting) granting = as.reply(kdc_.handle(as.request(now), now));
    kerberos::TgsExchange tgs(std::move(*granting), service, config.etypes, random_);
    config.credential = tgs.reply(kdc_.handle(tgs.request(now), now));
    clients_.try_emplace(address, Client{nodes::Cta(std::move(config), random_)});
  }

  void open_socket() {
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1, room = 16 << 20;
    setsockopt(socket_, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(nodes::key_management_port);
    if (socket_ < 0 || bind(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
      throw Error(ErrorKind::bad_input, "wire_clients: UDP port 1293: " + std::string(strerror(errno)));
  }

  void receive() {
    for (;;) {
      Bytes payload(4096);
      sockaddr_in from{};
      iovec part{payload.data(), payload.size()};
      alignas(cmsghdr) char control[64];
      msghdr header{&from, sizeof from, &part, 1, control, sizeof control, 0};
      const ssize_t count = recvmsg(socket_, &header, 0);
      if (count < 0) return;
      payload.resize(static_cast<std::size_t>(count));
      for (cmsghdr* extra = CMSG_FIRSTHDR(&header); extra != nullptr; extra = CMSG_NXTHDR(&header, extra)) {
        if (extra->cmsg_level != IPPROTO_IP || extra->cmsg_type != IP_PKTINFO) continue;
        const auto* const info = reinterpret_cast<const in_pktinfo*>(CMSG_DATA(extra));
        deliver({{address_of(from.sin_addr), ntohs(from.sin_port)},
                 {address_of(info->ipi_addr), nodes::key_management_port},
                 std::move(payload)});
        break;
      }
    }
  }

  void deliver(const nodes::Datagram& datagram) {
    const auto found = clients_.find(datagram.destination.address);
    if (found == clients_.end()) return;
    Client& client = found->second;
    const Time now = clock_.now();
    const bool wakes = !datagram.payload.empty() && datagram.payload[0] == 1;
    if (wakes && !client.woken) client.woken = now;
    client.cta.receive(datagram, now, sender());
    note(client, now);
  }

  void expire(Time now) {
    next_expiry_ = now + 5'000;
    for (auto& [address, client] : clients_) {
      client.cta.set_clock_offset(clock_.offset());
      if (const auto due = client.cta.deadline(); due && *due <= now) client.cta.expire(now, sender());
      note(client, now);
    }
  }

  void note(Client& client, Time now) {
    if (client.cta.counters().recovered_sent == client.recovered) return;
    client.recovered = client.cta.counters().recovered_sent;
    if (client.woken) times_.push_back(now - *client.woken);
    client.woken.reset();
  }

  nodes::Send sender() {
    return [this](nodes::Datagram datagram) {
      if (datagram.destination == kdc_place) {
        const Time now = clock_.now();
        datagram.payload = kdc_.handle(datagram.payload, now);
        std::swap(datagram.source, datagram.destination);
        answers_.push(std::move(datagram));
        return;
      }
      const Time wait = delay_ == 0 ? 0 : random_.nonce() % (2 * delay_);
      leaving_.push({clock_.now() + wait, std::move(datagram)});
      if (delay_ == 0) send_due(clock_.now());
    };
  }

  void send_due(Time now) {
    for (; !leaving_.empty() && leaving_.top().when <= now; leaving_.pop()) send(leaving_.top().datagram);
    while (!answers_.empty()) {
      const nodes::Datagram answer = std::move(answers_.front());
      answers_.pop();
      deliver(answer);
    }
  }

  void send(const nodes::Datagram& datagram) const {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(datagram.destination.port);
    to.sin_addr = kernel_address(datagram.destination.address);
    iovec part{const_cast<std::uint8_t*>(datagram.payload.data()), datagram.payload.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
    msghdr header{&to, sizeof to, &part, 1, control, sizeof control, 0};
    cmsghdr* const extra = CMSG_FIRSTHDR(&header);
    extra->cmsg_level = IPPROTO_IP;
    extra->cmsg_type = IP_PKTINFO;
    extra->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_spec_dst = kernel_address(datagram.source.address);
    std::memcpy(CMSG_DATA(extra), &info, sizeof info);
    static_cast<void>(sendmsg(socket_, &header, MSG_DONTWAIT));  // as the network may, it may lose it
  }

  kerberos::SystemRandom random_;
  sim::SteadyClock clock_;
  kerberos::Kdc kdc_;
  Time delay_;
  nodes::Endpoint server_;
  std::map<net::Address, Client> clients_;
  std::priority_queue<Leaving, std::vector<Leaving>, std::greater<>> leaving_;
  std::queue<nodes::Datagram> answers_;
  std::vector<Time> times_;
  Time next_expiry_ = 0;
  int socket_ = -1;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5 && argc != 6) {
    std::cerr << "usage: wire_clients FOLDER SERVER FIRST COUNT [DELAY_MS]\n";
    return 2;
  }
  const Time delay = argc == 6 ? std::stol(argv[5]) * 1000 : 0;
  Clients clients(argv[2], argv[3], static_cast<unsigned>(std::stoul(argv[4])), delay);
  clients.write(argv[1], argv[2]);
  std::cout << "ready" << std::endl;
  clients.run();
  std::cout << clients.result().dump() << std::endl;
} catch (const std::exception& error) {
  std::cerr << "wire_clients: " << error.what() << '\n';
  return 2;
}
