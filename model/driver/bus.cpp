// SPDX-License-Identifier: Apache-2.0
#include "reveille/driver/bus.hpp"

#include "reveille/driver/error.hpp"

namespace reveille::driver {

void Bus::access(std::span<Access> accesses) {
  for (Access& access : accesses) {
    if (access.write) {
      write(access.address, access.value);
    } else {
      access.value = read(access.address);
    }
  }
}

void Bus::send(std::span<const std::uint8_t> /*message*/) {
  throw BusError("this bus leads to the registers alone: host messages go by the core's stream");
}

}  // namespace reveille::driver
