// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <iosfwd>
#include <optional>
#include <string>

#include "capture/capture_reader.hpp"
#include "capture/capture_writer.hpp"
#include "engine.hpp"
#include "output_file.hpp"
#include "replay.hpp"
#include "replay/replay_page.hpp"

namespace reveille::sim {

/// No output is an input too, or another output; none is without a name. Else Error{bad_input}.
void check_replay_files(const ReplayOptions& options);

/// Frames and octets of each verdict, as the table at the end shows them.
class Tally {
 public:
  void count(Verdict verdict, std::size_t octets);
  [[nodiscard]] std::uint64_t frames() const { return total_.frames; }
  [[nodiscard]] std::uint64_t frames(Verdict verdict) const { return lines_[index(verdict)].frames; }
  void print(std::ostream& out, double seconds, std::uint64_t cycles) const;

 private:
  struct Line {
    std::uint64_t frames = 0;
    std::uint64_t octets = 0;
  };
  std::array<Line, kVerdictCount> lines_{};
  Line total_;
};

/// What `--verdicts` writes.
class VerdictFile {
 public:
  explicit VerdictFile(const std::filesystem::path& path);
  void write(const Packet& packet, const Outcome& outcome);
  void commit() { file_.commit(); }

 private:
  OutputFile file_;
  std::string line_;
};

/// What a replay leaves behind: outcomes meet their packets here, in order, and go to the table, to `--verdicts`,
/// `--out` and `--report`. No file appears before commit().
class ReplayOutputs {
 public:
  explicit ReplayOutputs(const ReplayOptions& options);
  /// Before the first outcome, with `--report`: from the capture's first packet to its last.
  void expect(std::uint64_t span_ns) { history_.emplace(span_ns); }

  /// Keeps the packet until its outcome; gives its octets.
  ByteView played(Packet packet) { return waiting_.emplace_back(std::move(packet)).octets; }
  /// The outcome of the first packet played that has none yet.
  void judged(const Outcome& outcome);
  /// Texts as ReplayHistory::page takes them.
  void commit(const std::string& heading, const std::string& said, const std::string& command,
              std::optional<double> request_us);

  [[nodiscard]] const Tally& tally() const { return tally_; }
  /// Packets without an outcome.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  std::string input_;
  std::deque<Packet> waiting_;
  std::optional<VerdictFile> verdicts_;
  std::optional<PcapWriter> capture_;
  std::optional<OutputFolder> folder_;  // in front of the page, so that it goes behind it
  std::optional<OutputFile> page_;
  std::optional<ReplayHistory> history_;
  Tally tally_;
};

}  // namespace reveille::sim
