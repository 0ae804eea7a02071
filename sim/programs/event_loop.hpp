// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "reveille/kerberos/time.hpp"

namespace reveille::sim {

/// The clock on the wall, in microseconds.
kerberos::Time wall_clock();

/// A time that never goes back, whatever is done to the clock on the wall; the clock differs from it by an offset.
class SteadyClock {
 public:
  SteadyClock();
  [[nodiscard]] kerberos::Time now() const;
  [[nodiscard]] kerberos::Time offset() const { return wall_clock() - now(); }

 private:
  kerberos::Time begun_;  ///< by the clock on the wall
  std::int64_t steady_;   ///< and by the steady one
};

/// Calls back for descriptors that are ready and times that have come, until a signal asks for the end or stop() is
/// called. A signal is heard while it waits, never lost in between.
class EventLoop {
 public:
  using Ready = std::function<void(std::uint32_t events)>;  ///< of epoll

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void watch(int descriptor, std::uint32_t events, Ready ready);
  void change(int descriptor, std::uint32_t events) const;
  void forget(int descriptor);

  /// `expire` is called before every wait, which then lasts until `deadline` at most.
  void run(const std::function<void()>& expire, const std::function<std::optional<kerberos::Time>()>& deadline);
  void stop() { stopped_ = true; }
  [[nodiscard]] const SteadyClock& clock() const { return clock_; }

 private:
  int epoll_;
  bool stopped_ = false;
  sigset_t waiting_ = {};  ///< the signals blocked while it waits; otherwise those that end it are, too
  std::unordered_map<int, std::shared_ptr<Ready>> watched_;
  SteadyClock clock_;
};

}  // namespace reveille::sim
