// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "report/difference_page.hpp"
#include "report/exchange_chart.hpp"
#include "report/report_files.hpp"
#include "report/text.hpp"
#include "report/verdict_chart.hpp"

namespace reveille::sim {

namespace {

using html::Cell;
using html::count;
using html::Json;
using html::number;
using html::table;
using html::text;
using html::tile;

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

std::string result_sentence(const RunReport& report) {
  if (report.difference) {
    return "RTL and model differ: " + report.difference->signal + " in cycle " + grouped(report.difference->cycle);
  }
  std::string text = grouped(report.sessions.established) + " of " + grouped(report.sessions.reachable) +
                     " reachable CTAs established at " + percent(report.scenario.loss) + " loss";
  if (report.line.hostile.frames > 0) {
    text += " while " + in_words(report.line.hostile.dropped) + " hostile frames were dropped";
  }
  if (report.sessions.not_woken > 0) text += "; " + grouped(report.sessions.not_woken) + " CTAs were not woken yet";
  return text + ".";
}

/// Why hostile frames reached the host, where only those did that are known to.
std::string passed_for(const std::map<std::string, std::uint64_t>& passed, std::uint64_t unasked_requests) {
  const bool replays = passed.contains(std::string(attack_name(Attack::replay)));
  const bool holes = passed.contains(std::string(attack_name(Attack::holes)));
  if (unasked_requests > 0 || passed.empty() || passed.size() != (replays ? 1U : 0U) + (holes ? 1U : 0U)) return {};
  std::string why = ": ";
  if (replays) why += "replays within the resend budget, answered with the AP Reply that it had";
  if (replays && holes) why += "; and ";
  if (holes) why += "tunnels and ICMP errors, of which nothing came to its socket";
  return why;
}

Json tiles(const RunReport& report) {
  const RunReport::Sessions& sessions = report.sessions;
  const RunReport::Fates& line = report.line.true_;
  const RunReport::Fates& hostile = report.line.hostile;
  const RunReport::Crypto& crypto = report.crypto;
  Json tiles = {
      tile(grouped(sessions.established) + " / " + grouped(sessions.reachable),
           "reachable CTAs established, both sides with the same keys",
           sessions.established == sessions.reachable ? "good" : ""),
      tile(grouped(line.lost) + " / " + grouped(line.passed + line.lost),
           "true frames lost, of those that were to pass; " + grouped(line.dropped) +
               " others were dropped by their verdict",
           line.lost == 0 ? "good" : "bad"),
  };
  if (hostile.frames > 0) {
    tiles.push_back(
        tile(in_words(hostile.frames), decimal(static_cast<double>(hostile.frames) / report.simulated_us, 1) +
                                           " million hostile frames a second at the core"));
    tiles.push_back(tile(grouped(hostile.passed), "hostile frames that reached the host" +
                                                      passed_for(report.attack_passed, report.unasked_requests)));
    tiles.push_back(tile(grouped(report.unasked_requests), "AP Requests that nobody asked for at the host's socket",
                         report.unasked_requests == 0 ? "good" : "bad"));
    tiles.push_back(
        tile(grouped(hostile.tickets_dropped), "hostile AP Requests with a whole ticket that the core dropped"));
  }
  tiles.push_back(tile(grouped(crypto.requests_opened), "AP Requests that the controller decrypted, with " +
                                                            grouped(crypto.spent.total()) +
                                                            " cryptographic operations in all"));
  if (!sessions.establishment_us.empty()) {
    tiles.push_back(
        tile(duration(median(sessions.establishment_us)), "from wake command to verified SA Recovered, median"));
  }
  const RunReport::Cycles& cycles = report.cycles;
  const std::string speed = in_words(static_cast<std::uint64_t>(cycles.per_second())) + " a second";
  if (report.engine == "lockstep") {
    tiles.push_back(tile(in_words(cycles.compared),
                         "cycles compared in every output, " + speed + "; " + grouped(cycles.differences) +
                             (cycles.differences == 1 ? " difference" : " differences"),
                         cycles.differences == 0 ? "good" : "bad"));
  } else {
    tiles.push_back(tile(in_words(cycles.run), "cycles, " + speed));
  }
  return tiles;
}

Json verdict_table(const RunReport& report) {
  std::vector<std::vector<Cell>> rows;
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    const auto verdict = static_cast<Verdict>(code);
    rows.push_back({html::verdict(verdict), text(html::fate(verdict) == "passed" ? "host" : "drop"),
                    count(report.verdicts[code].frames), count(report.verdicts[code].true_frames)});
  }
  return table("Verdicts of the core", {"verdict", "to", "frames", "true ones"}, rows);
}

/// The tables of the left column.
Json frame_tables(const RunReport& report) {
  Json tables = {verdict_table(report)};
  if (!report.attack_frames.empty()) {
    std::vector<std::vector<Cell>> rows;
    for (const auto& [attack, frames] : report.attack_frames) {
      const auto passed = report.attack_passed.find(attack);
      const bool at_clients = attack == attack_name(Attack::forged_wakeup);
      rows.push_back(
          {text(attack), count(frames),
           at_clients ? number("to the clients") : count(passed == report.attack_passed.end() ? 0 : passed->second)});
    }
    tables.push_back(table("Attackers", {"attack", "frames", "reached the host"}, rows));
  }
  if (!report.holes.empty()) {
    std::vector<std::vector<Cell>> rows;
    rows.reserve(report.holes.size());
    for (const auto& [hole, made] : report.holes)
      rows.push_back({text(hole), count(made.frames), count(made.passed), count(made.unasked)});
    tables.push_back(table("Holes", {"form of the AP Request", "frames", "reached the host", "and its socket"}, rows));
  }
  return tables;
}

Json session_table(const RunReport& report) {
  const RunReport::Sessions& sessions = report.sessions;
  std::vector<std::vector<Cell>> rows = {
      {text("CTAs"), count(sessions.ctas)},
      {text("reachable", "neither dead nor with a clock beyond the skew"), count(sessions.reachable)},
      {text("established"), count(sessions.established)}};
  for (const auto& [reason, number] : sessions.failed) rows.push_back({text("given up", reason), count(number)});
  if (sessions.open > 0) rows.push_back({text("still under way when the time was over"), count(sessions.open)});
  if (sessions.not_woken > 0) rows.push_back({text("not woken when the time was over"), count(sessions.not_woken)});
  rows.push_back(
      {text("woken more than once", "dead ones included; " + grouped(sessions.begun) + " sessions begun in all"),
       count(sessions.woken_again)});
  if (sessions.strained()) {
    rows.push_back({text("under way at once, at most", "the store is planned for " + grouped(sessions.planned)),
                    count(sessions.most_open)});
    rows.push_back({text("wakes refused", "no place in the store, and repeated"), count(sessions.wakes_refused)});
  }
  rows.push_back({text("Wake Ups with nonce 0 that CTAs refused"), count(report.cta.wakeups_refused_zero)});
  rows.push_back({text("Wake Ups beyond a CTA's own rate"), count(report.cta.wakeups_refused_rate)});
  return table("Sessions", {}, rows);
}

Json crypto_table(const RunReport::Crypto& crypto) {
  return table("Cryptography of the controller", {},
               {{text("operations spent", "for " + grouped(crypto.requests_opened) + " AP Requests opened"),
                 count(crypto.spent.total())},
                {text("decryptions, encryptions", "of tickets, authenticators and replies"),
                 number(grouped(crypto.spent.decryptions) + ", " + grouped(crypto.spent.encryptions))},
                {text("HMACs and hashes, keys derived"),
                 number(grouped(crypto.spent.hmacs) + ", " + grouped(crypto.spent.derivations))}});
}

Json call_table(const CallReport& call) {
  std::vector<std::vector<Cell>> rows = {{text("it was"), text(call.outcome)}};
  if (!call.caller.empty()) {
    rows.push_back({text("between"), text(call.caller + " and " + call.called)});
    rows.push_back({text("messages of signalling", "under the associations, each answered"), count(call.messages)});
    rows.push_back({text("packets of speech", "SRTP, from CTA to CTA"), count(call.said)});
    rows.push_back({text("heard at the other end"), count(call.heard)});
    rows.push_back({text("refused there", "what came twice, or was not authentic"), count(call.refused)});
    rows.push_back({text("overheard, and understood without a key"),
                    number(grouped(call.overheard) + ", " + grouped(call.understood))});
  }
  return table("The call at the end", {}, rows);
}

Json simulation_table(const RunReport& report) {
  const RunReport::Cycles& cycles = report.cycles;
  std::vector<std::vector<Cell>> rows = {{text("cycles"), count(cycles.run)}};
  if (report.engine == "lockstep") {
    rows.push_back({text("cycles compared"), count(cycles.compared)});
    rows.push_back({text("differences"), count(cycles.differences)});
  }
  rows.push_back({text("wall time"), number(decimal(cycles.wall_seconds, 1) + " s")});
  rows.push_back({text("idle time jumped"), number(duration(cycles.jumped_us))});
  rows.push_back({text("cycles with s_axis_net_tready low"), count(report.line.net_ready_low)});
  rows.push_back({text("frames lost: buffer full, too long"),
                  number(grouped(report.line.lost_overrun) + ", " + grouped(report.line.lost_oversize))});
  return table("Simulation", {}, rows);
}

/// What the story plays faster than the field, and every value of it.
Json scaled(const Scenario& scenario) {
  const auto us = [](std::uint64_t value) { return duration(static_cast<double>(value)); };
  std::vector<std::vector<Cell>> rows;
  const Json values = Json::parse(scenario.to_json());
  for (const auto& [key, value] : values.items())
    rows.push_back({text(key), number(value.is_string() ? value.get<std::string>() : value.dump())});
  return {{"delay_min", us(scenario.delay_min_us)},
          {"delay_max", us(scenario.delay_max_us)},
          {"wake_interval", us(scenario.wake_interval_us)},
          {"cta_timeout", us(scenario.cta_timeout_us)},
          {"cta_timeout_max", us(scenario.cta_timeout_max_us)},
          {"reply_timeout", us(scenario.reply_timeout_us)},
          {"reply_timeout_max", us(scenario.reply_timeout_max_us)},
          {"late", us(scenario.late_us)},
          {"lifetime", us(scenario.session_lifetime_us)},
          {"host_service", us(scenario.host_service_us)},
          {"table", table("scenario.json", {}, rows)}};
}

Json file_table(const std::map<std::string, std::string>& files) {
  std::vector<std::vector<Cell>> rows;
  rows.reserve(files.size());
  for (const auto& [file, meaning] : files) rows.push_back({Cell{.text = file, .link = file}, text(meaning)});
  return table("Beside this page", {}, rows);
}

/// What the run counted where a session goes from one state to the next.
Json session_life(const RunReport& report) {
  const auto frames = [&](Verdict verdict) { return grouped(report.verdicts[index(verdict)].frames); };
  return {{"wake", grouped(report.sessions.begun)},
          {"accepted", frames(Verdict::accepted)},
          {"resend", frames(Verdict::resend)},
          {"sa_recovered", frames(Verdict::sa_recovered)}};
}

Json chart(const RunReport& report) {
  Json chart = html::verdict_chart(report.slice_us, report.slices);
  chart["established"] = report.established_by_slice;
  chart["reachable"] = report.sessions.reachable;
  chart["done_us"] = report.simulated_us;
  return chart;
}

}  // namespace

std::string report_html(const RunReport& report) {
  const bool flood = report.line.hostile.frames > 0;
  Json data = {{"title", result_sentence(report)},
               {"eyebrow", "engine " + report.engine + " · seed " + std::to_string(report.scenario.seed) + " · KDC " +
                               (report.kdc == "mit" ? "MIT krb5kdc" : "of the model") + " · " +
                               duration(report.simulated_us) + " simulated"},
               {"ctas", grouped(report.scenario.ctas)},
               {"true_load", percent(report.load(report.line.true_))},
               {"hostile_load", flood ? percent(report.load(report.line.hostile)) : ""},
               {"is_lockstep", report.engine == "lockstep"},
               {"is_rtl", report.engine == "rtl"},
               {"is_model", report.engine == "model"},
               {"interrupted", report.interrupted},
               {"simulated", duration(report.simulated_us)},
               {"duration", duration(static_cast<double>(report.scenario.duration_us))},
               {"difference", report.difference ? html::difference(*report.difference) : Json(false)},
               {"tiles", tiles(report)},
               {"life", session_life(report)},
               {"left", frame_tables(report)},
               {"right", {session_table(report), crypto_table(report.crypto), simulation_table(report)}},
               {"scaled", scaled(report.scenario)},
               {"is_mit", report.kdc == "mit"},
               {"command", report.command},
               {"files", report.files.empty() ? Json(false) : file_table(report.files)}};
  if (report.call) data["right"].insert(data["right"].begin() + 1, call_table(*report.call));
  const Json exchanges = html::exchange_chart(report.exchanges);
  data["exchange"] = html::first_exchange(exchanges);
  data["has_charts"] = true;
  data["has_exchanges"] = !report.exchanges.empty();
  data["has_attacker"] = !report.attack_frames.empty();
  return html::page("run.html", std::move(data), {{"exchanges", exchanges}, {"verdicts", chart(report)}});
}

}  // namespace reveille::sim
