// SPDX-License-Identifier: Apache-2.0
#include "live/tap_interface.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace reveille::sim {
namespace {

constexpr std::size_t longest = 65'600;
constexpr unsigned batch = 64;

[[noreturn]] void refuse(const std::string& name, const std::string& what, int reason) {
  const std::string text = reason == EPERM || reason == EACCES
                               ? "no permission: needs CAP_NET_ADMIN (root has it), and /dev/net/tun"
                               : what + ": " + std::generic_category().message(reason);
  throw Error(ErrorKind::bad_input, "interface tap:" + name + ": " + text);
}

void set_up(const std::string& name) {
  const int question = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
  const bool done = ioctl(question, SIOCGIFFLAGS, &request) == 0 &&
                    (request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP),
                     ioctl(question, SIOCSIFFLAGS, &request) == 0);
  const int reason = errno;
  close(question);
  if (!done) refuse(name, "set up", reason);
}

int make(const std::string& name) {
  const int descriptor = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) refuse(name, "/dev/net/tun", errno);
  try {
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), sizeof request.ifr_name - 1);
    request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL);  // one that is there is somebody else's
    if (ioctl(descriptor, TUNSETIFF, &request) != 0) refuse(name, "make", errno);
    set_up(name);
  } catch (...) {
    close(descriptor);
    throw;
  }
  return descriptor;
}

}  // namespace

TapInterface::TapInterface(const std::string& name) : Interface(name, make(name)), octets_(longest) {}

TapInterface::~TapInterface() { close(descriptor_); }

bool TapInterface::receive(const Take& take) {
  unsigned count = 0;
  for (; count < batch; ++count) {
    const ssize_t octets = read(descriptor_, octets_.data(), octets_.size());
    if (octets < 0 && errno != EAGAIN && errno != EINTR) {
      const int reason = errno;
      require_up();
      errno = reason;
      fail("receive");
    }
    if (octets <= 0) break;
    take(ByteView(octets_.data(), static_cast<std::size_t>(octets)));
  }
  return count != 0;
}

void TapInterface::send(ByteView frame) {
  while (write(descriptor_, frame.data(), frame.size()) < 0) {
    if (errno == EINTR) continue;
    require_up();
    ++losses_.not_sent;
    return;
  }
}

}  // namespace reveille::sim
