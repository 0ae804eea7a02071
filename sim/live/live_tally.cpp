// SPDX-License-Identifier: Apache-2.0
#include "live/live_tally.hpp"

#include <iomanip>
#include <numeric>
#include <ostream>

namespace reveille::sim {
namespace {

std::uint64_t rate(std::uint64_t count, double seconds) {
  return static_cast<std::uint64_t>(static_cast<double>(count) / seconds + 0.5);
}

void print_losses(std::ostream& out, const Interface& interface) {
  const Interface::Losses& losses = interface.losses();
  const auto print = [&](std::uint64_t count, const char* why) {
    if (count != 0) out << "  " << interface.name() << ": " << count << " frames: " << why << '\n';
  };
  print(losses.not_read, "the queue in front of the core was full");
  print(losses.not_cut, "left for the network device to cut up, in a form that is not known");
  print(losses.not_sent, "longer than the interface takes, or its queue stayed full");
  print(losses.device, "the interface dropped them: its peer did not take them");
}

}  // namespace

std::uint64_t LiveTally::Counts::frames() const {
  return std::accumulate(verdicts.begin(), verdicts.end(), std::uint64_t{0});
}

std::uint64_t LiveTally::lost() const { return now_.lost_in_core + net_.losses().all() + host_.losses().all(); }

void LiveTally::print_line(std::ostream& out, double at, double seconds, std::size_t sessions) {
  out << std::setw(6) << std::fixed << std::setprecision(0) << at
      << " s: " << rate(now_.frames() - before_.frames(), seconds) << " frames/s in, "
      << rate(now_.to_host - before_.to_host, seconds) << " to the host, "
      << rate(now_.from_host - before_.from_host, seconds) << " from it; " << sessions << " sessions; lost "
      << lost() - lost_before_ << ';';
  const char* separator = " ";
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    if (now_.verdicts[i] == before_.verdicts[i]) continue;
    out << separator << kVerdictNames[i] << ' ' << now_.verdicts[i] - before_.verdicts[i];
    separator = ", ";
  }
  out << std::endl;
  before_ = now_;
  lost_before_ = lost();
}

void LiveTally::print_summary(std::ostream& out, double seconds, std::uint64_t cycles) const {
  out << std::fixed << std::setprecision(1) << seconds << " s: " << now_.frames() << " frames judged, " << now_.to_host
      << " to the host, " << now_.from_host << " from it, " << now_.to_net << " to the network; " << cycles
      << " cycles\n";
  for (std::size_t i = 0; i < kVerdictCount; ++i)
    if (now_.verdicts[i] != 0)
      out << "  " << std::left << std::setw(20) << kVerdictNames[i] << std::right << std::setw(12) << now_.verdicts[i]
          << '\n';
  out << "lost: " << lost() << '\n';
  if (now_.lost_in_core != 0) out << "  core: " << now_.lost_in_core << " frames: they would have passed; no room\n";
  print_losses(out, net_);
  print_losses(out, host_);
}

}  // namespace reveille::sim
