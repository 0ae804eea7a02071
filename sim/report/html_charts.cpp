// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <sstream>

#include "report/html_parts.hpp"
#include "report/text.hpp"

namespace reveille::sim::html {

namespace {

// Of verdicts_over_time: names left of the plot, totals right of it.
constexpr double width = 980;
constexpr double left = 142;
constexpr double right = 880;
constexpr double curve_top = 26;
constexpr double curve_bottom = 126;
constexpr double rows_top = 152;
constexpr double row_height = 32;
constexpr double bar_height = 25;
constexpr double longest_in_ms_us = 10e6;

/// A round distance between five and ten ticks apart.
double tick_of(double span) {
  const double decade = std::pow(10, std::floor(std::log10(span)));
  for (const double step : {0.1, 0.2, 0.5}) {
    if (span / (step * decade) <= 10) return step * decade;
  }
  return decade;
}

class Plot {
 public:
  using Slices = std::vector<std::array<std::uint32_t, kVerdictCount>>;

  /// With the curve of established sessions if `sessions` has them.
  Plot(double slice_us, const Slices& slices, const RunReport* sessions)
      : slice_us_(slice_us), frames_(slices), sessions_(sessions), slices_(slices.size()) {
    for (const auto& slice : slices) {
      for (std::size_t code = 0; code < kVerdictCount; ++code) totals_[code] += slice[code];
      highest_ = std::max(highest_, *std::ranges::max_element(slice));
    }
    for (std::size_t code = 0; code < kVerdictCount; ++code) {
      if (totals_[code] > 0) rows_.push_back(static_cast<Verdict>(code));
    }
    std::ranges::stable_sort(rows_, {}, fate_of);
    if (sessions == nullptr) top_ = curve_top;
    bottom_ = top_ + static_cast<double>(rows_.size()) * row_height;
    if (slice_us * static_cast<double>(slices_) >= longest_in_ms_us) unit_ = {"s", 1e6};
  }

  std::string draw() {
    svg_ << "<svg viewBox=\"0 0 " << width << ' ' << bottom_ + 34
         << "\" role=\"img\" aria-label=\"Verdicts over time\">\n";
    axis();
    if (sessions_ != nullptr) curve(*sessions_);
    for (std::size_t i = 0; i < rows_.size(); ++i) row(rows_[i], top_ + static_cast<double>(i + 1) * row_height);
    columns();
    svg_ << "</svg>";
    return svg_.str();
  }

  [[nodiscard]] std::uint32_t highest() const { return highest_; }

 private:
  [[nodiscard]] double x(double slice) const { return left + (right - left) * slice / static_cast<double>(slices_); }

  void axis() {
    const double span = slice_us_ * static_cast<double>(slices_);
    const double tick = tick_of(span);
    for (int i = 0; i * tick <= span * 1.0001; ++i) {
      const double at = left + (right - left) * i * tick / span;
      svg_ << "<line class=\"grid\" x1=\"" << at << "\" x2=\"" << at << "\" y1=\"" << curve_top << "\" y2=\"" << bottom_
           << "\"/>"
           << "<text class=\"small mid\" x=\"" << at << "\" y=\"" << bottom_ + 20 << "\">"
           << decimal(i * tick / unit_.us, tick < unit_.us ? 1 : 0) << "</text>\n";
    }
    svg_ << "<text class=\"small\" x=\"" << right + 26 << "\" y=\"" << bottom_ + 20 << "\">" << unit_.name << "</text>";
  }

  /// Established sessions, against the reachable.
  void curve(const RunReport& report) {
    const double goal = std::max(report.sessions.reachable, 1U);
    const auto y = [&](double sessions) {
      return curve_bottom - (curve_bottom - curve_top) * std::min(1.0, sessions / goal);
    };
    std::ostringstream line;
    double established = 0;
    line << left << ' ' << y(0);
    const double done = report.simulated_us / slice_us_;
    for (std::size_t i = 0; i < slices_ && static_cast<double>(i) < done; ++i) {
      established += report.established_by_slice[i];
      line << 'L' << x(static_cast<double>(i) + 1) << ' ' << y(established);
    }
    const double end = x(std::min(done, static_cast<double>(slices_)));
    svg_ << "<path class=\"under\" d=\"M" << line.str() << 'L' << end << ' ' << y(0) << "z\"/>"
         << "<line class=\"goal\" x1=\"" << left << "\" x2=\"" << right << "\" y1=\"" << curve_top << "\" y2=\""
         << curve_top << "\"/>"
         << "<line class=\"grid\" x1=\"" << left << "\" x2=\"" << right << "\" y1=\"" << curve_bottom << "\" y2=\""
         << curve_bottom << "\"/>"
         << "<path class=\"curve\" d=\"M" << line.str() << "\"/>"
         << "<text class=\"end name passed\" x=\"" << left - 12 << "\" y=\"" << curve_top + 54
         << "\">established</text>"
         << "<text class=\"small\" x=\"" << right + 10 << "\" y=\"" << curve_top + 4 << "\">"
         << report.sessions.reachable << " reachable</text>\n";
  }

  void row(Verdict verdict, double base) {
    const std::string_view fate = css_class(fate_of(verdict));
    const std::size_t code = index(verdict);
    const double scale = bar_height / std::log1p(static_cast<double>(highest_));
    svg_ << "<line class=\"grid\" x1=\"" << left << "\" x2=\"" << right << "\" y1=\"" << base << "\" y2=\"" << base
         << "\"/>"
         << "<text class=\"end name " << fate << "\" x=\"" << left - 12 << "\" y=\"" << base - 6 << "\">"
         << name(verdict) << "</text>"
         << "<text class=\"end\" x=\"" << width - 4 << "\" y=\"" << base - 6 << "\">" << grouped(totals_[code])
         << "</text><path class=\"bar " << fate << "\" d=\"";
    const std::string bar = decimal((right - left) / static_cast<double>(slices_) * 0.86, 2);
    for (std::size_t i = 0; i < slices_; ++i) {
      const std::uint32_t frames = frames_[i][code];
      if (frames == 0) continue;
      const std::string height = decimal(scale * std::log1p(static_cast<double>(frames)), 1);
      svg_ << 'M' << decimal(x(static_cast<double>(i)), 2) << ' ' << base << "v-" << height << 'h' << bar << 'v'
           << height << 'z';
    }
    svg_ << "\"/>\n";
  }

  /// What stands under the pointer: the numbers of a slice.
  void columns() {
    for (std::size_t i = 0; i < slices_; ++i) {
      std::ostringstream title;
      title << decimal(static_cast<double>(i) * slice_us_ / unit_.us, 2) << " to "
            << decimal(static_cast<double>(i + 1) * slice_us_ / unit_.us, 2) << ' ' << unit_.name;
      for (const Verdict verdict : rows_) {
        if (const std::uint32_t frames = frames_[i][index(verdict)])
          title << "&#10;" << name(verdict) << ' ' << grouped(frames);
      }
      svg_ << "<rect fill-opacity=\"0.25\" class=\"slice\" x=\"" << decimal(x(static_cast<double>(i)), 2) << "\" y=\""
           << curve_top << "\" width=\"" << decimal((right - left) / static_cast<double>(slices_), 2) << "\" height=\""
           << bottom_ - curve_top << "\"><title>" << title.str() << "</title></rect>\n";
    }
  }

  struct Unit {
    const char* name;
    double us;
  };
  double slice_us_;
  const Slices& frames_;
  const RunReport* sessions_;
  std::size_t slices_;
  std::array<std::uint64_t, kVerdictCount> totals_{};
  double top_ = rows_top;
  Unit unit_{"ms", 1e3};
  std::vector<Verdict> rows_;
  std::uint32_t highest_ = 1;
  double bottom_ = 0;
  std::ostringstream svg_;
};

// Of session_life: boxes in a row.
constexpr int box_width = 108;
constexpr int gap = 105;
constexpr int box_y = 66;
constexpr int box_height = 50;

int box_x(int state) { return 10 + state * (box_width + gap); }

void box(std::ostream& svg, int state, const char* label, const char* meaning) {
  const int x = box_x(state);
  svg << "<rect class=\"box" << (state == 4 ? " core" : "") << "\" x=\"" << x << "\" y=\"" << box_y << "\" width=\""
      << box_width << "\" height=\"" << box_height << "\" rx=\"" << (state == 0 ? 25 : 7)
      << "\"/><text class=\"mid name\" x=\"" << x + box_width / 2 << "\" y=\"" << box_y + 22 << "\">" << label
      << "</text><text class=\"mid small\" x=\"" << x + box_width / 2 << "\" y=\"" << box_y + 39 << "\">" << meaning
      << "</text>\n";
}

void step(std::ostream& svg, int from, const char* label, const std::string& count) {
  const int x = box_x(from) + box_width;
  const int y = box_y + box_height / 2;
  svg << "<g class=\"in\"><path class=\"arrow\" d=\"M" << x + 3 << ' ' << y << 'h' << gap - 10
      << "\"/><path class=\"head\" d=\"M" << x + gap - 3 << ' ' << y
      << "l-9 -4.5v9z\"/></g><text class=\"mid mono\" x=\"" << x + gap / 2 << "\" y=\"" << y - 9 << "\">" << label
      << "</text><text class=\"mid\" x=\"" << x + gap / 2 << "\" y=\"" << y + 19 << "\">" << count << "</text>\n";
}

/// A loop over a state: frames that leave it where it is.
void loop(std::ostream& svg, int state, const std::string& text, const char* fate) {
  const int x = box_x(state) + box_width / 2;
  svg << "<g class=\"" << fate << "\"><path class=\"arrow\" d=\"M" << x - 18 << ' ' << box_y - 2
      << "c-10 -28 46 -28 36 -3\"/><path class=\"head\" d=\"M" << x + 17 << ' ' << box_y - 1
      << "l-3 -9.5l8.6 3z\"/></g><text class=\"mid small\" x=\"" << x << "\" y=\"" << box_y - 29 << "\">" << text
      << "</text>\n";
}

}  // namespace

Fate fate_of(Verdict verdict) {
  if (is_pass(verdict)) return Fate::passed;
  return kind(verdict) == VerdictKind::session ? Fate::dropped_by_session : Fate::dropped_by_form;
}

std::string wide(const std::string& name) {
  return "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"" + name + "\">";
}

std::string_view css_class(Fate fate) {
  return fate == Fate::passed ? "passed" : fate == Fate::dropped_by_session ? "session" : "form";
}

namespace {

std::string verdict_card(double slice_us, const Plot::Slices& slices, const RunReport* sessions) {
  if (slices.empty() || slice_us <= 0) return {};
  Plot plot(slice_us, slices, sessions);
  std::ostringstream out;
  out << "<div class=\"card\">" << wide("Verdicts over time") << plot.draw() << "</div>\n<ul class=\"legend\">"
      << "<li><span class=\"dot passed\"></span>to the host</li><li><span class=\"dot session\"></span>dropped: the "
         "session says no</li>"
      << "<li><span class=\"dot form\"></span>dropped: the frame or message is wrong</li>"
      << "<li>Every row has the same logarithmic scale; full height is " << grouped(plot.highest()) << " frames in "
      << decimal(slice_us, 0) << " µs. Totals on the right.</li></ul></div>\n";
  return out.str();
}

}  // namespace

std::string verdicts_over_time(const RunReport& report) {
  return verdict_card(report.slice_us, report.slices, &report);
}

std::string verdicts_over_time(double slice_us, const std::vector<std::array<std::uint32_t, kVerdictCount>>& slices) {
  return verdict_card(slice_us, slices, nullptr);
}

std::string session_life(const RunReport& report) {
  const auto frames = [&](Verdict verdict) { return grouped(report.verdicts[index(verdict)].frames); };
  std::ostringstream svg;
  svg << "<div class=\"card\">" << wide("States of a session")
      << "<svg viewBox=\"0 0 980 214\" role=\"img\" aria-label=\"The states of a session\">\n";
  box(svg, 0, "idle", "no session");
  box(svg, 1, "outstanding", "nonce sent");
  box(svg, 2, "in_service", "host decrypts");
  box(svg, 3, "replied", "tag expected");
  box(svg, 4, "recovered", "both hold keys");
  step(svg, 0, "wake", grouped(report.sessions.begun));
  step(svg, 1, "accepted", frames(Verdict::accepted));
  step(svg, 2, "reply", "");
  step(svg, 3, "sa_recovered", frames(Verdict::sa_recovered));
  loop(svg, 1, "false_nonce, dropped", "drop");
  loop(svg, 2, "repeat, dropped", "drop");
  loop(svg, 3, "resend: " + frames(Verdict::resend) + ", AP Reply again", "in");
  loop(svg, 4, "repeat, dropped", "drop");
  const int y = box_y + box_height;
  const auto middle = [](int state) { return box_x(state) + box_width / 2; };
  svg << "<g class=\"out\"><path class=\"arrow\" d=\"M" << middle(2) << ' ' << y + 3 << "v22H" << middle(1)
      << "v-16\"/><path class=\"head\" d=\"M" << middle(1) << ' ' << y + 3
      << "l-4.5 9h9z\"/></g><text class=\"mid mono\" x=\"" << (middle(1) + middle(2)) / 2 << "\" y=\"" << y + 41
      << "\">reject</text>"
      << "<g class=\"quiet\"><path class=\"arrow\" d=\"M" << middle(4) << ' ' << y + 3 << "v54H" << middle(0)
      << "v-48\"/><path class=\"head\" d=\"M" << middle(0) << ' ' << y + 3
      << "l-4.5 9h9z\"/></g><text class=\"mid small\" x=\"490\" y=\"" << y + 74
      << "\">close, or the deadline: from every state</text></svg></div></div>\n";
  return svg.str();
}

}  // namespace reveille::sim::html
