// SPDX-License-Identifier: Apache-2.0
#include "bench/measurement.hpp"

#include <ctime>

#include "interrupt.hpp"
#include "story/flood.hpp"

namespace reveille::sim::bench {

void Measurement::step(std::uint64_t done, std::uint64_t of) {
  end_if_interrupted();
  if (done % 256 == 0) progress_.show(static_cast<double>(done) / static_cast<double>(of), what_);
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

policy::ServerConfig server() {
  policy::ServerConfig config;
  config.ipv4 = {net::Address::parse("192.0.2.1")};
  return config;
}
const net::Address& client() {
  static const net::Address address = net::Address::parse("198.51.100.7");
  return address;
}

std::vector<Bytes> minimum_frames(std::size_t count) {
  Measurement making("making minimum frames");
  Flood flood({Attack::garbage, Attack::false_nonce, Attack::spoof, Attack::client_initiated}, ServerHost{}, {client()},
              1);
  std::vector<Bytes> frames;
  while (frames.size() < count) {
    making.step(frames.size(), count);
    const Bytes& frame = flood.next()->octets;
    if (frame.size() == 60) frames.push_back(frame);
  }
  return frames;
}

}  // namespace reveille::sim::bench
