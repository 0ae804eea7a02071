// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

namespace reveille::sim {

/// How far a long job is, on standard error: on a terminal one line that is written over again; elsewhere `lines` lines
/// over the length of the job.
class Progress {
 public:
  explicit Progress(int lines = 10);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `share`: of the job, 0 to 1. `text`: what else there is to say.
  void show(double share, const std::string& text);

 private:
  bool terminal_;
  int lines_;
  std::chrono::steady_clock::time_point last_{};
  int line_ = -1;
  std::size_t width_ = 0;  ///< of the line on the terminal
};

}  // namespace reveille::sim
