// SPDX-License-Identifier: Apache-2.0
// Host messages to a board that is this machine's neighbour: frames on a TAP, in a network namespace of their own.
// Needs root and /dev/net/tun, and says so where they are not there.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "catch.hpp"
#include "model/hex.hpp"
#include "reveille/common/bytes.hpp"
#include "reveille/driver/neighbour_port.hpp"

namespace reveille::driver::test {
namespace {

constexpr const char* device = "board";
const Bytes board_mac = from_hex("020000000042");

sockaddr_in address(const char* text) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(1234);
  inet_pton(AF_INET, text, &made.sin_addr);
  return made;
}

/// Descriptor of the TAP, or -1: no rights, no TAP. The process stays in the namespace.
int open_tap() {
  if (unshare(CLONE_NEWNET) != 0) return -1;
  const int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  std::strncpy(request.ifr_name, device, sizeof request.ifr_name - 1);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (tap < 0 || ioctl(tap, TUNSETIFF, &request) != 0) return -1;
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const auto set = [&](unsigned long what) { return ioctl(any, what, &request) == 0; };
  const sockaddr_in own = address("192.0.2.7");
  std::memcpy(&request.ifr_addr, &own, sizeof own);
  bool good = set(SIOCSIFADDR);
  const sockaddr_in mask = address("255.255.255.0");
  std::memcpy(&request.ifr_netmask, &mask, sizeof mask);
  good = good && set(SIOCSIFNETMASK);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  good = good && set(SIOCSIFFLAGS);
  // The board's address is known, as once it has answered.
  arpreq known{};
  const sockaddr_in board = address("192.0.2.1");
  std::memcpy(&known.arp_pa, &board, sizeof board);
  std::memcpy(known.arp_ha.sa_data, board_mac.data(), board_mac.size());
  known.arp_ha.sa_family = ARPHRD_ETHER;
  known.arp_flags = ATF_COM | ATF_PERM;
  std::strncpy(known.arp_dev, device, sizeof known.arp_dev - 1);
  good = good && ioctl(any, SIOCSARP, &known) == 0;
  close(any);
  return good ? tap : -1;
}

enum Outcome { right, unavailable, no_frame, wrong_frame, left_open, thrown };

/// In a process of its own.
Outcome send_to_neighbour() {
  const int tap = open_tap();
  if (tap < 0) return unavailable;
  const int connected = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in board = address("192.0.2.1");
  if (connect(connected, reinterpret_cast<const sockaddr*>(&board), sizeof board) != 0) return unavailable;
  const int next = dup(connected);  // the number that the port's own socket will have
  close(next);
  const Bytes payload(46, 0x5A);
  try {
    NeighbourPort(connected, 0x88B5).send(payload);
  } catch (const std::exception&) {
    return thrown;
  }
  if (fcntl(next, F_GETFD) >= 0) return left_open;
  Bytes frame(2048);
  for (;;) {  // the stack's own are among them
    const ssize_t octets = read(tap, frame.data(), frame.size());
    if (octets < 14) return no_frame;
    const ByteView whole = ByteView(frame).first(static_cast<std::size_t>(octets));
    if (whole[12] != 0x88 || whole[13] != 0xB5) continue;
    const bool addressed = std::ranges::equal(whole.first(6), board_mac);
    return addressed && std::ranges::equal(whole.subspan(14), payload) ? right : wrong_frame;
  }
}

}  // namespace

TEST_CASE("A message for a neighbour is a frame to its Ethernet address, and its socket is closed behind it") {
  const pid_t child = fork();
  if (child == 0) _exit(send_to_neighbour());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == unavailable) {
    WARN("skipped: no network namespace with a TAP here (root, /dev/net/tun)");
    return;
  }
  CHECK(WEXITSTATUS(status) == right);
}

}  // namespace reveille::driver::test
