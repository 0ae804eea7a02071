// SPDX-License-Identifier: Apache-2.0
// Attackers on the server's own line: the flood of `reveille run` (docs/scenario.md), every hole of its list included,
// from an interface of this machine.
//
// usage: wire_attacker INTERFACE SERVER MAC FIRST COUNT FRAMES_A_SECOND SECONDS
//
// SERVER and MAC are the server's addresses, FIRST and COUNT the clients'. True AP Requests that come by at the
// interface in the first second are overheard, and replayed. At the end a line of JSON: frames sent, and by attack.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "story/flood.hpp"

using namespace reveille;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t frames_made = 16'384;
constexpr unsigned batch = 64;

class Line {
 public:
  explicit Line(const std::string& interface) : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(3))) {
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(3);
    place.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    if (socket_ < 0 || place.sll_ifindex == 0 ||
        bind(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0)
      throw Error(ErrorKind::bad_input, "interface " + interface + ": " + strerror(errno));
  }
  /// True AP Requests of so long.
  void overhear(sim::Flood& flood, std::chrono::milliseconds time) const {
    const auto end = Clock::now() + time;
    Bytes frame(2048);
    for (unsigned heard = 0; Clock::now() < end && heard < 64;) {
      const ssize_t count = recv(socket_, frame.data(), frame.size(), MSG_DONTWAIT);
      if (count < 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      } else if (count > 46 && frame[12] == 8 && frame[23] == 17 && frame[36] == 5 && frame[37] == 13 &&
                 frame[42] == 2) {
        flood.overhear(whole(ByteView(frame).first(static_cast<std::size_t>(count))));
        ++heard;
      }
    }
  }
  void send(const std::vector<Bytes>& frames, std::size_t& next) {
    iovec parts[batch];
    mmsghdr headers[batch] = {};
    for (unsigned i = 0; i < batch; ++i) {
      const Bytes& frame = frames[next++ % frames.size()];
      parts[i] = {const_cast<std::uint8_t*>(frame.data()), frame.size()};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
    for (unsigned sent = 0; sent < batch;) {
      const int count = sendmmsg(socket_, headers + sent, batch - sent, 0);
      sent += count > 0 ? static_cast<unsigned>(count) : 1;  // one that the interface does not take
    }
  }

 private:
  /// Its checksum was left to a device that is none.
  static Bytes whole(ByteView frame) {
    net::UdpFrame heard;
    std::copy_n(frame.begin(), 6, heard.ethernet_destination.begin());
    std::copy_n(frame.begin() + 6, 6, heard.ethernet_source.begin());
    heard.source = net::Address::from_octets(frame.subspan(26, 4));
    heard.destination = net::Address::from_octets(frame.subspan(30, 4));
    heard.source_port = heard.destination_port = 1293;
    const std::size_t octets = static_cast<std::size_t>(frame[38]) << 8 | frame[39];
    heard.payload.assign(frame.begin() + 42, frame.begin() + 34 + static_cast<std::ptrdiff_t>(octets));
    return net::build(heard);
  }
  int socket_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 8) {
    std::cerr << "usage: wire_attacker INTERFACE SERVER MAC FIRST COUNT FRAMES_A_SECOND SECONDS\n";
    return 2;
  }
  sim::ServerHost host;
  host.ipv4 = net::Address::parse(argv[2]);
  host.second_ipv4 = host.ipv4;
  ++host.second_ipv4.octets[15];
  host.subnet_broadcast = host.ipv4;
  host.subnet_broadcast.octets[14] = host.subnet_broadcast.octets[15] = 255;  // of a /16
  unsigned octets[6];
  if (std::sscanf(argv[3], "%2x:%2x:%2x:%2x:%2x:%2x", &octets[0], &octets[1], &octets[2], &octets[3], &octets[4],
                  &octets[5]) != 6)
    throw Error(ErrorKind::bad_input, std::string("MAC: ") + argv[3]);
  std::ranges::copy(octets, host.ethernet.begin());
  std::vector<net::Address> clients;
  net::Address next_client = net::Address::parse(argv[4]);
  for (int i = 0; i < std::stoi(argv[5]); ++i) {
    clients.push_back(next_client);
    if (++next_client.octets[15] == 0) ++next_client.octets[14];
  }
  std::set<sim::Attack> attacks;
  for (const sim::Attack attack :
       {sim::Attack::garbage, sim::Attack::false_nonce, sim::Attack::spoof, sim::Attack::client_initiated,
        sim::Attack::forged_recovered, sim::Attack::holes, sim::Attack::replay})
    attacks.insert(attack);
  sim::Flood flood(attacks, host, clients, 1);
  Line line(argv[1]);
  line.overhear(flood, std::chrono::seconds(1));
  std::vector<Bytes> frames;
  std::map<std::string, unsigned> holes;
  while (frames.size() < frames_made) {
    const sim::Flood::Frame& frame = *flood.next();
    if (frame.octets.size() > 1514) continue;
    if (frame.hole != nullptr) ++holes[std::string(frame.hole->name)];
    frames.push_back(frame.octets);
  }
  const double a_second = std::stod(argv[6]), seconds = std::stod(argv[7]);
  const auto begin = Clock::now();
  const auto length = std::chrono::duration<double>(seconds);
  std::size_t sent = 0;
  while (Clock::now() - begin < length) {
    const std::chrono::duration<double> due(static_cast<double>(sent) / a_second);
    if (const auto wait = begin + due - Clock::now(); wait.count() > 0) std::this_thread::sleep_for(wait);
    line.send(frames, sent);
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  std::cout
      << nlohmann::json{{"sent", sent}, {"a_second", static_cast<double>(sent) / took.count()}, {"holes", holes}}.dump()
      << std::endl;
} catch (const std::exception& error) {
  std::cerr << "wire_attacker: " << error.what() << '\n';
  return 2;
}
