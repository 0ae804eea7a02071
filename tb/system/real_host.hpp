// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "reveille/net/frame.hpp"

/// This machine's own network stack, as a judge of what a host takes.
namespace reveille::test {

/// Why there is no such host here: no rights, no TAP.
struct HostUnavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) close(number_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

/// A host in a network namespace of its own, which ends with the process. It has one Ethernet device, a TAP, with the
/// addresses given and the link-local one of `mac`, and a UDP socket on `port` for each family's wildcard and each of
/// `bound`. Nothing that is sent here leaves the namespace.
class RealHost {
 public:
  struct Received {
    std::string socket;  ///< the address that it is bound to
    Bytes payload;
  };

  /// HostUnavailable if there can be none. The calling thread stays in the namespace.
  RealHost(const net::MacAddress& mac, const std::vector<net::Address>& addresses,
           const std::vector<net::Address>& bound, std::uint16_t port)
      : tap_(enter_and_open()) {
    set_up_device(mac, addresses);
    for (const char* wildcard : {"0.0.0.0", "::"}) open_socket(wildcard, port);
    for (const net::Address& address : bound) open_socket(net::format(address), port);
  }

  /// A frame arrives on the wire, without FCS.
  void arrive(ByteView frame) {
    const auto written = write(tap_.get(), frame.data(), frame.size());
    // The kernel itself refuses what is shorter than an Ethernet header.
    if (written != static_cast<ssize_t>(frame.size()) && frame.size() >= 14) fail("write to the TAP");
    std::array<std::uint8_t, 2048> answer{};  // what the host sends is nobody's here
    while (read(tap_.get(), answer.data(), answer.size()) > 0) continue;
  }

  /// What has come to the sockets, once none has got anything for `quiet_ms`.
  std::vector<Received> received(int quiet_ms = 30) {
    std::vector<Received> all;
    std::vector<pollfd> polled;
    for (const Socket& socket : sockets_) polled.push_back({socket.descriptor.get(), POLLIN, 0});
    while (poll(polled.data(), polled.size(), quiet_ms) > 0) {
      for (std::size_t i = 0; i < polled.size(); ++i) {
        Bytes payload(65536);
        for (ssize_t got = 0; (got = recv(polled[i].fd, payload.data(), payload.size(), MSG_DONTWAIT)) >= 0;)
          all.push_back({sockets_[i].address, Bytes(payload.begin(), payload.begin() + got)});
      }
    }
    return all;
  }

 private:
  static constexpr const char* device = "guarded";
  struct Socket {
    std::string address;
    FileDescriptor descriptor;
  };

  [[noreturn]] static void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
  }
  static void require(bool done, const std::string& what) {
    if (!done) fail(what);
  }

  static int enter_and_open() {
    if (unshare(CLONE_NEWNET) != 0)
      throw HostUnavailable(std::string("unshare(CLONE_NEWNET): ") + std::strerror(errno));
    const int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0) throw HostUnavailable(std::string("/dev/net/tun: ") + std::strerror(errno));
    ifreq request = named();
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    if (ioctl(tap, TUNSETIFF, &request) != 0) throw HostUnavailable(std::string("TUNSETIFF: ") + std::strerror(errno));
    return tap;
  }

  static ifreq named(const std::string& name = device) {
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
    return request;
  }
  static void set(const std::string& sysctl, const std::string& value) {
    std::ofstream file("/proc/sys/net/" + sysctl);
    file << value;
    require(file.flush().good(), sysctl);
  }

  static void set_up_device(const net::MacAddress& mac, const std::vector<net::Address>& addresses) {
    // No duplicate address detection: the addresses hold at once. Room for what a sweep leaves unassembled.
    set(std::string("ipv6/conf/") + device + "/disable_ipv6", "0");
    set(std::string("ipv6/conf/") + device + "/accept_dad", "0");
    set("ipv4/ipfrag_high_thresh", "268435456");
    set("ipv6/ip6frag_high_thresh", "268435456");
    const FileDescriptor ipv4(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const FileDescriptor ipv6(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = named();
    request.ifr_hwaddr.sa_family = 1;  // ARPHRD_ETHER
    std::copy(mac.begin(), mac.end(), reinterpret_cast<std::uint8_t*>(request.ifr_hwaddr.sa_data));
    require(ioctl(ipv4.get(), SIOCSIFHWADDR, &request) == 0, "SIOCSIFHWADDR");
    for (const char* each : {"lo", device}) {
      request = named(each);
      request.ifr_flags = IFF_UP | IFF_RUNNING;
      require(ioctl(ipv4.get(), SIOCSIFFLAGS, &request) == 0, "SIOCSIFFLAGS");
    }
    const int index = static_cast<int>(if_nametoindex(device));
    unsigned aliases = 0;
    for (const net::Address& address : addresses) {
      if (address.is_ipv4()) {
        request = named(std::string(device) + (aliases > 0 ? ":" + std::to_string(aliases) : ""));
        ++aliases;
        auto& inet = reinterpret_cast<sockaddr_in&>(request.ifr_addr);
        inet.sin_family = AF_INET;
        std::memcpy(&inet.sin_addr, address.header_octets().data(), 4);
        require(ioctl(ipv4.get(), SIOCSIFADDR, &request) == 0, "SIOCSIFADDR");
        inet.sin_addr.s_addr = htonl(0xffffff00);
        require(ioctl(ipv4.get(), SIOCSIFNETMASK, &request) == 0, "SIOCSIFNETMASK");
      } else {
        in6_ifreq request6{};
        std::memcpy(&request6.ifr6_addr, address.octets.data(), 16);
        request6.ifr6_prefixlen = 64;
        request6.ifr6_ifindex = index;
        require(ioctl(ipv6.get(), SIOCSIFADDR, &request6) == 0, "SIOCSIFADDR of IPv6");
      }
    }
  }

  void open_socket(const std::string& address, std::uint16_t port) {
    const bool ipv4 = address.find(':') == std::string::npos;
    FileDescriptor descriptor(socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    const int room = 64 << 20;
    setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(descriptor.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (!ipv4) setsockopt(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    sockaddr_in inet{};
    sockaddr_in6 inet6{};
    inet.sin_family = AF_INET;
    inet6.sin6_family = AF_INET6;
    inet.sin_port = inet6.sin6_port = htons(port);
    require(inet_pton(ipv4 ? AF_INET : AF_INET6, address.c_str(),
                      ipv4 ? static_cast<void*>(&inet.sin_addr) : &inet6.sin6_addr) == 1,
            address);
    // The kernel ends an IPv6 address' tentative state in its own time, even without duplicate address detection.
    for (int tries = 0;
         bind(descriptor.get(), ipv4 ? reinterpret_cast<sockaddr*>(&inet) : reinterpret_cast<sockaddr*>(&inet6),
              ipv4 ? sizeof inet : sizeof inet6) != 0;
         ++tries) {
      if (errno != EADDRNOTAVAIL || tries == 200) fail("bind " + address);
      usleep(10'000);
    }
    sockets_.push_back({address, std::move(descriptor)});
  }

  FileDescriptor tap_;
  std::vector<Socket> sockets_;
};

}  // namespace reveille::test
