// SPDX-License-Identifier: Apache-2.0
#include "replay/replay_outputs.hpp"

#include <algorithm>
#include <charconv>
#include <iomanip>
#include <ostream>

#include "reveille/net/frame.hpp"

namespace reveille::sim {
namespace {

constexpr const char* page_name = "report.html";

/// Only the frame tells ::ffff:192.0.2.1 from 192.0.2.1, and :: from no source at all (L20).
std::string source(ByteView frame, const Outcome& outcome) {
  switch (net::ip_family(frame)) {
    case 4: return net::format(outcome.source);
    case 6: return net::format_ipv6(outcome.source);
    default: return {};
  }
}

/// In decimal, or to `base`, with zeros in front up to `width` digits. A stream takes ten times as long.
void append_number(std::string& line, std::uint64_t value, std::size_t width = 0, int base = 10) {
  std::array<char, 20> digits{};
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  if (count < width) line.append(width - count, '0');
  line.append(digits.data(), count);
}

}  // namespace

void check_replay_files(const ReplayOptions& options) {
  using Named = std::pair<const char*, const std::optional<std::filesystem::path>&>;
  const std::optional<std::filesystem::path> input = options.input;
  std::optional<std::filesystem::path> page;
  if (options.report) page = *options.report / page_name;
  const Named files[] = {{"IN", input},
                         {"--sessions", options.sessions},
                         {"--keytab", options.keytab},
                         {"--verdicts", options.verdicts},
                         {"--out", options.out},
                         {"the page of --report", page}};
  const auto require_apart = [](const Named& output, const Named& other) {
    if (!output.second || !other.second || !is_same_file(*output.second, *other.second)) return;
    throw Error(ErrorKind::bad_input, output.second->string() + ": " + output.first + " names the same file as " +
                                          other.first + ": another expected");
  };
  for (const auto& [name, path] : files) {
    if (path && path->empty()) throw Error(ErrorKind::bad_input, std::string(name) + R"(: "": expected a file)");
  }
  constexpr std::size_t first_output = 3;
  for (std::size_t output = first_output; output < std::size(files); ++output) {
    for (std::size_t other = 0; other < output; ++other) require_apart(files[output], files[other]);
  }
}

void Tally::count(Verdict verdict, std::size_t octets) {
  Line& line = lines_.at(index(verdict));
  ++line.frames;
  line.octets += octets;
  ++total_.frames;
  total_.octets += octets;
}

void Tally::print(std::ostream& out, double seconds, std::uint64_t cycles) const {
  const auto row = [&out](std::string_view label, const Line& line) {
    out << std::left << std::setw(18) << label << std::right << std::setw(12) << line.frames << std::setw(16)
        << line.octets << '\n';
  };
  out << std::left << std::setw(18) << "verdict" << std::right << std::setw(12) << "frames" << std::setw(16) << "octets"
      << '\n';
  for (std::size_t code = 0; code < lines_.size(); ++code) {
    if (lines_[code].frames > 0) row(name(static_cast<Verdict>(code)), lines_[code]);
  }
  row("total", total_);
  out << "frames per second " << std::fixed << std::setprecision(0)
      << static_cast<double>(total_.frames) / std::max(seconds, 1e-9) << ", cycles simulated " << cycles << '\n';
}

VerdictFile::VerdictFile(const std::filesystem::path& path) : file_(path) {
  file_.stream() << "frame,time,verdict,to_host,source,nonce\n";
}

void VerdictFile::write(const Packet& packet, const Outcome& outcome) {
  constexpr std::uint64_t second = 1'000'000'000;
  line_.clear();
  append_number(line_, packet.number);
  line_ += ',';
  append_number(line_, packet.since_first_ns / second);
  line_ += '.';
  append_number(line_, packet.since_first_ns % second, 9);
  line_ += ',';
  line_ += name(outcome.verdict);
  line_ += outcome.host_frame ? ",1," : ",0,";
  if (outcome.verdict != Verdict::bypass) line_ += source(packet.octets, outcome);
  line_ += ',';
  if (outcome.nonce) {
    line_ += "0x";
    append_number(line_, *outcome.nonce, 8, 16);
  }
  line_ += '\n';
  file_.stream().write(line_.data(), static_cast<std::streamsize>(line_.size()));
}

ReplayOutputs::ReplayOutputs(const ReplayOptions& options) : input_(options.input.string()) {
  if (options.verdicts) verdicts_.emplace(*options.verdicts);
  if (options.out) capture_.emplace(*options.out);
  if (!options.report) return;
  folder_.emplace("--report", *options.report);
  page_.emplace(*options.report / page_name);
}

void ReplayOutputs::judged(const Outcome& outcome) {
  if (waiting_.empty()) throw Error(ErrorKind::internal, "an outcome without a frame");
  const Packet packet = std::move(waiting_.front());
  waiting_.pop_front();
  tally_.count(outcome.verdict, packet.octets.size());
  if (page_) history_->count(packet, outcome);
  if (verdicts_) verdicts_->write(packet, outcome);
  if (capture_ && outcome.host_frame) {
    try {
      capture_->write(packet.timestamp, *outcome.host_frame);
    } catch (const Error& error) {
      throw Error(error.kind(), input_ + ": packet " + std::to_string(packet.number) + ": " + error.what());
    }
  }
}

void ReplayOutputs::commit(const std::string& heading, const std::string& said, const std::string& command,
                           std::optional<double> request_us) {
  if (page_) {
    page_->stream() << history_->page(heading, said, command, request_us);
    page_->commit();
  }
  if (verdicts_) verdicts_->commit();
  if (capture_) capture_->commit();
}

}  // namespace reveille::sim
