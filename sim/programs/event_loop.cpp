// SPDX-License-Identifier: Apache-2.0
#include "programs/event_loop.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "interrupt.hpp"

namespace reveille::sim {
namespace {

using kerberos::Time;

constexpr Time longest_wait = kerberos::minute;

std::int64_t steady_now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

void require(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

Time wall_clock() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

SteadyClock::SteadyClock() : begun_(wall_clock()), steady_(steady_now()) {}

Time SteadyClock::now() const { return begun_ + (steady_now() - steady_); }

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  require(epoll_ >= 0, "epoll");
  sigset_t ending;
  sigemptyset(&ending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ending, signal);
  require(::sigprocmask(SIG_BLOCK, &ending, &waiting_) == 0, "sigprocmask");
}

EventLoop::~EventLoop() {
  ::close(epoll_);
  ::sigprocmask(SIG_SETMASK, &waiting_, nullptr);
}

void EventLoop::watch(int descriptor, std::uint32_t events, Ready ready) {
  epoll_event event = {.events = events, .data = {.fd = descriptor}};
  require(::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0, "epoll");
  watched_[descriptor] = std::make_shared<Ready>(std::move(ready));
}

void EventLoop::change(int descriptor, std::uint32_t events) const {
  epoll_event event = {.events = events, .data = {.fd = descriptor}};
  require(::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) == 0, "epoll");
}

void EventLoop::forget(int descriptor) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  watched_.erase(descriptor);
}

void EventLoop::run(const std::function<void()>& expire, const std::function<std::optional<Time>()>& deadline) {
  std::array<epoll_event, 64> events = {};
  while (!stopped_ && !interrupted()) {
    expire();
    if (stopped_) return;
    Time wait = longest_wait;
    if (const std::optional<Time> due = deadline()) wait = std::clamp<Time>(*due - clock_.now(), 0, longest_wait);
    const int milliseconds = static_cast<int>((wait + 999) / 1000);
    const int count = ::epoll_pwait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds, &waiting_);
    require(count >= 0 || errno == EINTR, "epoll");
    for (int i = 0; i < count; ++i) {
      const auto watched = watched_.find(events[static_cast<std::size_t>(i)].data.fd);
      if (watched == watched_.end()) continue;  // forgotten by one before it
      const std::shared_ptr<Ready> ready = watched->second;
      (*ready)(events[static_cast<std::size_t>(i)].events);
    }
  }
}

}  // namespace reveille::sim
