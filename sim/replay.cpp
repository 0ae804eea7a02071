// SPDX-License-Identifier: Apache-2.0
#include "replay.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <deque>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "capture/capture_writer.hpp"
#include "interrupt.hpp"
#include "net/frame.hpp"
#include "replay/learning.hpp"
#include "replay/replay_page.hpp"
#include "replay/survey.hpp"
#include "sessions_file.hpp"

namespace reveille::sim {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* page_name = "report.html";

/// Frames and octets of each verdict, as the table at the end shows them.
class Tally {
 public:
  void count(Verdict verdict, std::size_t octets) {
    Line& line = lines_.at(index(verdict));
    ++line.frames;
    line.octets += octets;
    ++total_.frames;
    total_.octets += octets;
  }
  [[nodiscard]] std::uint64_t frames() const { return total_.frames; }

  void print(std::ostream& out, double seconds, std::uint64_t cycles) const {
    const auto row = [&out](std::string_view label, const Line& line) {
      out << std::left << std::setw(18) << label << std::right << std::setw(12) << line.frames << std::setw(16)
          << line.octets << '\n';
    };
    out << std::left << std::setw(18) << "verdict" << std::right << std::setw(12) << "frames" << std::setw(16)
        << "octets" << '\n';
    for (std::size_t code = 0; code < lines_.size(); ++code) {
      if (lines_[code].frames > 0) row(name(static_cast<Verdict>(code)), lines_[code]);
    }
    row("total", total_);
    out << "frames per second " << std::fixed << std::setprecision(0)
        << static_cast<double>(total_.frames) / std::max(seconds, 1e-9) << ", cycles simulated " << cycles << '\n';
  }

 private:
  struct Line {
    std::uint64_t frames = 0;
    std::uint64_t octets = 0;
  };
  std::array<Line, kVerdictCount> lines_{};
  Line total_;
};

/// One line that changes on a terminal, a line now and then elsewhere.
class Progress {
 public:
  explicit Progress(std::ostream& out) : out_(out), terminal_(&out == &std::cerr && isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (terminal_ && shown_) out_ << "\r\033[K" << std::flush;
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::uint64_t frames, std::uint64_t simulated_us) {
    const auto now = Clock::now();
    const auto interval = terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(5000);
    if (now - last_ < interval) return;
    last_ = now;
    shown_ = true;
    out_ << (terminal_ ? "\r\033[K" : "") << "replay: " << frames << " frames, " << std::fixed << std::setprecision(3)
         << static_cast<double>(simulated_us) / 1e6 << " s of the capture" << (terminal_ ? "" : "\n") << std::flush;
  }

 private:
  std::ostream& out_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point last_ = Clock::now();
};

/// What `--verdicts` writes.
class VerdictFile {
 public:
  explicit VerdictFile(const std::filesystem::path& path) : file_(path) {
    file_.stream() << "frame,time,verdict,to_host,source,nonce\n";
  }

  void write(const Packet& packet, const Outcome& outcome) {
    std::ostream& out = file_.stream();
    constexpr std::uint64_t second = 1'000'000'000;
    out << packet.number << ',' << packet.since_first_ns / second << '.' << std::setfill('0') << std::setw(9)
        << packet.since_first_ns % second << ',' << name(outcome.verdict) << ',' << (outcome.host_frame ? 1 : 0) << ',';
    if (outcome.verdict != Verdict::bypass) out << source(packet.octets, outcome);
    out << ',';
    if (outcome.nonce) out << "0x" << std::hex << std::setw(8) << *outcome.nonce << std::dec;
    out << std::setfill(' ') << '\n';
  }
  void commit() { file_.commit(); }

 private:
  /// Only the frame tells ::ffff:192.0.2.1 from 192.0.2.1, and :: from no source at all (L20).
  static std::string source(ByteView frame, const Outcome& outcome) {
    switch (net::ip_family(frame)) {
      case 4: return net::format(outcome.source);
      case 6: return net::format_ipv6(outcome.source);
      default: return {};
    }
  }

  OutputFile file_;
};

/// No output is an input too, or the other output.
void check_files(const ReplayOptions& options) {
  using Named = std::pair<const char*, const std::optional<std::filesystem::path>&>;
  const std::optional<std::filesystem::path> input = options.input;
  std::optional<std::filesystem::path> page;
  if (options.report) page = *options.report / page_name;
  const Named files[] = {{"IN", input},
                         {"--sessions", options.sessions},
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
  for (std::size_t output = 2; output < std::size(files); ++output) {
    for (std::size_t other = 0; other < output; ++other) require_apart(files[output], files[other]);
  }
}

/// The folder of `--report`, gone again with the object if it was made for a page that was not written.
class ReportFolder {
 public:
  explicit ReportFolder(const std::filesystem::path& folder) : folder_(folder) {
    std::error_code error;
    if (!folder.empty()) made_ = std::filesystem::create_directories(folder, error);
    if (folder.empty() || error || !std::filesystem::is_directory(folder, error)) {
      throw Error(ErrorKind::bad_input, "--report: \"" + folder.string() +
                                            "\": " + (error ? error.message() + ": " : "") + "expected a folder");
    }
  }
  ~ReportFolder() {
    std::error_code ignored;
    if (made_) std::filesystem::remove(folder_, ignored);  // which leaves one with a page in it
  }
  ReportFolder(const ReportFolder&) = delete;
  ReportFolder& operator=(const ReportFolder&) = delete;

 private:
  std::filesystem::path folder_;
  bool made_ = false;
};

/// Outcomes meet their packets here, and go to the outputs.
class Recorder {
 public:
  explicit Recorder(const ReplayOptions& options) : input_(options.input.string()) {
    if (options.verdicts) verdicts_.emplace(*options.verdicts);
    if (options.out) capture_.emplace(*options.out);
    if (!options.report) return;
    folder_.emplace(*options.report);
    page_.emplace(*options.report / page_name);
  }
  void expect(std::uint64_t span_ns) { history_.emplace(span_ns); }

  void played(Packet packet) { waiting_.push_back(std::move(packet)); }
  void judged(const Outcome& outcome) {
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
  void commit(const std::string& heading, const std::string& said, const std::string& command) {
    if (page_) {
      page_->stream() << history_->page(heading, said, command);
      page_->commit();
    }
    if (verdicts_) verdicts_->commit();
    if (capture_) capture_->commit();
  }
  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  std::string input_;
  std::deque<Packet> waiting_;
  std::optional<VerdictFile> verdicts_;
  std::optional<PcapWriter> capture_;
  std::optional<ReportFolder> folder_;  // in front of the page, so that it goes behind it
  std::optional<OutputFile> page_;
  std::optional<ReplayHistory> history_;
  Tally tally_;
};

std::unique_ptr<CaptureReader> open_capture(const ReplayOptions& options) {
  return CaptureReader::open(options.input, {.allow_short = options.allow_short, .lenient = options.lenient});
}

bool is_from_server(const Packet& packet, const policy::ServerConfig& server) {
  const std::optional<FrameView> seen = view(packet.octets);
  return seen && is_from_server(*seen, server);
}

void restore_sessions(Engine& engine, const SessionsFile& file, const std::string& name) {
  for (std::size_t i = 0; i < file.sessions.size(); ++i) {
    const policy::CommandResult result = engine.restore(file.sessions[i], 0);
    if (result == policy::CommandResult::ok) continue;
    std::string message = name + ": sessions[" + std::to_string(i) + "]: client ";
    message += net::format(file.sessions[i].client);
    message +=
        result == policy::CommandResult::full ? ": no room in the store's buckets for it" : ": the store refuses it";
    throw Error(ErrorKind::bad_input, message);
  }
}

struct Preview {
  std::string said;
  std::uint64_t span_ns = 0;
  std::vector<Lesson> lessons;
};

/// What the capture is, before any of it is judged; and, where asked for, what it teaches. Packets that are wrong are
/// found here. Of what can be read only once, a pipe for instance, it says nothing.
Preview look_ahead(const ReplayOptions& options, const policy::ServerConfig& server) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(options.input, ignored)) {
    if ((!options.server && !options.report) || !std::filesystem::exists(options.input, ignored)) return {};
    throw Error(ErrorKind::bad_input, options.input.string() + ": a regular file expected: " +
                                          (options.server ? "--server" : "--report") + " reads the capture twice");
  }
  const auto reader = open_capture(options);
  Survey survey(server);
  Learner learner(server);
  for (Packet packet; !interrupted() && reader->next(packet);) {
    const std::optional<FrameView> seen = view(packet.octets);
    survey.look(packet, seen);
    if (options.server && seen) learner.look(packet, *seen);
  }
  std::ostringstream said;
  survey.print(said, options.input.string());
  survey.print_notes(said, options.server ? "--server" : options.sessions ? "--sessions" : "");
  return {said.str(), survey.span_ns(), learner.take()};
}

std::string repeat_command(const ReplayOptions& options) {
  std::string command = "reveille replay --engine " + engine_name(options.engine);
  const auto add = [&command](const char* option, const auto& value) {
    if (value) command += std::string(" ") + option + " " + shell_word(std::filesystem::path(*value).string());
  };
  add("--server", options.server);
  add("--port", options.port);
  add("--sessions", options.sessions);
  if (options.allow_short) command += " --allow-short";
  if (options.lenient) command += " --lenient";
  add("--report", options.report);
  return command + " " + shell_word(options.input.string());
}

SessionsFile sessions_of(const ReplayOptions& options) {
  if (options.server && options.sessions)
    throw Error(ErrorKind::bad_input, "--server: not together with --sessions, whose file names the server");
  if (options.port && !options.server)
    throw Error(ErrorKind::bad_input, "--port: \"" + *options.port + "\": only with --server");
  if (options.sessions) return read_sessions_file(*options.sessions);
  return options.server ? sessions_of_server(*options.server, options.port) : default_sessions();
}

}  // namespace

int replay(const ReplayOptions& options, const EngineFactory& make, std::ostream& table, std::ostream& messages) {
  check_files(options);
  const SessionsFile sessions = sessions_of(options);
  Recorder recorder(options);
  Preview preview = look_ahead(options, sessions.config);
  table << preview.said << std::flush;
  recorder.expect(preview.span_ns);
  const auto reader = open_capture(options);
  const std::unique_ptr<Engine> engine = make(options.engine);
  LearnedHost host(*engine, std::move(preview.lessons));
  engine->on_outcome = [&recorder](const Outcome& outcome) { recorder.judged(outcome); };

  const auto begin = Clock::now();
  int status = exit_success;
  try {
    engine->configure(sessions.config);
    restore_sessions(*engine, sessions, options.sessions ? options.sessions->string() : "sessions");
    Progress progress(messages);
    Packet packet;
    while (!interrupted() && reader->next(packet)) {
      const std::uint64_t time_us = packet.since_first_ns / 1000;
      if (options.server && is_from_server(packet, sessions.config)) {
        host.perform(packet.number, time_us);
        continue;
      }
      recorder.played(packet);
      engine->play(packet.octets, time_us);
      progress.update(recorder.tally().frames(), time_us);
    }
    engine->finish();
    if (recorder.waiting() != 0)
      throw Error(ErrorKind::internal, std::to_string(recorder.waiting()) + " frames without an outcome");
  } catch (const DifferenceFound& difference) {
    messages << difference.what() << '\n';
    status = exit_difference;
  }
  const std::chrono::duration<double> seconds = Clock::now() - begin;

  std::ostringstream learned;
  if (options.server) host.print(learned);
  if (reader->skipped() > 0) {
    learned << "skipped: " << reader->skipped()
            << (reader->skipped() == 1 ? " odd packet: " : " odd packets, the first: ") << reader->first_skipped()
            << '\n';
  }
  if (interrupted()) {
    messages << "replay: interrupted, no output is written\n";
    status = exit_interrupted;
  } else {
    recorder.commit(options.input.string() + " · engine " + engine_name(options.engine), preview.said + learned.str(),
                    repeat_command(options));
  }
  table << learned.str();
  recorder.tally().print(table, seconds.count(), engine->cycles());
  return status;
}

void add_replay_command(CLI::App& app, Action& action) {
  CLI::App* command =
      app.add_subcommand("replay", "Put every frame of a capture through the guard and report each one's verdict");
  const auto options = std::make_shared<ReplayOptions>();
  add_engine_option(*command, options->engine);
  add_text_option(*command, "--server", options->server,
                  "the server's addresses, separated by commas; sessions are learned from the capture");
  add_text_option(*command, "--port", options->port, "the server's UDP port, with --server (1293)");
  command->add_option("--sessions", options->sessions, "server, policy and sessions (JSON)")->type_name("FILE.json");
  command->add_option("--verdicts", options->verdicts, "write a line a frame: frame,time,verdict,to_host,source,nonce")
      ->type_name("FILE.csv");
  command->add_option("--out", options->out, "write the frames that went to the host")->type_name("FILE.pcap");
  command->add_option("--report", options->report, "write a page, report.html, of what became of the capture")
      ->type_name("DIR");
  command->add_flag("--allow-short", options->allow_short, "play packets that were captured short as captured");
  command->add_flag("--lenient", options->lenient,
                    "skip and count packets that are odd, instead of refusing the capture");
  command->add_option("IN", options->input, "pcap or pcapng of Ethernet frames or of `-i any`, as it is or in gzip")
      ->required()
      ->type_name("FILE");
  command->callback(
      [options, &action] { action = [options] { return replay(*options, make_engine, std::cout, std::cerr); }; });
}

}  // namespace reveille::sim
