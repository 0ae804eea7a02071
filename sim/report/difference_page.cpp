// SPDX-License-Identifier: Apache-2.0
#include "report/difference_page.hpp"

#include <algorithm>
#include <sstream>

#include "report/dissection.hpp"
#include "report/text.hpp"
#include "report/timing_rule.hpp"

namespace reveille::sim::html {

namespace {

Json rules(const std::string& numbers) {
  std::vector<std::vector<Cell>> rows;
  std::istringstream words(numbers);
  for (std::string number; words >> number;) {
    const std::optional<TimingRule> rule = timing_rule(number);
    rows.push_back({text(number), rule ? text(rule->text, rule->page) : text("")});
  }
  return table("The rules that say which is right", {}, rows);
}

Json judged_frame(const JudgedFrame& frame, std::uint64_t cycle) {
  std::vector<std::vector<Cell>> rows;
  for (const Field& field : dissect(frame.octets))
    rows.push_back({number(std::to_string(field.offset)), number(std::to_string(field.octets)), text(field.name),
                    text(field.value)});
  const std::string when = frame.verdict_cycle == cycle
                               ? "The frame judged in this cycle"
                               : "The last frame judged before, in cycle " + grouped(frame.verdict_cycle);
  return table(when + ": its beats came in cycles " + grouped(frame.first_cycle) + " to " + grouped(frame.last_cycle),
               {"offset", "octets", "field", "value"}, rows);
}

}  // namespace

Json difference(const Difference& difference) {
  Json in_flight = Json::array();
  for (const std::string& frame : difference.frames_in_flight) in_flight.push_back(frame);
  Json json = {{"values", table("What differs", {},
                                {{text("cycle"), text(grouped(difference.cycle))},
                                 {text("output"), text(difference.signal)},
                                 {text("RTL"), text(difference.rtl)},
                                 {text("model"), text(difference.model)}})},
               {"rules", rules(difference.rule)},
               {"judged", difference.judged ? judged_frame(*difference.judged, difference.cycle) : Json(false)},
               {"has_frames", !in_flight.empty()},
               {"in_flight", std::move(in_flight)},
               {"waves", false}};
  if (!difference.waveform.empty()) {
    json["waves"] = {{"waveform", difference.waveform.filename().string()},
                     {"view", difference.view.filename().string()},
                     {"show", "scripts/waves " + difference.waveform.string() + " " + difference.view.string()}};
  }
  return json;
}

std::string difference_view(const Difference& difference) {
  constexpr std::uint64_t units_a_cycle = 2;
  constexpr std::uint64_t cycles_shown_before = 30;
  const std::uint64_t first = difference.cycle - std::min(difference.cycle, cycles_shown_before);
  Json data = {{"cycle", difference.cycle},
               {"begin", units_a_cycle * first},
               {"at", units_a_cycle * difference.cycle},
               {"signal", difference.signal},
               {"rtl", difference.rtl},
               {"model", difference.model},
               {"port", ""}};
  // The port with its width, as the view has it further down; the signal may be a part of it.
  const std::string view = fill("difference.gtkw", data);
  const std::string port = difference.signal.substr(0, difference.signal.find('['));
  std::istringstream lines(view);
  for (std::string line; std::getline(lines, line);) {
    if (line == "TOP." + port || line.starts_with("TOP." + port + "[")) data["port"] = line.substr(4);
  }
  return fill("difference.gtkw", data);
}

}  // namespace reveille::sim::html
