// SPDX-License-Identifier: Apache-2.0
#include "reveille/driver/mapped_bus.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "reveille/driver/error.hpp"

namespace reveille::driver {
namespace {

constexpr std::chrono::microseconds poll_interval(20);

std::string reason() { return std::generic_category().message(errno); }

int open_locked(const std::filesystem::path& file, std::uint64_t end) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) throw Error(ErrorKind::bad_input, file.string() + ": " + reason());
  try {
    struct stat status {};
    if (fstat(descriptor, &status) != 0) throw Error(ErrorKind::bad_input, file.string() + ": " + reason());
    // Beyond the end of a regular file an access would end the process; devices tell no size.
    if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) < end) {
      throw Error(ErrorKind::bad_input, file.string() + ": " + std::to_string(status.st_size) +
                                            " octets: " + std::to_string(end) + " at least expected");
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) throw BusInUse(file.string() + ": another driver has it");
      throw Error(ErrorKind::bad_input, file.string() + ": lock: " + reason());
    }
  } catch (...) {
    close(descriptor);
    throw;
  }
  return descriptor;
}

}  // namespace

MappedBus::MappedBus(const std::filesystem::path& file, std::uint64_t offset)
    : file_(file), descriptor_(open_locked(file, offset + kOctets)) {
  void* const mapped =
      mmap(nullptr, kOctets, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, static_cast<off_t>(offset));
  if (mapped == MAP_FAILED) {
    const std::string message = file.string() + ": offset " + std::to_string(offset) + ": mmap: " + reason();
    close(descriptor_);
    throw Error(ErrorKind::bad_input, message);
  }
  registers_ = static_cast<volatile std::uint32_t*>(mapped);
}

MappedBus::~MappedBus() {
  munmap(const_cast<std::uint32_t*>(registers_), kOctets);
  close(descriptor_);
}

volatile std::uint32_t& MappedBus::word(std::uint16_t address) const {
  if (address >= kOctets) throw BusError(file_.string() + ": no register at " + std::to_string(address));
  return registers_[address / 4];
}

std::uint32_t MappedBus::read(std::uint16_t address) { return word(address); }

void MappedBus::write(std::uint16_t address, std::uint32_t value) { word(address) = value; }

void MappedBus::wait(const std::function<bool()>& done, std::chrono::microseconds limit, std::string_view what) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) {
      if (done()) return;  // this process may have been kept waiting itself
      throw BusTimeout(file_.string() + ": timeout: no " + std::string(what) + " within " +
                       std::to_string(limit.count()) + " us");
    }
    std::this_thread::sleep_for(poll_interval);
  }
}

}  // namespace reveille::driver
