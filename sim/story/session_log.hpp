// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <unordered_map>
#include <vector>

#include "reveille/driver/types.hpp"
#include "sessions_file.hpp"

namespace reveille::sim {

/// Writes down what the host told the core, so that a replay of the capture can tell it again in the same place between
/// the frames. Ports do not show the cycle in which a command counts. It is placed where the host read its result, or
/// in front of the first frame, begun before that, whose verdict shows that it counted already.
class SessionLog {
 public:
  /// The host read that the command, which the core had taken at `begun_ns`, had succeeded.
  void succeeded(const driver::Command& command, std::uint64_t begun_ns, std::uint64_t now_ns);
  /// A frame that began to arrive at `begun_ns` has its verdict.
  void judged(ByteView frame, std::uint64_t begun_ns, Verdict verdict);
  /// The core sent a frame: a Wake Up shows the nonce that the core drew.
  void transmitted(ByteView frame);
  /// Everything in order of time. Sessions whose Wake Up was not sent yet have a nonce that nobody knows: left out.
  [[nodiscard]] std::vector<RecordedCommand> commands() const;

 private:
  /// A frame's verdict that goes by the store.
  struct Judged {
    std::uint64_t begun_ns;
    std::uint64_t looked_up_ns;  ///< or a little later
    net::Address client;
    Verdict verdict;
    bool sa_recovered;  ///< else an AP Request
  };
  /// A command takes its time a little after the core has taken it: the next microsecond may have begun. A session that
  /// is live at its deadline, as reckoned from before, shows that.
  void note_life(const Judged& judged);
  static bool shows(CommandCode command, const Judged& judged);

  std::deque<Judged> recent_;
  std::vector<RecordedCommand> commands_;
  std::unordered_map<net::Address, std::size_t> last_;   ///< of each client, its place in commands_
  std::unordered_map<net::Address, std::size_t> wakes_;  ///< of each client, the place of its last `wake` or `restore`
  std::uint64_t newest_ns_ = 0;                          ///< when the last command was seen to succeed
};

}  // namespace reveille::sim
