// SPDX-License-Identifier: Apache-2.0
#include "live/interface.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

#include "live/packet_interface.hpp"
#include "live/tap_interface.hpp"
#include "reveille/net/address.hpp"

namespace reveille::sim {
namespace {

/// A socket for questions about interfaces, of whatever kind.
class Question {
 public:
  Question() : descriptor_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  ~Question() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  [[nodiscard]] bool ask(unsigned long what, ifreq& request) const { return ioctl(descriptor_, what, &request) == 0; }

 private:
  int descriptor_;
};

ifreq named(const std::string& name) {
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
  return request;
}

/// Frames that the interface has dropped instead of sending them. What it drops on their way in are those that nobody
/// else wanted: this program has got them before.
std::uint64_t device_drops(const std::string& name) {
  constexpr unsigned transmit_dropped = 12;  // of the columns of /proc/net/dev
  std::ifstream file("/proc/thread-self/net/dev");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first;
    if (!std::getline(words >> std::ws, first, ':') || first != name) continue;
    std::uint64_t value = 0;
    for (unsigned column = 0; column < transmit_dropped; ++column) words >> value;
    return value;
  }
  return 0;
}

}  // namespace

std::unique_ptr<Interface> Interface::open(const std::string& name) {
  constexpr std::string_view tap = "tap:";
  const bool is_tap = name.starts_with(tap);
  const std::string device = is_tap ? name.substr(tap.size()) : name;
  if (device.empty() || device.size() >= IFNAMSIZ)
    throw Error(ErrorKind::bad_input, "interface \"" + device + "\": a name of 1 to 15 characters expected");
  if (is_tap) return std::make_unique<TapInterface>(device);
  return std::make_unique<PacketInterface>(device);
}

Interface::Interface(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {
  ifreq request = named(name_);
  if (Question().ask(SIOCGIFHWADDR, request)) std::memcpy(mac_.data(), request.ifr_hwaddr.sa_data, mac_.size());
  device_drops_before_ = device_drops(name_);
}

void Interface::fail(const std::string& what) const {
  throw Error(ErrorKind::bad_input, "interface " + name_ + ": " + what + ": " + std::generic_category().message(errno));
}

void Interface::require_up() const {
  ifreq request = named(name_);
  if (!Question().ask(SIOCGIFFLAGS, request)) throw Error(ErrorKind::bad_input, "interface " + name_ + ": is gone");
  if ((request.ifr_flags & IFF_UP) == 0)
    throw Error(ErrorKind::bad_input,
                "interface " + name_ + ": is down: expected up, as by: ip link set " + name_ + " up");
}

bool Interface::has_line() const {
  ifreq request = named(name_);
  return Question().ask(SIOCGIFFLAGS, request) && (request.ifr_flags & IFF_RUNNING) != 0;
}

void Interface::look() {
  require_up();
  const std::uint64_t drops = device_drops(name_);
  losses_.device += drops - std::min(drops, device_drops_before_);
  device_drops_before_ = drops;
}

std::string Interface::own_addresses() const {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return "";
  std::string text;
  for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
    if (name_ != each->ifa_name || each->ifa_addr == nullptr) continue;
    const int family = each->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    char address[INET6_ADDRSTRLEN] = "";
    const void* octets = family == AF_INET
                             ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(each->ifa_addr)->sin_addr)
                             : &reinterpret_cast<sockaddr_in6*>(each->ifa_addr)->sin6_addr;
    inet_ntop(family, octets, address, sizeof address);
    text += (text.empty() ? "" : ", ") + std::string(address);
  }
  freeifaddrs(list);
  return text;
}

}  // namespace reveille::sim
