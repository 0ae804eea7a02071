// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "policy/guard.hpp"
#include "progress.hpp"

/// What the measurements of `reveille bench` share.
namespace reveille::sim::bench {

/// One measurement as it goes on.
class Measurement {
 public:
  explicit Measurement(std::string what) : what_(std::move(what)) {}
  /// Before each step of `of`; cheap enough for every frame. Throws Interrupted after Ctrl-C.
  void step(std::uint64_t done, std::uint64_t of);

 private:
  std::string what_;
  Progress progress_{1};
};

/// CPU time of this process.
double cpu_seconds();

/// The heading of a table on standard output, and a row of it: a value with its unit, or two.
void heading(const std::string& text);
void row(const std::string& label, double value, const std::string& unit, double second = 0,
         const std::string& second_unit = "");

/// The server that all frames go to, and the client that true ones come from.
policy::ServerConfig server();
const net::Address& client();

/// Minimum frames of forged AP Requests, and everything else that attackers send.
std::vector<Bytes> minimum_frames(std::size_t count);

}  // namespace reveille::sim::bench
