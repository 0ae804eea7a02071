// SPDX-License-Identifier: Apache-2.0
#include "reveille/driver/neighbour_port.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "reveille/driver/error.hpp"

namespace reveille::driver {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw BusError("host messages: " + what + ": " + std::generic_category().message(errno));
}

/// The name of the interface that has this address.
std::string interface_of(const in_addr& own) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) fail("interfaces");
  std::string name;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
    if (reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr == own.s_addr) name = each->ifa_name;
  }
  freeifaddrs(list);
  return name;
}

}  // namespace

NeighbourPort::NeighbourPort(int connected, std::uint16_t ether_type) {
  sockaddr_in own{}, peer{};
  socklen_t size = sizeof own;
  if (getsockname(connected, reinterpret_cast<sockaddr*>(&own), &size) != 0) fail("own address");
  size = sizeof peer;
  if (getpeername(connected, reinterpret_cast<sockaddr*>(&peer), &size) != 0) fail("the board's address");
  const std::string name = interface_of(own.sin_addr);
  char address[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &peer.sin_addr, address, sizeof address);
  arpreq entry{};
  std::memcpy(&entry.arp_pa, &peer, sizeof peer);
  std::strncpy(entry.arp_dev, name.c_str(), sizeof entry.arp_dev - 1);
  if (ioctl(connected, SIOCGARP, &entry) != 0 || (entry.arp_flags & ATF_COM) == 0)
    fail(std::string(address) + " on interface \"" + name + "\": no Ethernet address in the neighbour table");
  socket_ = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("a packet socket (needs CAP_NET_RAW)");
  place_.sll_family = AF_PACKET;
  place_.sll_protocol = htons(ether_type);
  place_.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
  place_.sll_halen = 6;
  std::memcpy(place_.sll_addr, entry.arp_ha.sa_data, place_.sll_halen);
}

NeighbourPort::~NeighbourPort() { close(socket_); }

void NeighbourPort::send(std::span<const std::uint8_t> payload) const {
  const auto* const place = reinterpret_cast<const sockaddr*>(&place_);
  if (sendto(socket_, payload.data(), payload.size(), 0, place, sizeof place_) < 0) fail("not sent");
}

}  // namespace reveille::driver
