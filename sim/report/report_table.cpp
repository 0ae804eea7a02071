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
  for (const auto& [reason, count] : sessions.failed) line(out, "given up", grouped(count), reason);
  if (sessions.open > 0) line(out, "still under way", grouped(sessions.open), "when the time was over");
  if (sessions.not_woken > 0) line(out, "not woken yet", grouped(sessions.not_woken), "when the time was over");
  line(out, "woken more than once", grouped(sessions.woken_again), grouped(sessions.begun) + " sessions begun in all");
  if (sessions.strained()) {
    line(out, "under way at once, at most", grouped(sessions.most_open),
         "the store is planned for " + grouped(sessions.planned));
    line(out, "wakes refused", grouped(sessions.wakes_refused), "no place in the store, and repeated");
  }

  out << "\nVerdicts of the core                       frames\n";
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    const RunReport::VerdictCount& count = report.verdicts[code];
    if (count.frames == 0) continue;
    line(out, name(static_cast<Verdict>(code)), grouped(count.frames),
         count.true_frames > 0 ? grouped(count.true_frames) + " true" : "");
  }

  out << "\nFrames at the core\n";
  const auto fates = [&](std::string_view label, const RunReport::Fates& fate) {
    line(out, label, grouped(fate.frames),
         grouped(fate.passed) + " passed, " + grouped(fate.dropped) + " dropped by their verdict, " +
             grouped(fate.lost) + " lost; " + decimal(100 * report.load(fate), 1) + " % of the line's time");
  };
  fates("true", report.line.true_);
  if (report.line.hostile.frames > 0) {
    fates("hostile", report.line.hostile);
    line(out, "hostile, with a whole ticket", grouped(report.line.hostile.tickets_dropped), "dropped");
  }

  if (!report.attack_frames.empty()) out << "\nAttackers                                  frames\n";
  for (const auto& [attack, frames] : report.attack_frames) {
    const auto passed = report.attack_passed.find(attack);
    line(out, attack, grouped(frames),
         attack == attack_name(Attack::forged_wakeup) ? "to the clients, not to the core"
         : passed == report.attack_passed.end()       ? ""
                                                      : grouped(passed->second) + " reached the host");
  }

  if (!report.holes.empty()) out << "\nHoles                                      frames\n";
  for (const auto& [hole, count] : report.holes)
    line(out, hole, grouped(count.frames),
         grouped(count.passed) + " passed, " + grouped(count.unasked) + " came to the socket");
  line(out, "unasked AP Requests", grouped(report.unasked_requests), "came to the host's socket, by any way");

  out << "\nCryptography\n";
  line(out, "operations of the controller", grouped(report.crypto.spent.total()),
       "for " + grouped(report.crypto.requests_opened) + " AP Requests opened");

  if (report.call) {
    const CallReport& call = *report.call;
    out << "\nThe call\n";
    line(out, "it was", call.outcome, call.caller.empty() ? "" : call.caller + " called " + call.called);
    line(out, "packets of speech", grouped(call.said),
         grouped(call.heard) + " heard at the other end, " + grouped(call.messages) + " messages of signalling");
    line(out, "overheard", grouped(call.overheard), grouped(call.understood) + " of them understood without a key");
  }

  out << "\nSimulation (" << report.engine << ", KDC: " << report.kdc << ", seed " << report.scenario.seed << ")\n";
  line(out, "simulated time", seconds(report.simulated_us / 1e6),
       "156.25 MHz; " + seconds(report.cycles.jumped_us / 1e6) + " of it jumped");
  line(out, "cycles", grouped(report.cycles.run),
       grouped(static_cast<std::uint64_t>(report.cycles.per_second())) + " cycles/s");
  if (report.engine == "lockstep") {
    line(out, "cycles compared", grouped(report.cycles.compared), "every output of RTL and model");
    line(out, "differences", grouped(report.cycles.differences));
  }
  line(out, "program", report.version, "revision " + report.revision + ", configuration " + report.configuration);
  out << "\nTo repeat: " << report.command << "\n(from a clone: scripts/run in place of reveille run)\n";
}

}  // namespace reveille::sim
