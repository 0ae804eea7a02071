// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace reveille::fuzz {

/// A process that stays where it was made, and does what is asked of it each time in a copy of itself. It ends when
/// whoever made it does. What goes in and comes out lies in memory that they share.
class ForkServer {
 public:
  /// `get_there` once, then `play` for each run.
  template <typename GetThere, typename Play>
  ForkServer(GetThere get_there, Play play) {
    std::array<int, 2> orders{};
    std::array<int, 2> answers{};
    if (pipe(orders.data()) != 0 || pipe(answers.data()) != 0) fail("pipe");
    const pid_t server = fork();
    if (server < 0) fail("fork");
    if (server == 0) {
      close(orders[1]);
      close(answers[0]);
      get_there();
      for (char order = 0; read(orders[0], &order, 1) == 1;) {
        const char answer = in_copy(play) ? 1 : 0;
        if (write(answers[1], &answer, 1) != 1) break;
      }
      _exit(0);
    }
    close(orders[0]);
    close(answers[1]);
    order_ = orders[1];
    answer_ = answers[0];
  }
  ForkServer(ForkServer&& other) noexcept
      : order_(std::exchange(other.order_, -1)), answer_(std::exchange(other.answer_, -1)) {}
  ForkServer& operator=(ForkServer&&) = delete;
  ~ForkServer() {
    if (order_ != -1) close(order_);
    if (answer_ != -1) close(answer_);
  }

  /// Whether `play` was true.
  bool run() {
    char answer = 0;
    if (write(order_, &answer, 1) != 1) fail("the process of a start has ended");
    // libFuzzer's alarm, which looks for inputs that take too long, interrupts it.
    ssize_t got = -1;
    do {
      got = read(answer_, &answer, 1);
    } while (got < 0 && errno == EINTR);
    if (got != 1) fail("the process of a start has ended");
    return answer == 1;
  }

 private:
  template <typename Play>
  static bool in_copy(Play play) {
    const pid_t copy = fork();
    if (copy < 0) fail("fork");
    if (copy == 0) _exit(play() ? 0 : 1);
    int status = 0;
    if (waitpid(copy, &status, 0) != copy) fail("waitpid");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  [[noreturn]] static void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

  int order_ = -1;
  int answer_ = -1;
};

}  // namespace reveille::fuzz
