// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/results.hpp"
#include "progress.hpp"
#include "reveille/policy/guard.hpp"

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

/// The server that all frames go to, and the client that true ones come from.
policy::ServerConfig server();
const net::Address& client();

/// Minimum frames of forged AP Requests, and everything else that attackers send.
std::vector<Bytes> minimum_frames(std::size_t count);

}  // namespace reveille::sim::bench
