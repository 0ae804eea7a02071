// SPDX-License-Identifier: Apache-2.0
#include "replay/replay_page.hpp"

#include <algorithm>
#include <numeric>

#include "report/text.hpp"
#include "report/verdict_chart.hpp"

namespace reveille::sim {
namespace {

constexpr std::size_t slice_count = html::chart_slices;
constexpr std::size_t first_shown = 8;
constexpr std::size_t sources_shown = 20;
/// A flood with a source address of its own for every frame must not take all memory.
constexpr std::size_t sources_kept = 1 << 18;

/// "1, 2, 3".
std::string joined(const std::vector<std::uint64_t>& numbers) {
  std::string text;
  for (const std::uint64_t number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

std::uint64_t sum(const ReplayHistory::Counts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

ReplayHistory::ReplayHistory(std::uint64_t span_ns) : span_ns_(span_ns), slices_(slice_count) {}

void ReplayHistory::count(const Packet& packet, const Outcome& outcome) {
  const std::size_t code = index(outcome.verdict);
  const bool passed = outcome.host_frame.has_value();
  ++frames_;
  ++verdicts_[code];
  if (passed) ++to_host_[code];
  if (first_[code].size() < first_shown) first_[code].push_back(packet.number);
  const double share = static_cast<double>(packet.since_first_ns) / (static_cast<double>(span_ns_) + 1);
  ++slices_[std::min(static_cast<std::size_t>(share * slice_count), slice_count - 1)][code];

  if (outcome.source == net::Address{}) return;  // of a bypass, and of what shows none
  if (sources_.size() == sources_kept && !sources_.contains(outcome.source)) {
    ++further_;
    return;
  }
  Source& source = sources_[outcome.source];
  ++source.frames;
  ++source.verdicts[code];
  if (passed) ++source.to_host;
}

std::uint64_t ReplayHistory::judged() const { return frames_ - verdicts_[index(Verdict::bypass)]; }
std::uint64_t ReplayHistory::dropped() const { return frames_ - sum(to_host_); }

/// Of verdicts that only an AP Request has.
std::uint64_t ReplayHistory::dropped_requests() const {
  std::uint64_t requests = 0;
  for (const Verdict verdict : {Verdict::client_initiated, Verdict::not_woken, Verdict::false_nonce, Verdict::repeat,
                                Verdict::accepted, Verdict::resend}) {
    requests += verdicts_[index(verdict)] - to_host_[index(verdict)];
  }
  return requests;
}

std::string ReplayHistory::spared(std::optional<double> request_us) const {
  if (!request_us) {
    return "What the dropped AP Requests would have cost the server's CPU was not measured; on the machine where it "
           "runs it is by option ";
  }
  return "Of the dropped messages " + grouped(dropped_requests()) +
         " are AP Requests. With tickets of the server's they "
         "would have cost a server that opens each " +
         decimal(static_cast<double>(dropped_requests()) * *request_us / 1e6, 3) +
         " s of CPU time: " + decimal(*request_us, 1) +
         " µs each, measured on this machine when this page was written, "
         "as reveille bench does it.";
}

html::Json ReplayHistory::tiles() const {
  using html::tile;
  const std::uint64_t requests = to_host_[index(Verdict::accepted)] + to_host_[index(Verdict::resend)] +
                                 to_host_[index(Verdict::client_initiated)];
  return {tile(grouped(judged()), "frames judged"),
          tile(grouped(dropped()), "dropped", "good"),
          tile(grouped(judged() - dropped()), "judged frames that went to the host"),
          tile(grouped(requests), "AP Requests among them: what the server would have had to decrypt"),
          tile(grouped(verdicts_[index(Verdict::bypass)]), "frames that are none of the guard's business, passed"),
          tile(grouped(sources_.size()) + (further_ > 0 ? " and more" : ""), "source addresses of judged frames")};
}

html::Json ReplayHistory::verdict_table() const {
  std::vector<std::vector<html::Cell>> rows;
  for (std::size_t code = 0; code < kVerdictCount; ++code) {
    if (verdicts_[code] == 0) continue;
    rows.push_back({html::verdict(static_cast<Verdict>(code)), html::count(to_host_[code]),
                    html::count(verdicts_[code] - to_host_[code]),
                    html::filter("frame.number in {" + joined(first_[code]) + "}")});
  }
  return html::table("Verdicts, and a Wireshark filter for the first frames of each",
                     {"verdict", "to the host", "dropped", "filter"}, rows);
}

html::Json ReplayHistory::source_table() const {
  std::vector<std::pair<net::Address, const Source*>> busy;
  busy.reserve(sources_.size());
  for (const auto& [address, source] : sources_) busy.emplace_back(address, &source);
  const std::size_t shown = std::min(busy.size(), sources_shown);
  std::ranges::partial_sort(busy, busy.begin() + static_cast<std::ptrdiff_t>(shown), [](const auto& a, const auto& b) {
    return a.second->frames != b.second->frames ? a.second->frames > b.second->frames : a.first < b.first;
  });
  std::vector<std::vector<html::Cell>> rows;
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [address, source] = busy[i];
    std::string verdicts;
    for (std::size_t code = 0; code < kVerdictCount; ++code) {
      if (source->verdicts[code] == 0) continue;
      verdicts += (verdicts.empty() ? "" : ", ") + std::string(name(static_cast<Verdict>(code))) + " " +
                  grouped(source->verdicts[code]);
    }
    const std::string filter = (address.is_ipv4() ? "ip.src == " : "ipv6.src == ") + net::format(address);
    rows.push_back({html::filter(filter), html::count(source->to_host), html::count(source->frames - source->to_host),
                    html::text(verdicts)});
  }
  std::string title = "Sources of judged frames";
  if (sources_.size() > shown) title += ": the " + std::to_string(shown) + " busiest of " + grouped(sources_.size());
  if (further_ > 0) title += ", and " + grouped(further_) + " frames of further ones";
  return html::table(title, {"source", "to the host", "dropped", "verdicts"}, rows);
}

std::string ReplayHistory::page(const std::string& heading, const std::string& said, const std::string& command,
                                std::optional<double> request_us) const {
  const std::string result = grouped(dropped()) + " of " + grouped(judged()) + " judged frames dropped, " +
                             grouped(judged() - dropped()) + " passed to the host.";
  const double slice_us = (static_cast<double>(span_ns_) + 1) / 1e3 / slice_count;
  return html::page("replay.html",
                    {{"title", result},
                     {"eyebrow", heading},
                     {"tiles", tiles()},
                     {"said", said},
                     {"spared", spared(request_us)},
                     {"measure", request_us ? "" : "--host-cpu"},
                     {"has_charts", frames_ > 0},
                     {"tables", {verdict_table(), source_table()}},
                     {"command", command}},
                    {{"verdicts", html::verdict_chart(slice_us, slices_)}});
}

}  // namespace reveille::sim
