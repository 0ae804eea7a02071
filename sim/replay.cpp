// SPDX-License-Identifier: Apache-2.0
#include "replay.hpp"

#include <unistd.h>

#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "bench/host_bench.hpp"
#include "interrupt.hpp"
#include "planned_load.hpp"
#include "replay/learning.hpp"
#include "replay/recorded_host.hpp"
#include "replay/replay_outputs.hpp"
#include "replay/survey.hpp"
#include "sessions_file.hpp"

namespace reveille::sim {
namespace {

using Clock = std::chrono::steady_clock;

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
    if (++updates_ % look_every != 0) return;
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
  static constexpr unsigned look_every = 256;  // frames; the clock is dear
  unsigned updates_ = 0;
  bool shown_ = false;
  Clock::time_point last_ = Clock::now();
};

std::unique_ptr<CaptureReader> open_capture(const ReplayOptions& options, const SessionsFile& sessions) {
  CaptureReader::Options wanted{.allow_short = options.allow_short, .lenient = options.lenient};
  if (sessions.capture) wanted.interface = sessions.capture->interface;
  return CaptureReader::open(options.input, wanted);
}

/// Since time 0, which is the first packet's unless the sessions file says another.
std::uint64_t time_ns(const Packet& packet, const ReplayOptions& options, const SessionsFile& sessions) {
  if (!sessions.capture) return packet.since_first_ns;
  const Timestamp begin = sessions.capture->begin_ns;
  if (packet.timestamp < begin) {
    throw Error(ErrorKind::bad_input, options.input.string() + ": packet " + std::to_string(packet.number) +
                                          ": timestamp " + format_seconds(packet.timestamp) + ": at least " +
                                          format_seconds(begin) + " expected, capture.begin_ns of the sessions file");
  }
  return static_cast<std::uint64_t>(packet.timestamp - begin);
}

bool is_from_server(const Packet& packet, const policy::ServerConfig& server) {
  const std::optional<FrameView> seen = view(packet.octets);
  return seen && is_from_server(*seen, server);
}

void restore_sessions(StoreLoad& store, const SessionsFile& file, const std::string& name) {
  for (std::size_t i = 0; i < file.sessions.size(); ++i) {
    const ResultCode result = store.command(file.sessions[i], 0);
    if (result == ResultCode::ok) continue;
    std::string message = name + ": sessions[" + std::to_string(i) + "]: client ";
    message += net::format(file.sessions[i].client);
    message += result == ResultCode::full ? ": no room in the store's buckets for it, which are planned for " +
                                                std::to_string(planned_sessions) + " sessions"
                                          : ": the store refuses it";
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
Preview look_ahead(const ReplayOptions& options, const SessionsFile& sessions) {
  const policy::ServerConfig& server = sessions.config;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(options.input, ignored)) {
    const auto kind = std::filesystem::status(options.input, ignored).type();
    const bool refused_anyhow =
        kind == std::filesystem::file_type::not_found || kind == std::filesystem::file_type::directory;
    if ((!options.server && !options.report) || refused_anyhow) return {};
    throw Error(ErrorKind::bad_input, options.input.string() +
                                          ": a regular file expected: " + (options.server ? "--server" : "--report") +
                                          " reads the capture twice. Write what comes through a pipe into a file");
  }
  const auto reader = open_capture(options, sessions);
  Survey survey(server);
  std::optional<ReplyOpener> opener;
  if (options.keytab) opener.emplace(read_keytab(*options.keytab));
  Learner learner(server, opener ? &*opener : nullptr);
  for (Packet packet; !interrupted() && reader->next(packet);) {
    const std::optional<FrameView> seen = view(packet.octets);
    survey.look(packet, seen);
    if (options.server && seen) learner.look(packet, *seen);
  }
  std::ostringstream said;
  survey.print(said, options.input.string());
  survey.print_notes(said, options.server ? "--server" : options.sessions ? "--sessions" : "");
  if (opener) opener->print(said);
  return {said.str(), survey.span_ns(), learner.take()};
}

/// Of a capture whose checksums are not the wire's, every other verdict would mislead.
void print_checksum_note(std::ostream& out, const Tally& tally) {
  const std::uint64_t bad = tally.frames(Verdict::bad_checksum);
  const std::uint64_t judged = tally.frames() - tally.frames(Verdict::bypass);
  if (bad == 0 || 2 * bad < judged) return;
  out << "note: " << bad << " of " << judged
      << " judged frames have a wrong checksum. Where the capture is from the machine that sent or received them, or "
         "from "
         "a virtual link, checksums may stand in it that a device was left to finish. Capture on the wire, or behind "
         "ethtool -K IF tx off at the sender\n";
}

/// What was not captured the guard misses, and the wire did not.
void print_short_note(std::ostream& out, const CaptureReader& reader, const Tally& tally) {
  if (reader.short_packets() == 0) return;
  out << "note: " << reader.short_packets() << " packets were captured short and are judged so, "
      << tally.frames(Verdict::bad_length)
      << " frames as bad_length. Capture whole packets (tcpdump -s 0) to see what the guard does with them\n";
}

std::string repeat_command(const ReplayOptions& options) {
  std::string command = "reveille replay --engine " + engine_name(options.engine);
  const auto add = [&command](const char* option, const auto& value) {
    if (value) command += std::string(" ") + option + " " + shell_word(std::filesystem::path(*value).string());
  };
  add("--server", options.server);
  add("--port", options.port);
  add("--keytab", options.keytab);
  add("--sessions", options.sessions);
  if (options.allow_short) command += " --allow-short";
  if (options.lenient) command += " --lenient";
  add("--report", options.report);
  if (options.host_cpu) command += " --host-cpu";
  return command + " " + shell_word(options.input.string());
}

SessionsFile sessions_of(const ReplayOptions& options) {
  if (options.server && options.sessions)
    throw Error(ErrorKind::bad_input, "--server: not together with --sessions, whose file names the server");
  if (options.port && !options.server)
    throw Error(ErrorKind::bad_input, "--port: \"" + *options.port + "\": only with --server");
  if (options.keytab && !options.server)
    throw Error(ErrorKind::bad_input, "--keytab: \"" + options.keytab->string() + "\": only with --server");
  if (options.host_cpu && !options.report) throw Error(ErrorKind::bad_input, "--host-cpu: only with --report");
  if (options.sessions) return read_sessions_file(*options.sessions);
  return options.server ? sessions_of_server(*options.server, options.port) : default_sessions();
}

}  // namespace

int replay(const ReplayOptions& options, const EngineFactory& make, std::ostream& table, std::ostream& messages) {
  check_replay_files(options);
  const SessionsFile sessions = sessions_of(options);
  ReplayOutputs outputs(options);
  Preview preview = look_ahead(options, sessions);
  table << preview.said << std::flush;
  outputs.expect(preview.span_ns);
  const auto reader = open_capture(options, sessions);
  const std::unique_ptr<Engine> engine = make(options.engine);
  StoreLoad store(*engine);
  LearnedHost learned_host(store, std::move(preview.lessons));
  RecordedHost recorded_host(store, sessions.commands);
  engine->on_outcome = [&outputs](const Outcome& outcome) { outputs.judged(outcome); };

  const auto begin = Clock::now();
  int status = exit_success;
  try {
    engine->configure(sessions.config);
    restore_sessions(store, sessions, options.sessions ? options.sessions->string() : "sessions");
    store.note(messages);
    Progress progress(messages);
    Packet packet;
    while (!interrupted() && reader->next(packet)) {
      const std::uint64_t now_ns = time_ns(packet, options, sessions);
      const std::uint64_t time_us = now_ns / 1'000;
      if (options.server && is_from_server(packet, sessions.config)) {
        learned_host.perform(packet.number, time_us);
        continue;
      }
      recorded_host.perform(now_ns);
      engine->play(outputs.played(std::move(packet)), time_us);
      progress.update(outputs.tally().frames(), time_us);
    }
    engine->finish();
    if (outputs.waiting() != 0)
      throw Error(ErrorKind::internal, std::to_string(outputs.waiting()) + " frames without an outcome");
  } catch (const DifferenceFound& difference) {
    messages << difference.what() << '\n';
    status = exit_difference;
  } catch (const Interrupted&) {
    // As where the loop above has ended: nothing is written.
  }
  store.note(messages);
  const std::chrono::duration<double> seconds = Clock::now() - begin;

  std::ostringstream learned;
  if (options.server) learned_host.print(learned);
  recorded_host.print(learned);
  print_checksum_note(learned, outputs.tally());
  print_short_note(learned, *reader, outputs.tally());
  store.print(learned);
  if (reader->skipped() > 0) {
    learned << "skipped: " << reader->skipped()
            << (reader->skipped() == 1 ? " odd packet: " : " odd packets, the first: ") << reader->first_skipped()
            << '\n';
  }
  if (interrupted()) {
    messages << "replay: interrupted, no output is written\n";
    status = exit_interrupted;
  } else {
    outputs.commit(options.input.string() + " · engine " + engine_name(options.engine), preview.said + learned.str(),
                   repeat_command(options),
                   options.host_cpu ? std::optional(bench::opened_request_us()) : std::nullopt);
  }
  table << learned.str();
  outputs.tally().print(table, seconds.count(), engine->cycles());
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
  command->add_option("--keytab", options->keytab, "the server's keys, with --server: expected tags by what they open")
      ->type_name("FILE");
  command->add_option("--sessions", options->sessions, "server, policy and sessions (JSON)")->type_name("FILE.json");
  command->add_option("--verdicts", options->verdicts, "write a line a frame: frame,time,verdict,to_host,source,nonce")
      ->type_name("FILE.csv");
  command->add_option("--out", options->out, "write the frames that went to the host")->type_name("FILE.pcap");
  command->add_option("--report", options->report, "write a page, report.html, of what became of the capture")
      ->type_name("DIR");
  command->add_flag("--host-cpu", options->host_cpu,
                    "with --report: measure what the dropped AP Requests would have cost the host, on this machine");
  command->add_flag("--allow-short", options->allow_short, "play packets that were captured short as captured");
  command->add_flag("--lenient", options->lenient,
                    "skip and count packets that are odd, instead of refusing the capture");
  command
      ->add_option("IN", options->input,
                   "pcap or pcapng of Ethernet, `-i any`, IP or loopback, as it is or in gzip; - is standard input")
      ->required()
      ->type_name("FILE");
  command->callback([options, &action] {
    if (options->input == "-") options->input = "/dev/stdin";
    action = [options] { return replay(*options, make_engine, std::cout, std::cerr); };
  });
}

}  // namespace reveille::sim
