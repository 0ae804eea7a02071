// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program, its clock on the wall is wrong by so many seconds as REVEILLE_CLOCK_SHIFT_S says.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long status = ::syscall(SYS_clock_gettime, clock, time);
  const char* shift = clock == CLOCK_REALTIME && status == 0 ? std::getenv("REVEILLE_CLOCK_SHIFT_S") : nullptr;
  if (shift != nullptr) time->tv_sec += std::atol(shift);
  return static_cast<int>(status);
}
