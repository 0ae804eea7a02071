// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/report_files.hpp"

namespace reveille::sim {

namespace {

using nlohmann::ordered_json;

/// The page counts in finer slices.
constexpr std::size_t slices_joined = 8;

std::vector<std::uint32_t> joined(const std::vector<std::uint32_t>& fine) {
  std::vector<std::uint32_t> coarse(fine.size() / slices_joined);
  for (std::size_t i = 0; i < coarse.size() * slices_joined; ++i) coarse[i / slices_joined] += fine[i];
  return coarse;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const std::ptrdiff_t rank = std::lround(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<std::size_t>(rank)];
}

ordered_json sessions_json(const RunReport::Sessions& sessions) {
  ordered_json json;
  json["ctas"] = sessions.ctas;
  json["reachable"] = sessions.reachable;
  json["established"] = sessions.established;
  json["failed"] = ordered_json::object();
  for (const auto& [reason, count] : sessions.failed) json["failed"][reason] = count;
  json["open"] = sessions.open;
  json["not_woken"] = sessions.not_woken;
  json["begun"] = sessions.begun;
  json["woken_again"] = sessions.woken_again;
  json["most_open"] = sessions.most_open;
  json["planned"] = sessions.planned;
  json["wakes_refused"] = sessions.wakes_refused;
  json["establishment_us"] = {{"median", percentile(sessions.establishment_us, 0.5)},
                              {"p95", percentile(sessions.establishment_us, 0.95)},
                              {"max", percentile(sessions.establishment_us, 1)}};
  return json;
}

ordered_json crypto_json(const RunReport::Crypto& crypto) {
  const kerberos::OperationCounter& spent = crypto.spent;
  return {{"spent", spent.total()},
          {"spent_by",
           {{"encryptions", spent.encryptions},
            {"decryptions", spent.decryptions},
            {"hmacs", spent.hmacs},
            {"derivations", spent.derivations}}},
          {"requests_opened", crypto.requests_opened}};
}

ordered_json fates_json(const RunReport& report, const RunReport::Fates& fates) {
  return {{"frames", fates.frames},   {"load", report.load(fates)}, {"passed", fates.passed},
          {"dropped", fates.dropped}, {"lost", fates.lost},         {"tickets_dropped", fates.tickets_dropped}};
}

ordered_json line_json(const RunReport& report) {
  const RunReport::Line& line = report.line;
  return {{"true", fates_json(report, line.true_)},
          {"hostile", fates_json(report, line.hostile)},
          {"lost_overrun", line.lost_overrun},
          {"lost_oversize", line.lost_oversize},
          {"tready_low_cycles", line.net_ready_low}};
}

}  // namespace

std::string report_json(const RunReport& report) {
  ordered_json json;
  json["schema"] = "reveille-run-3";
  json["version"] = report.version;
  json["revision"] = report.revision;
  json["configuration"] = report.configuration;
  json["seed"] = report.scenario.seed;
  json["engine"] = report.engine;
  json["kdc"] = report.kdc;
  json["interrupted"] = report.interrupted;
  json["command"] = report.command;
  json["scenario"] = ordered_json::parse(report.scenario.to_json());
  json["simulated_us"] = report.simulated_us;
  json["cycles"] = {{"run", report.cycles.run},
                    {"compared", report.cycles.compared},
                    {"differences", report.cycles.differences},
                    {"per_second", report.cycles.per_second()},
                    {"jumped_us", report.cycles.jumped_us},
                    {"wall_seconds", report.cycles.wall_seconds}};
  if (report.difference) {
    const Difference& difference = *report.difference;
    json["difference"] = {{"cycle", difference.cycle},
                          {"signal", difference.signal},
                          {"rtl", difference.rtl},
                          {"model", difference.model},
                          {"rule", difference.rule},
                          {"frames_in_flight", difference.frames_in_flight},
                          {"waveform", difference.waveform.string()},
                          {"view", difference.view.string()}};
  }
  json["sessions"] = sessions_json(report.sessions);
  json["verdicts"] = ordered_json::object();
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    json["verdicts"][std::string(name(static_cast<Verdict>(code)))] = {
        {"code", code},
        {"frames", report.verdicts[code].frames},
        {"true_frames", report.verdicts[code].true_frames},
        {"octets", report.verdicts[code].octets}};
  }
  json["line"] = line_json(report);
  json["attacks"] = ordered_json::object();
  for (const auto& [attack, frames] : report.attack_frames) {
    const auto passed = report.attack_passed.find(attack);
    json["attacks"][attack] = {{"frames", frames},
                               {"passed", passed == report.attack_passed.end() ? 0 : passed->second}};
  }
  json["unasked_requests"] = report.unasked_requests;
  json["holes"] = ordered_json::object();
  for (const auto& [hole, count] : report.holes)
    json["holes"][hole] = {{"frames", count.frames}, {"passed", count.passed}, {"unasked", count.unasked}};
  json["crypto"] = crypto_json(report.crypto);
  json["ctas"] = {{"wakeups_refused_zero_nonce", report.cta.wakeups_refused_zero},
                  {"wakeups_refused_rate", report.cta.wakeups_refused_rate}};
  json["associations"] = {
      {"rekeys", report.associations.rekeys},         {"rekeyed", report.associations.rekeyed},
      {"messages", report.associations.messages},     {"answered", report.associations.answered},
      {"sent_again", report.associations.sent_again}, {"packets_refused", report.associations.packets_refused}};
  if (report.call) {
    const CallReport& call = *report.call;
    json["call"] = {{"outcome", call.outcome},   {"caller", call.caller},       {"called", call.called},
                    {"messages", call.messages}, {"said", call.said},           {"heard", call.heard},
                    {"refused", call.refused},   {"overheard", call.overheard}, {"understood", call.understood}};
  }
  json["slice_us"] = report.slice_us * slices_joined;
  json["established_by_slice"] = joined(report.established_by_slice);
  json["files"] = report.files;
  // A path may hold octets that are no UTF-8.
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace reveille::sim
