// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <system_error>

namespace reveille::sim::test {

/// Whether `body` is true in a copy of the process as it stands, so that what took long to get there is done once.
template <typename Body>
bool in_child(Body body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    const bool result = body();
    std::cout << std::flush;
    std::fflush(nullptr);
    _exit(result ? 0 : 1);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::system_error(errno, std::generic_category(), "waitpid");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace reveille::sim::test
