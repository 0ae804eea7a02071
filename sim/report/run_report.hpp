// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/exchange.hpp"
#include "reveille/common/bytes.hpp"
#include "reveille/kerberos/operation_counter.hpp"
#include "reveille/verdict.hpp"
#include "story/scenario.hpp"

namespace reveille::sim {

/// The frame that the core judged in the cycle of a difference, or else the last one before it.
struct JudgedFrame {
  std::uint64_t first_cycle = 0;  ///< of its first beat
  std::uint64_t last_cycle = 0;   ///< of its last
  std::uint64_t verdict_cycle = 0;
  Bytes octets;
};

/// The first difference that lockstep found.
struct Difference {
  std::uint64_t cycle = 0;
  std::string signal;
  std::string rtl;
  std::string model;
  std::string rule;
  std::vector<std::string> frames_in_flight;  ///< decoded, one line each
  std::filesystem::path waveform = {};        ///< empty if none was written
  std::filesystem::path view = {};            ///< of the waveform, for scripts/waves
  std::optional<JudgedFrame> judged = {};
};

/// What became of the call at the end.
struct CallReport {
  std::string outcome;
  std::string caller, called;
  std::uint64_t messages = 0;  ///< of signalling, that were not answers
  std::uint64_t said = 0;      ///< packets of speech, by both
  std::uint64_t heard = 0;     ///< of those, at the other end, with what was said
  std::uint64_t refused = 0;   ///< that came twice, or were not authentic
  std::uint64_t overheard = 0;
  std::uint64_t understood = 0;  ///< of those overheard, without a key
};

/// All that a run leaves behind, for the terminal, report.json and report.html.
struct RunReport {
  Scenario scenario;
  std::string version;        ///< of the program
  std::string revision;       ///< the commit that it was built from
  std::string configuration;  ///< the sizes of the core, rtl/configs
  std::string engine;         ///< rtl, model, lockstep
  std::string kdc;            ///< model, mit
  bool interrupted = false;   ///< Ctrl-C: what was done so far
  double simulated_us = 0;

  struct Cycles {
    std::uint64_t run = 0;
    std::uint64_t compared = 0;     ///< 0 unless lockstep
    std::uint64_t differences = 0;  ///< 0 or 1: the first one stops the run
    double jumped_us = 0;           ///< idle time that was skipped by moving time_i
    double wall_seconds = 0;
    [[nodiscard]] double per_second() const { return wall_seconds > 0 ? static_cast<double>(run) / wall_seconds : 0; }
  } cycles;
  std::optional<Difference> difference;

  struct Sessions {
    unsigned ctas = 0;
    unsigned reachable = 0;                  ///< neither dead nor with a clock beyond the skew
    unsigned established = 0;                ///< both sides hold the same keys
    std::map<std::string, unsigned> failed;  ///< given up by the controller, by reason; dead CTAs included
    unsigned open = 0;                       ///< under way when the run ended
    unsigned not_woken = 0;                  ///< whose turn had not come when the run ended
    std::uint64_t begun = 0;                 ///< sessions that the controller began: wake commands carried out
    unsigned woken_again = 0;                ///< CTAs that got more than one session, dead ones included
    std::uint64_t most_open = 0;             ///< the most that were under way at once
    std::uint64_t planned = 0;               ///< as many as the store is planned to hold at once
    std::uint64_t wakes_refused = 0;         ///< wake commands that found no place in the store; repeated
    /// Whether more CTAs than planned were to be woken, or the store had no place for one.
    [[nodiscard]] bool strained() const { return ctas > planned || wakes_refused > 0; }
    std::vector<double> establishment_us;  ///< wake command to SA Recovered verified, one an established CTA
  } sessions;

  struct VerdictCount {
    std::uint64_t frames = 0;
    std::uint64_t octets = 0;
    std::uint64_t true_frames = 0;  ///< of the frames, those of CTAs
  };
  std::array<VerdictCount, kVerdictCount> verdicts{};

  /// What became of the frames that the core judged: each was passed, dropped by its verdict, or lost.
  struct Fates {
    std::uint64_t frames = 0;
    std::uint64_t passed = 0;           ///< to the host
    std::uint64_t dropped = 0;          ///< as the verdict says
    std::uint64_t lost = 0;             ///< too long, or no room for what would have passed
    std::uint64_t line_octets = 0;      ///< octet times that they took of the line
    std::uint64_t tickets_dropped = 0;  ///< of the dropped: AP Requests with a whole Kerberos message in them
  };
  struct Line {
    Fates true_;    ///< of CTAs
    Fates hostile;  ///< of attackers
    std::uint64_t lost_overrun = 0;
    std::uint64_t lost_oversize = 0;
    std::uint64_t net_ready_low = 0;  ///< cycles with s_axis_net_tready = 0
  } line;
  std::map<std::string, std::uint64_t> attack_frames;  ///< by attack_name, forged Wake Ups too
  std::map<std::string, std::uint64_t> attack_passed;  ///< of those, frames that reached the host

  struct HoleCount {
    std::uint64_t frames = 0;
    std::uint64_t passed = 0;   ///< to the host
    std::uint64_t unasked = 0;  ///< of those, AP Requests at the host's socket
  };
  std::map<std::string, HoleCount> holes;  ///< forms of the attack `holes`, by name
  /// AP Requests that came to the host's socket, whoever sent them, and were neither `accepted` nor `resend`.
  std::uint64_t unasked_requests = 0;

  /// The share of the 10 Gbit/s line's time that frames took, with their preambles and gaps.
  [[nodiscard]] double load(const Fates& fates) const {
    constexpr double octets_a_us = 1'250;
    return simulated_us > 0 ? static_cast<double>(fates.line_octets) / octets_a_us / simulated_us : 0;
  }

  /// Verdicts over time: equal slices of the run.
  double slice_us = 0;
  std::vector<std::array<std::uint32_t, kVerdictCount>> slices;
  std::vector<std::uint32_t> established_by_slice;  ///< sessions established in each slice

  struct Crypto {
    kerberos::OperationCounter spent;   ///< by the controller
    std::uint64_t requests_opened = 0;  ///< AP Requests that the controller decrypted
  } crypto;

  struct Cta {
    std::uint64_t wakeups_refused_zero = 0;
    std::uint64_t wakeups_refused_rate = 0;
  } cta;

  /// What the associations are for: packets of signalling, and the Rekeys that follow them.
  struct Associations {
    std::uint64_t rekeys = 0;    ///< sessions begun by a Rekey
    std::uint64_t rekeyed = 0;   ///< of these, so established
    std::uint64_t messages = 0;  ///< of signalling, that CTAs said
    std::uint64_t answered = 0;
    std::uint64_t sent_again = 0;
    std::uint64_t packets_refused = 0;  ///< by either end
  } associations;

  std::optional<CallReport> call;  ///< at the end, if one was to be placed

  std::vector<Exchange> exchanges;           ///< of the clients, in the order in which they were woken
  std::map<std::string, std::string> files;  ///< name in the folder -> what it is
  std::string command;                       ///< repeats the run
};

}  // namespace reveille::sim
