// SPDX-License-Identifier: Apache-2.0
#include "live.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <iostream>

#include "capture/capture_writer.hpp"
#include "engine/server_setup.hpp"
#include "interrupt.hpp"
#include "live/command_watch.hpp"
#include "live/control.hpp"
#include "live/feed.hpp"
#include "live/interface.hpp"
#include "live/live_core.hpp"
#include "live/live_tally.hpp"
#include "live/unix_listener.hpp"
#include "reveille/core/register_fields.hpp"
#include "reveille/core/register_map.hpp"
#include "sessions_file.hpp"

namespace reveille::sim {
namespace {

/// Events of what the host acts on, as `reveille run` has them: a flood would fill the log with the rest.
constexpr std::uint32_t event_mask =
    1U << index(Verdict::accepted) | 1U << index(Verdict::resend) | 1U << index(Verdict::sa_recovered);

SessionsFile sessions_of(const LiveOptions& options) {
  if (options.server.has_value() == options.sessions.has_value())
    throw Error(ErrorKind::bad_input, "--server or --sessions expected, one of them: which server is guarded?");
  if (options.port && !options.server)
    throw Error(ErrorKind::bad_input, "--port: \"" + *options.port + "\": only with --server");
  if (options.server) return sessions_of_server(*options.server, options.port);
  SessionsFile sessions = read_sessions_file(*options.sessions);
  if (sessions.capture || !sessions.commands.empty()) {
    throw Error(ErrorKind::bad_input, options.sessions->string() + ": " + (sessions.capture ? "capture" : "commands") +
                                          ": of a run that is over: expected in a file for replay alone");
  }
  return sessions;
}

net::MacAddress parse_mac(const std::string& text) {
  net::MacAddress mac{};
  unsigned octets[6];
  char end = 0;
  if (text.size() != 17 || std::sscanf(text.c_str(), "%2x:%2x:%2x:%2x:%2x:%2x%c", &octets[0], &octets[1], &octets[2],
                                       &octets[3], &octets[4], &octets[5], &end) != 6) {
    throw Error(ErrorKind::bad_input, "--hop: \"" + text + "\": six octets like 02:00:5e:00:53:01 expected");
  }
  for (std::size_t i = 0; i < mac.size(); ++i) mac[i] = static_cast<std::uint8_t>(octets[i]);
  return mac;
}

double parse_seconds(const std::optional<std::string>& text) {
  constexpr std::uint64_t most = 1'000'000'000;
  return text ? static_cast<double>(whole_number(*text, 1, most, "--seconds")) : HUGE_VAL;
}

/// What waits for interfaces, the control socket, and time.
class Epoll {
 public:
  Epoll() : descriptor_(epoll_create1(EPOLL_CLOEXEC)) {
    if (descriptor_ < 0) throw Error(ErrorKind::internal, "epoll_create1");
  }
  ~Epoll() { close(descriptor_); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;
  /// One that is closed leaves by itself.
  void add(int watched) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = watched;
    if (epoll_ctl(descriptor_, EPOLL_CTL_ADD, watched, &event) != 0) throw Error(ErrorKind::internal, "epoll_ctl");
  }
  template <typename Ready>
  void wait(int milliseconds, Ready ready) const {
    epoll_event events[8];
    const int count = epoll_wait(descriptor_, events, 8, milliseconds);
    for (int i = 0; i < count; ++i) ready(events[i].data.fd);
  }

 private:
  int descriptor_;
};

class Live {
 public:
  Live(const LiveOptions& options, const SessionsFile& sessions, std::ostream& table)
      : table_(table),
        end_(parse_seconds(options.seconds)),
        net_(Interface::open(options.net)),
        host_(Interface::open(options.host)),
        only_{OnlyOne("reveille live " + net_->name()), OnlyOne("reveille live " + host_->name())},
        tally_(*net_, *host_),
        core_(options.engine),
        watch_(core_.driver()) {
    if (!options.standby) take_interfaces();
    if (options.capture) capture_.emplace(*options.capture, std::vector<std::string>{net_->name(), host_->name()});
    if (options.control) control_.emplace(*options.control);
    if (options.feed) feed_.emplace(*options.feed);
    if (options.standby) follow(*options.standby);
    core_.on_verdict = [this](ByteView frame, Verdict verdict, bool, bool lost) {
      tally_.judged(verdict, lost);
      record(0, frame, Direction::inbound, kVerdictNames[index(verdict)]);
    };
    core_.on_host_frame = [this](ByteView frame, Verdict verdict) {
      tally_.to_host();
      record(1, frame, Direction::outbound, kVerdictNames[index(verdict)]);
      host_->send(frame);
    };
    core_.on_net_frame = [this](ByteView frame) {
      if (follower_) return;  // a Wake Up that the other core says
      tally_.to_net();
      record(0, frame, Direction::outbound);
      net_->send(frame);
    };
    bring_up(options, sessions);
  }

  void run() {
    epoll_.add(net_->descriptor());
    epoll_.add(host_->descriptor());
    if (control_) epoll_.add(control_->listener());
    if (feed_) epoll_.add(feed_->listener());
    if (follower_) epoll_.add(follower_->descriptor());
    while (!interrupted() && seconds_since(begin_) < end_) {
      const bool more = pump();
      if (seconds_since(line_) >= 1) print_line();
      epoll_.wait(more ? 0 : idle_ms(), [this](int ready) { answer(ready); });
    }
    // What has been read comes to its end.
    core_.run_frames();
    while (core_.run_on()) continue;
    core_.finish();
    for (Interface* each : {net_.get(), host_.get()}) {
      each->flush();
      each->look();
    }
  }

  /// Also where an interface has gone away.
  void finish() {
    tally_.print_summary(table_, seconds_since(begin_), core_.cycles());
    if (capture_) capture_->commit();
  }
  void warn(std::ostream& messages) const {
    for (const Interface* each : {net_.get(), host_.get()}) {
      const std::string own = each->own_addresses();
      if (own.empty()) continue;
      messages << "live: interface " << each->name() << " has addresses of this machine (" << own
               << "): its own stack answers there, past the guard\n";
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }

  void bring_up(const LiveOptions& options, const SessionsFile& sessions) {
    core::Setup setup;
    setup.server = server_setup(sessions.config);
    setup.event_mask = event_mask;
    setup.principal = options.principal;
    setup.hops = {
        {.destination = options.hop ? parse_mac(*options.hop) : net::MacAddress{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
         .source = net_->mac()}};
    core_.bring_up(setup);
    watch_.book().set_tries(setup.wake_tries);
    watch_.book().set_interval(setup.wake_interval_us);
    for (std::size_t i = 0; i < sessions.sessions.size(); ++i) {
      const driver::Command& restore = sessions.sessions[i];
      core_.set_time();
      if (core_.driver().command(restore).code != ResultCode::ok) {
        throw Error(ErrorKind::bad_input, options.sessions->string() + ": sessions[" + std::to_string(i) +
                                              "]: client " + net::format(restore.client) +
                                              ": no room in the store's buckets for it");
      }
      watch_.book().note(restore, core_.now_us());
    }
    if (!control_) return;
    control_->on_read = [this](std::uint16_t address) {
      core_.set_time();
      return core_.driver().read(address);
    };
    control_->on_message = [this](ByteView message) { core_.from_host_message(message); };
    watch_.on_command = [this](const core::Command& command) {
      if (feed_ && command.code != CommandCode::reject) feed_->tell(command.client, watch_.book(), core_.now_us());
    };
    control_->on_write = [this](std::uint16_t address, std::uint32_t value) {
      core_.set_time();
      watch_.write(address, value, core_.now_us());
    };
  }

  /// Two cores at one interface would pass every frame twice.
  void take_interfaces() {
    for (const auto& [only, each] : {std::pair(&only_[0], net_.get()), std::pair(&only_[1], host_.get())}) {
      if (only->take()) continue;
      throw Error(ErrorKind::bad_input, "interface " + each->name() + ": another reveille live has it");
    }
  }
  /// Stands by: takes no frames, and keeps the sessions of another core, until that one is gone.
  void follow(const std::filesystem::path& path) {
    follower_.emplace(path);
    follower_->on_begin = [this] {
      std::vector<net::Address> clients;
      for (const auto& [client, session] : watch_.book().sessions()) clients.push_back(client);
      for (const net::Address& client : clients) carry_out(close_of(client));
    };
    follower_->on_closed = [this](const net::Address& client) { carry_out(close_of(client)); };
    follower_->on_session = [this](const core::Command& restore) {
      carry_out(close_of(restore.client));
      if (restore.lifetime != 0) carry_out(restore);
    };
    if (control_) control_->standby = true;
  }
  static core::Command close_of(const net::Address& client) { return {.code = CommandCode::close, .client = client}; }
  void carry_out(const core::Command& command) {
    core_.set_time();
    if (core_.driver().command(command).code != ResultCode::ok) return;
    watch_.book().note(command, core_.now_us());
    if (feed_) feed_->tell(command.client, watch_.book(), core_.now_us());
  }
  void take_over() {
    follower_.reset();
    hangs_ = false;
    if (control_) control_->standby = false;
    // Of the time before, which nobody read.
    while (core_.driver().pop_event()) continue;
    table_ << "live: takes over, with " << watch_.book().live() << " sessions" << std::endl;
  }

  /// Frames in, frames out. Whether there may be more at once.
  bool pump() {
    bool more = false;
    if (follower_) {
      for (Interface* each : {net_.get(), host_.get()}) each->receive([](ByteView) {});
    } else if (core_.has_room()) {
      more |= net_->receive([this](ByteView frame) { core_.from_net(frame); });
      more |= host_->receive([this](ByteView frame) {
        tally_.from_host();
        record(1, frame, Direction::inbound);
        core_.from_host(frame);
      });
    }
    core_.run_frames();
    if (watch_.book().due(core_.now_us())) core_.owe();
    if (!more) more = core_.run_on();
    net_->flush();
    host_->flush();
    if (feed_) feed_->flush();
    beat();
    return more;
  }

  /// Between two cores: that this one lives, and whether the other does.
  void beat() {
    const Clock::time_point now = Clock::now();
    if (now - beaten_ < kFeedBeat) return;
    beaten_ = now;
    if (feed_) feed_->beat(now);
    if (feed_ && !follower_ && feed_->connection() >= 0) require_lines();
    if (!follower_ || !follower_->is_silent(now) || hangs_) return;
    hangs_ = true;
    table_ << "live: the active core says nothing any more: "
           << (follower_->end_core() ? "ended" : "it is behind a relay, and cannot be ended from here") << std::endl;
  }
  /// Of the active one: the other goes on as soon as this one has ended.
  void require_lines() const {
    for (const Interface* each : {net_.get(), host_.get()}) {
      if (each->has_line()) continue;
      throw Error(ErrorKind::bad_input,
                  "interface " + each->name() + ": its line is cut, and another core stands by: left to that one");
    }
  }

  void answer(int ready) {
    if (follower_ && ready == follower_->descriptor()) {
      const Follower::State state = follower_->read();
      if (state == Follower::State::gone) return take_over();
      if (state == Follower::State::connected_anew) {
        hangs_ = false;
        epoll_.add(follower_->descriptor());
      }
    } else if (feed_ && ready == feed_->listener()) {
      const int before = feed_->connection();
      feed_->accept(watch_.book(), core_.now_us());
      if (feed_->connection() != before) epoll_.add(feed_->connection());
    } else if (feed_ && ready == feed_->connection()) {
      feed_->look();
    }
    if (!control_) return;
    if (ready == control_->listener()) {
      const int before = control_->connection();
      control_->accept();
      if (control_->connection() != before) epoll_.add(control_->connection());
    } else if (ready == control_->connection()) {
      control_->serve();
    }
  }

  void print_line() {
    net_->look();
    host_->look();
    if (!follower_) {  // one that took over has them as soon as the other has let them go
      for (OnlyOne& each : only_) each.take();
    }
    tally_.print_line(table_, seconds_since(begin_), seconds_since(line_), watch_.book().live());
    line_ = Clock::now();
  }

  /// Until the next line, or something is due.
  [[nodiscard]] int idle_ms() const {
    double seconds = 1 - seconds_since(line_);
    if (const auto due = watch_.book().next_due()) {
      const auto now = static_cast<double>(core_.now_us());
      seconds = std::min(seconds, (static_cast<double>(*due) - now) / 1e6);
    }
    seconds = std::min(seconds, end_ - seconds_since(begin_));
    if (follower_ || (feed_ && feed_->connection() >= 0))
      seconds = std::min(seconds, std::chrono::duration<double>(kFeedBeat).count());
    return static_cast<int>(std::ceil(std::max(0.0, seconds) * 1e3));
  }

  void record(unsigned interface, ByteView frame, Direction direction, std::string_view comment = {}) {
    if (capture_) capture_->write(interface, core_.now_us() * 1000, frame, comment, direction);
  }

  std::ostream& table_;
  double end_;
  std::unique_ptr<Interface> net_;
  std::unique_ptr<Interface> host_;
  std::array<OnlyOne, 2> only_;
  LiveTally tally_;
  std::optional<PcapngWriter> capture_;
  std::optional<Control> control_;
  std::optional<Feed> feed_;
  std::optional<Follower> follower_;  ///< while it stands by
  LiveCore core_;
  CommandWatch watch_;
  Epoll epoll_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point line_ = begin_;
  Clock::time_point beaten_ = begin_;
  bool hangs_ = false;  ///< the core that this one follows
};

}  // namespace

int live(const LiveOptions& options, std::ostream& table, std::ostream& messages) {
  const SessionsFile sessions = sessions_of(options);
  if (options.net == options.host)
    throw Error(ErrorKind::bad_input, "--host: \"" + options.host + "\": another interface than --net expected");
  std::optional<Live> live;
  int status = exit_success;
  try {
    live.emplace(options, sessions, table);
    live->warn(messages);
    table << "live: " << options.net << " to " << options.host << ", engine " << engine_name(options.engine)
          << "; Ctrl-C ends" << std::endl;
    live->run();
  } catch (const Interrupted&) {
    messages << "live: interrupted during the core's start\n";
    return exit_interrupted;
  } catch (const DifferenceFound& difference) {
    messages << difference.what() << '\n';
    status = exit_difference;
  } catch (const Error&) {
    if (live) live->finish();
    throw;
  }
  if (live) live->finish();
  return status;
}

void add_live_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("live", "Put the core between two network interfaces of this machine");
  const auto options = std::make_shared<LiveOptions>();
  command->add_option("--net", options->net, "the interface that faces the network, or tap:NAME, which is made")
      ->required()
      ->type_name("IF");
  command->add_option("--host", options->host, "the interface that faces the server, or tap:NAME")
      ->required()
      ->type_name("IF");
  add_engine_option(*command, options->engine);
  add_text_option(*command, "--server", options->server, "the server's addresses, separated by commas");
  add_text_option(*command, "--port", options->port, "the server's UDP port, with --server (1293)");
  command->add_option("--sessions", options->sessions, "server, policy and sessions (JSON), in place of --server")
      ->type_name("FILE.json");
  add_text_option(*command, "--hop", options->hop, "MAC address to which Wake Ups go (ff:ff:ff:ff:ff:ff)");
  command->add_option("--principal", options->principal, "the server's principal, for Wake Ups")->type_name("NAME");
  command->add_option("--control", options->control, "UNIX socket through which `reveille drive` commands the core")
      ->type_name("SOCKET");
  command->add_option("--feed", options->feed, "UNIX socket at which a core that stands by for this one follows")
      ->type_name("SOCKET");
  command
      ->add_option("--standby", options->standby,
                   "stand by for the core with that --feed: take no frames, but over once it is gone")
      ->type_name("SOCKET");
  command->add_option("--capture", options->capture, "write every frame, in and out, with its verdict")
      ->type_name("FILE.pcapng");
  add_text_option(*command, "--seconds", options->seconds, "end by itself after so long");
  command->callback([options, &action] { action = [options] { return live(*options, std::cout, std::cerr); }; });
}

}  // namespace reveille::sim
