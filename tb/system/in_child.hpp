// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <system_error>

namespace reveille::sim::test {

/// A value that children write and the parent reads.
template <typename Value>
class Shared {
 public:
  Shared() {
    void* memory = mmap(nullptr, sizeof(Value), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    value_ = new (memory) Value{};
  }
  ~Shared() { munmap(value_, sizeof(Value)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  Value& operator*() { return *value_; }

 private:
  Value* value_;
};

/// Whether `body` is true in a copy of the process as it stands, so that what took long to get there is done once. It
/// is not where it throws: the copy must not go on with what is its parent's.
template <typename Body>
bool in_child(Body body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    bool result = false;
    try {
      result = body();
    } catch (const std::exception& error) {
      std::cerr << error.what() << std::endl;
    }
    std::cout << std::flush;
    std::fflush(nullptr);
    _exit(result ? 0 : 1);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::system_error(errno, std::generic_category(), "waitpid");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace reveille::sim::test
