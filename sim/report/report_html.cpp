// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "report/html_parts.hpp"
#include "report/html_table.hpp"
#include "report/report_files.hpp"
#include "report/text.hpp"

namespace reveille::sim {

namespace {

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
  return text;
}

using html::Cell;
using html::count;
using html::number;
using html::raw;
using html::text;

class Page {
 public:
  explicit Page(const RunReport& report) : report_(report) {}
  std::string build();

 private:
  void tile(const std::string& value, const std::string& meaning, const char* mood = "");
  void table(const std::string& title, const std::vector<std::string>& heads,
             const std::vector<std::vector<Cell>>& rows);
  void head();
  void trouble();
  void tiles();
  void tables();
  void verdict_table();
  void scaled();
  void files();

  const RunReport& report_;
  std::ostringstream out_;
};

void Page::tile(const std::string& value, const std::string& meaning, const char* mood) {
  out_ << html::tile(value, meaning, mood);
}

void Page::table(const std::string& title, const std::vector<std::string>& heads,
                 const std::vector<std::vector<Cell>>& rows) {
  out_ << html::table(title, heads, rows);
}

void Page::head() {
  const Scenario& scenario = report_.scenario;
  const std::string title = escape_html(result_sentence(report_));
  out_ << html::begin_page(title,
                           "engine " + escape_html(report_.engine) + " · seed " + std::to_string(scenario.seed) +
                               " · KDC " + (report_.kdc == "mit" ? "MIT krb5kdc" : "of the model") + " · " +
                               duration(report_.simulated_us) + " simulated",
                           report_.difference ? "" : ".")
       << "<p class=\"lead\">A controller set out to wake " << grouped(scenario.ctas)
       << " cable telephony adapters (CTAs); those that are alive answer with Kerberos and recover their security "
          "associations. "
       << "Every frame reached the controller through the Reveille core at 156.25 MHz"
       << ", on a 10 Gbit/s line; CTAs' frames took " << percent(report_.load(report_.line.true_)) << " of its time"
       << (report_.line.hostile.frames > 0 ? ", attackers' frames " + percent(report_.load(report_.line.hostile)) + ". "
                                           : ". ")
       << (report_.engine == "lockstep"
               ? "The Verilated core and the C++ model ran side by side, and every output of every cycle was compared."
           : report_.engine == "rtl" ? "The core was the Verilated RTL."
                                     : "The core was the cycle-accurate C++ model.")
       << "</p>\n";
}

void Page::trouble() {
  if (report_.interrupted) {
    out_ << "<div class=\"banner\"><p><b>Interrupted.</b> The run was stopped after " << duration(report_.simulated_us)
         << " of " << duration(static_cast<double>(report_.scenario.duration_us))
         << "; this is what was done so far.</p></div>\n";
  }
  if (!report_.difference) return;
  const Difference& difference = *report_.difference;
  out_ << "<div class=\"banner\"><p><b>First difference.</b> The run stopped there.</p></div>\n";
  std::vector<std::vector<Cell>> rows = {{text("cycle"), text(grouped(difference.cycle))},
                                         {text("signal"), text(difference.signal)},
                                         {text("RTL"), text(difference.rtl)},
                                         {text("model"), text(difference.model)},
                                         {text("rule"), text(difference.rule)}};
  for (const std::string& frame : difference.frames_in_flight) rows.push_back({text("in flight"), text(frame)});
  if (!difference.waveform.empty()) rows.push_back({text("waveform"), text(difference.waveform.string())});
  table("RTL and model", {}, rows);
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

void Page::tiles() {
  const RunReport::Sessions& sessions = report_.sessions;
  const RunReport::Fates& line = report_.line.true_;
  const RunReport::Fates& hostile = report_.line.hostile;
  out_ << "<div class=\"tiles\">\n";
  tile(grouped(sessions.established) + " / " + grouped(sessions.reachable),
       "reachable CTAs established, both sides with the same keys",
       sessions.established == sessions.reachable ? "good" : "");
  tile(grouped(line.lost) + " / " + grouped(line.passed + line.lost),
       "true frames lost, of those that were to pass; " + grouped(line.dropped) +
           " others were dropped by their verdict",
       line.lost == 0 ? "good" : "bad");
  if (hostile.frames > 0) {
    tile(in_words(hostile.frames), decimal(static_cast<double>(hostile.frames) / report_.simulated_us, 1) +
                                       " million hostile frames a second at the core");
    tile(grouped(hostile.passed),
         "hostile frames that reached the host" + passed_for(report_.attack_passed, report_.unasked_requests));
    tile(grouped(report_.unasked_requests), "AP Requests that nobody asked for at the host's socket",
         report_.unasked_requests == 0 ? "good" : "bad");
    tile(grouped(hostile.tickets_dropped), "hostile AP Requests with a whole ticket that the core dropped");
  }
  const RunReport::Crypto& crypto = report_.crypto;
  tile(grouped(crypto.requests_opened), "AP Requests that the controller decrypted, with " +
                                            grouped(crypto.spent.total()) + " cryptographic operations in all");
  if (!sessions.establishment_us.empty())
    tile(duration(median(sessions.establishment_us)), "from wake command to verified SA Recovered, median");
  const std::string speed = in_words(static_cast<std::uint64_t>(report_.cycles.per_second())) + " a second";
  if (report_.engine == "lockstep") {
    tile(in_words(report_.cycles.compared),
         "cycles compared in every output, " + speed + "; " + grouped(report_.cycles.differences) + " differences",
         report_.cycles.differences == 0 ? "good" : "bad");
  } else {
    tile(in_words(report_.cycles.run), "cycles, " + speed);
  }
  out_ << "</div>\n";
}

void Page::verdict_table() {
  std::vector<std::vector<Cell>> rows;
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    const auto verdict = static_cast<Verdict>(code);
    const html::Fate fate = html::fate_of(verdict);
    rows.push_back(
        {raw("<span class=\"dot " + std::string(html::css_class(fate)) + "\"></span>" + std::string(name(verdict))),
         text(fate == html::Fate::passed ? "host" : "drop"), count(report_.verdicts[code].frames),
         count(report_.verdicts[code].true_frames)});
  }
  table("Verdicts of the core", {"verdict", "to", "frames", "true ones"}, rows);
}

void Page::tables() {
  out_ << "<h2>In numbers</h2>\n<div class=\"columns\">\n";
  out_ << "<div class=\"stack\">\n";
  verdict_table();
  if (!report_.attack_frames.empty()) {
    std::vector<std::vector<Cell>> rows;
    for (const auto& [attack, frames] : report_.attack_frames) {
      const auto passed = report_.attack_passed.find(attack);
      const bool at_clients = attack == attack_name(Attack::forged_wakeup);
      rows.push_back(
          {text(attack), count(frames),
           at_clients ? number("to the clients") : count(passed == report_.attack_passed.end() ? 0 : passed->second)});
    }
    table("Attackers", {"attack", "frames", "reached the host"}, rows);
  }
  if (!report_.holes.empty()) {
    std::vector<std::vector<Cell>> rows;
    for (const auto& [hole, made] : report_.holes)
      rows.push_back({text(hole), count(made.frames), count(made.passed), count(made.unasked)});
    table("Holes", {"form of the AP Request", "frames", "reached the host", "and its socket"}, rows);
  }
  out_ << "</div>\n<div class=\"stack\">\n";
  const RunReport::Sessions& sessions = report_.sessions;
  std::vector<std::vector<Cell>> life = {
      {text("CTAs"), count(sessions.ctas)},
      {raw("reachable<small>neither dead nor with a clock beyond the skew</small>"), count(sessions.reachable)},
      {text("established"), count(sessions.established)}};
  for (const auto& [reason, number] : sessions.failed) {
    life.push_back({raw("given up<small>" + escape_html(reason) + "</small>"), count(number)});
  }
  if (sessions.open > 0) life.push_back({text("still under way when the time was over"), count(sessions.open)});
  if (sessions.not_woken > 0) life.push_back({text("not woken when the time was over"), count(sessions.not_woken)});
  life.push_back({raw("woken more than once<small>dead ones included; " + grouped(sessions.begun) +
                      " sessions begun in all</small>"),
                  count(sessions.woken_again)});
  if (sessions.strained()) {
    life.push_back(
        {raw("under way at once, at most<small>the store is planned for " + grouped(sessions.planned) + "</small>"),
         count(sessions.most_open)});
    life.push_back(
        {raw("wakes refused<small>no place in the store, and repeated</small>"), count(sessions.wakes_refused)});
  }
  life.push_back({text("Wake Ups with nonce 0 that CTAs refused"), count(report_.cta.wakeups_refused_zero)});
  life.push_back({text("Wake Ups beyond a CTA's own rate"), count(report_.cta.wakeups_refused_rate)});
  table("Sessions", {}, life);

  const RunReport::Crypto& crypto = report_.crypto;
  table("Cryptography of the controller", {},
        {{raw("operations spent<small>for " + grouped(crypto.requests_opened) + " AP Requests opened</small>"),
          count(crypto.spent.total())},
         {raw("decryptions, encryptions<small>of tickets, authenticators and replies</small>"),
          number(grouped(crypto.spent.decryptions) + ", " + grouped(crypto.spent.encryptions))},
         {text("HMACs and hashes, keys derived"),
          number(grouped(crypto.spent.hmacs) + ", " + grouped(crypto.spent.derivations))}});

  const RunReport::Cycles& cycles = report_.cycles;
  std::vector<std::vector<Cell>> simulation = {{text("cycles"), count(cycles.run)}};
  if (report_.engine == "lockstep") {
    simulation.push_back({text("cycles compared"), count(cycles.compared)});
    simulation.push_back({text("differences"), count(cycles.differences)});
  }
  simulation.push_back({text("wall time"), number(decimal(cycles.wall_seconds, 1) + " s")});
  simulation.push_back({text("idle time jumped"), number(duration(cycles.jumped_us))});
  simulation.push_back({text("cycles with s_axis_net_tready low"), count(report_.line.net_ready_low)});
  simulation.push_back({text("frames lost: buffer full, too long"),
                        number(grouped(report_.line.lost_overrun) + ", " + grouped(report_.line.lost_oversize))});
  simulation.push_back({raw("program<small>revision " + escape_html(report_.revision) + ", configuration " +
                            escape_html(report_.configuration) + "</small>"),
                        number(report_.version)});
  table("Simulation", {}, simulation);
  out_ << "</div></div>\n";
}

void Page::scaled() {
  const Scenario& s = report_.scenario;
  const auto us = [](std::uint64_t value) { return duration(static_cast<double>(value)); };
  out_ << "<h2>What is scaled</h2>\n<p>One second of a 10 Gbit/s core is 156 million cycles, minutes of simulation. So "
          "the story plays its "
       << "waiting times far shorter than the milliseconds and seconds of the field: the network delays "
       << us(s.delay_min_us) << " to " << us(s.delay_max_us) << ", a Wake Up is repeated after "
       << us(s.wake_interval_us) << ", a CTA waits " << us(s.cta_timeout_us) << " to " << us(s.cta_timeout_max_us)
       << " for an answer and the controller " << us(s.reply_timeout_us) << " to " << us(s.reply_timeout_max_us)
       << " (each time twice as long), late CTAs answer after " << us(s.late_us) << ", and a session lives "
       << us(s.session_lifetime_us) << ". Not scaled: the core's clock, the line's rate, every octet, and the "
       << us(s.host_service_us)
       << " for which one AP Request keeps the controller busy.</p>\n<details class=\"more\"><summary>Every value of "
          "the scenario</summary>\n";
  std::vector<std::vector<Cell>> rows;
  const auto scenario = nlohmann::ordered_json::parse(s.to_json());
  for (const auto& [key, value] : scenario.items()) {
    rows.push_back({raw("<code>" + escape_html(key) + "</code>"),
                    number(value.is_string() ? value.get<std::string>() : value.dump())});
  }
  table("scenario.json", {}, rows);
  out_ << "</details>\n";
}

void Page::files() {
  out_ << "<h2>To repeat it</h2>\n<p>The same seed gives the same octets"
       << (report_.kdc == "mit" ? ", but for what MIT's KDC draws itself" : "") << ".</p>\n<pre class=\"command\">"
       << escape_html(report_.command) << "</pre>\n";
  out_ << "<p class=\"note\">From a clone: <code>scripts/run</code> in place of <code>reveille run</code>.</p>\n";
  if (!report_.files.empty()) {
    std::vector<std::vector<Cell>> rows;
    for (const auto& [file, meaning] : report_.files) {
      rows.push_back({raw("<a href=\"" + escape_html(file) + "\">" + escape_html(file) + "</a>"), text(meaning)});
    }
    table("Beside this page", {}, rows);
  }
}

std::string Page::build() {
  head();
  trouble();
  tiles();
  out_ << "<h2>One exchange, frame by frame</h2>\n<p class=\"note\">What one CTA and the core, the controller and the "
          "KDC "
          "sent each other until the controller had its SA Recovered, drawn from the frames at the core's ports; times "
          "from its first step. Choose a step to see its octets. "
       << (report_.attack_frames.contains(std::string(attack_name(Attack::replay)))
               ? "An AP Request that reaches the controller as resend, without one from the CTA, is an attacker's "
                 "replay: "
                 "the controller answers with the AP Reply that it already has."
               : "")
       << (report_.exchange.empty() || report_.exchange.front().to != ExchangeStep::Party::kdc
               ? ""
               : " A forged Wake Up came before the true one, so the CTA had already begun to ask the KDC.")
       << "</p>\n"
       << html::exchange(report_.exchange) << "<h2>Verdicts over time</h2>\n"
       << html::verdicts_over_time(report_)
       << "<h2>Life of a session</h2>\n<p class=\"note\">What the core keeps of each client, and what this run counted "
          "on the way.</p>\n"
       << html::session_life(report_);
  tables();
  scaled();
  files();
  // Opens the frame that a link in the diagram leads to.
  out_ << "<footer>Schema and terms: docs/report.md and docs/protocol.md of the project.</footer></main>\n<script>\n"
       << "const show = () => { const target = document.getElementById(location.hash.slice(1)); if (target) "
          "target.open = "
          "true; };\naddEventListener('hashchange', show);\nshow();\n"
       << "</script></body></html>\n";
  return out_.str();
}

}  // namespace

std::string report_html(const RunReport& report) { return Page(report).build(); }

}  // namespace reveille::sim
