// SPDX-License-Identifier: Apache-2.0
#include <iomanip>
#include <ostream>

#include "report/report_files.hpp"
#include "report/text.hpp"

namespace reveille::sim {

namespace {

std::string seconds(double value) { return decimal(value, value < 1 ? 3 : 1) + " s"; }

void line(std::ostream& out, std::string_view label, std::string_view value, std::string_view remark = {}) {
  out << "  " << std::left << std::setw(30) << label << std::right << std::setw(14) << value;
  if (!remark.empty()) out << "   " << remark;
  out << '\n';
}

}  // namespace

void print_report(std::ostream& out, const RunReport& report) {
  const RunReport::Sessions& sessions = report.sessions;
  out << "\nSessions" << (report.interrupted ? " (interrupted: what was done so far)" : "") << '\n';
  line(out, "CTAs", grouped(sessions.ctas));
  line(out, "reachable", grouped(sessions.reachable), "neither dead nor with a clock beyond the skew");
  line(out, "established", grouped(sessions.established), "both sides hold the same keys");
  for (const auto& [reason, count] : sessions.aborted) line(out, "given up", grouped(count), reason);
  line(out, "woken more than once", grouped(sessions.woken_again), grouped(sessions.begun) + " sessions begun in all");

  out << "\nVerdicts of the core                       frames\n";
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    if (report.verdicts[code].frames == 0) continue;
    line(out, name(static_cast<Verdict>(code)), grouped(report.verdicts[code].frames));
  }
  line(out, "true frames lost", grouped(report.true_frames_lost), "of " + grouped(report.true_frames));

  out << "\nAttackers                                  frames\n";
  for (const auto& [attack, frames] : report.attack_frames) {
    const auto passed = report.attack_passed.find(attack);
    line(out, attack, grouped(frames),
         passed == report.attack_passed.end() ? "" : grouped(passed->second) + " reached the host");
  }

  out << "\nCryptography\n";
  const RunReport::Crypto& crypto = report.crypto;
  line(out, "operations spent by the host", grouped(crypto.spent.total()),
       "for " + grouped(crypto.requests_opened) + " AP Requests opened");
  line(out, "operations spared, estimated", grouped(crypto.spared()),
       "for " + grouped(crypto.tickets_dropped) + " dropped with a ticket; " + seconds(crypto.seconds_spared()) +
           " of CPU");
  line(out, "messages dropped", grouped(crypto.messages_dropped), "that looked like key management, by a comparison");

  out << "\nSimulation (" << report.engine << ", KDC: " << report.kdc << ", seed " << report.scenario.seed << ")\n";
  line(out, "simulated time", seconds(report.simulated_us / 1e6),
       "156.25 MHz; " + seconds(report.cycles.jumped_us / 1e6) + " of it jumped");
  line(out, "cycles", grouped(report.cycles.run),
       grouped(static_cast<std::uint64_t>(report.cycles.per_second())) + " cycles/s");
  if (report.engine == "lockstep") {
    line(out, "cycles compared", grouped(report.cycles.compared), "every output of RTL and model");
    line(out, "differences", grouped(report.cycles.differences));
  }
  out << "\nTo repeat: " << report.command << "\n(from a clone: scripts/run in place of reveille run)\n";
}

}  // namespace reveille::sim
