// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <ctime>
#include <iomanip>
#include <iostream>
#include <memory>

#include "core/driver.hpp"
#include "engine/core_engine.hpp"
#include "engine/server_setup.hpp"
#include "interrupt.hpp"
#include "kerberos/client.hpp"
#include "kerberos/kdc.hpp"
#include "kerberos/service.hpp"
#include "keymgmt/messages.hpp"
#include "keymgmt/security.hpp"
#include "story/flood.hpp"

namespace reveille::sim {

namespace {

constexpr kerberos::Time now = 1'767'225'600 * kerberos::second;
constexpr std::string_view realm = "REVEILLE.TEST";
const char* const service_name = "mtaprovsrvr/ctl1.reveille.test";

struct BenchOptions {
  std::uint64_t frames = 200'000;
  std::uint64_t line_frames = 1'000'000;
  bool model_only = false;
};

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

policy::ServerConfig server() {
  policy::ServerConfig config;
  config.ipv4 = {net::Address::parse("192.0.2.1")};
  return config;
}
const net::Address& client() {
  static const net::Address address = net::Address::parse("198.51.100.7");
  return address;
}

void heading(const char* text) { std::cout << '\n' << text << '\n'; }
void row(const std::string& label, double value, const char* unit, double second = 0, const char* second_unit = "") {
  std::cout << "  " << std::left << std::setw(46) << label << std::right << std::fixed
            << std::setprecision(value < 100 ? 2 : 0) << std::setw(12) << value << ' ' << std::left << std::setw(12)
            << unit;
  if (*second_unit != '\0') {
    std::cout << std::right << std::setprecision(second < 100 ? 2 : 0) << std::setw(12) << second << ' ' << second_unit;
  }
  std::cout << std::endl;
}

/// Minimum frames of forged AP Requests, and everything else that attackers send.
std::vector<Bytes> minimum_frames(std::size_t count) {
  Flood flood({Attack::garbage, Attack::false_nonce, Attack::spoof, Attack::client_initiated}, {server().ipv4.front()},
              {client()}, 1);
  std::vector<Bytes> frames;
  while (frames.size() < count) {
    const Bytes& frame = flood.next().octets;
    if (frame.size() == 60) frames.push_back(frame);
  }
  return frames;
}

std::vector<Bytes> long_frames(std::size_t count, std::size_t octets) {
  net::UdpFrame frame;
  frame.source = client();
  frame.destination = server().ipv4.front();
  frame.payload = {2, 1, 0x10, 0x6E, 0, 1, 2, 3, 4};
  frame.payload.resize(octets - 42);
  return std::vector<Bytes>(count, net::build(frame));
}

/// One engine on frames with a time of their own each, as replay plays them.
void bench_engine(const char* name, EngineKind kind, const std::vector<Bytes>& frames, const char* size) {
  const std::unique_ptr<Engine> engine = make_engine(kind);
  engine->on_outcome = [](const Outcome&) {};
  engine->configure(server());
  const std::uint64_t first_cycle = engine->cycles();
  const double begin = cpu_seconds();
  std::uint64_t time = 0;
  for (const Bytes& frame : frames) engine->play(frame, time += 10);
  engine->finish();
  const double seconds = cpu_seconds() - begin;
  row(std::string(name) + ", frames of " + size, static_cast<double>(frames.size()) / seconds, "frames/s",
      static_cast<double>(engine->cycles() - first_cycle) / seconds, "cycles/s");
}

/// The core alone on its line: minimum frames without a gap, a true AP Request now and then.
void bench_line_rate(const BenchOptions& options) {
  CoreSet cores(options.model_only ? EngineKind::model : EngineKind::rtl, 1);
  core::CoreInterface& core = cores.core();
  core::Driver driver(core);
  core::Setup setup;
  setup.server = server_setup(server());
  setup.noise_silence = 0;
  setup.event_mask = 0;
  driver.bring_up(setup, 1);
  core::Command restore;
  restore.code = static_cast<std::uint8_t>(core::CommandCode::restore);
  restore.client = client();
  restore.lifetime = 1'000'000'000;
  restore.nonce = 0x1BADCAFE;
  if (driver.command(restore).code != core::ResultCode::ok) throw Error(ErrorKind::internal, "restore was refused");

  const std::vector<Bytes> frames = minimum_frames(4'096);
  net::UdpFrame true_frame;
  true_frame.source = client();
  true_frame.destination = server().ipv4.front();
  true_frame.payload = {2, 1, 0x10, 0x6E, 0, 0x1B, 0xAD, 0xCA, 0xFE};
  Bytes true_octets = net::build(true_frame);
  true_octets.resize(60);

  FrameSender line;
  FrameCollector host;
  std::uint64_t sent = 0;
  std::uint64_t ready_low = 0;
  std::uint64_t verdicts = 0;
  std::uint64_t lost = 0;
  std::uint64_t accepted = 0;
  std::uint64_t idle = 0;
  while (verdicts < options.line_frames && idle < 4'096) {
    if (line.idle() && sent < options.line_frames) {
      line.start(sent == options.line_frames / 2 ? true_octets : frames[sent % frames.size()]);
      ++sent;
    }
    idle = line.idle() ? idle + 1 : 0;
    core.inputs.net_rx = line.beat();
    const core::Outputs& outputs = core.outputs();
    if (core.inputs.net_rx.valid) {
      if (outputs.net_rx_ready) {
        line.advance();
      } else {
        ++ready_low;
      }
    }
    verdicts += outputs.verdict_valid ? 1 : 0;
    lost += outputs.verdict_lost ? 1 : 0;
    if (outputs.host_rx.valid && host.take(outputs.host_rx) && host.frame() == true_octets) ++accepted;
    core.clock();
  }
  heading("Line rate: minimum frames back to back, one true AP Request among them");
  row("frames", static_cast<double>(verdicts), "verdicts");
  row("cycles with s_axis_net_tready = 0", static_cast<double>(ready_low), "cycles");
  row("frames lost", static_cast<double>(lost), "frames");
  row("true AP Request at the host", static_cast<double>(accepted), "of 1");
}

/// A host of one client: its ticket, its Kerberos service, and true AP Requests.
class Host {
 public:
  Host() : random_(1, "bench"), kdc_(std::string(realm), random_) {
    const auto service = kerberos::parse_principal(service_name);
    const auto name = kerberos::parse_principal("cta1");
    kdc_.add_random(service, {kerberos::Etype::aes256_sha1});
    kdc_.add_random(name, {kerberos::Etype::aes256_sha1});
    const std::vector<kerberos::Etype> etypes{kerberos::Etype::aes256_sha1};
    kerberos::AsExchange as(name, std::string(realm), kdc_.keytab(name).entries().front().key, etypes, random_);
    std::optional<kerberos::Credential> ticket_granting;
    while (!ticket_granting) ticket_granting = as.reply(kdc_.handle(as.request(now), now));
    kerberos::TgsExchange tgs(*ticket_granting, service, etypes, random_);
    credential_ = tgs.reply(kdc_.handle(tgs.request(now), now));
    service_.emplace(std::string(realm), service, kdc_.keytab(service));
  }

  Bytes request(std::uint32_t nonce) {
    const kerberos::SentApRequest sent = kerberos::make_ap_request(*credential_, clock_.next(now), {}, random_);
    keymgmt::ApRequest message;
    message.ap_req = sent.octets;
    message.server_nonce = nonce;
    message.application = keymgmt::IpsecData{1};
    message.ciphersuites = keymgmt::supported_ciphersuites(keymgmt::doi_ipsec);
    net::UdpFrame frame;
    frame.source = client();
    frame.destination = server().ipv4.front();
    frame.payload = keymgmt::seal(std::move(message), sent.session_key.octets());
    return net::build(frame);
  }

  /// What a server without the nonce check does with a frame: all the way to the authenticator. Its requests are true
  /// but for the nonce, so anything but success is a mistake of this program and throws.
  void serve(const Bytes& frame) {
    const net::UdpDatagram datagram = net::parse(frame);
    const auto message = keymgmt::decode_as<keymgmt::ApRequest>(datagram.payload);
    const kerberos::AcceptedApRequest accepted = service_->accept(message.ap_req, now);
    if (!keymgmt::has_true_hmac(datagram.payload, keymgmt::ap_hmac_key(accepted.session_key.octets()))) {
      throw Error(ErrorKind::internal, "bench: a true HMAC was refused");
    }
  }
  /// A host that never saw these requests.
  void forget() { service_->replay_cache() = kerberos::ReplayCache(); }

 private:
  kerberos::SeededRandom random_;
  kerberos::Kdc kdc_;
  kerberos::ClientClock clock_;
  std::optional<kerberos::Credential> credential_;
  std::optional<kerberos::Service> service_;
};

/// Whole AP Requests with a false nonce, each with a fresh authenticator, and one true one: the dearest flood there is.
void bench_flood() {
  constexpr std::size_t flood_frames = 4'000;
  constexpr std::uint32_t true_nonce = 0x1BADCAFE;
  Host host;
  std::vector<Bytes> frames;
  for (std::uint32_t i = 1; i < flood_frames; ++i) frames.push_back(host.request(i));
  frames.push_back(host.request(true_nonce));

  const auto measure = [&](const std::string& label, auto serve) {
    host.forget();
    const double begin = cpu_seconds();
    for (const Bytes& frame : frames) serve(frame);
    const double seconds = cpu_seconds() - begin;
    row(label, seconds / static_cast<double>(frames.size()) * 1e6, "us/frame",
        static_cast<double>(frames.size()) / seconds, "frames/s a CPU core");
  };
  const auto guard_with_session = [] {
    policy::Guard guard(server());
    guard.restore(client(), true_nonce, policy::SessionState::outstanding, 0, 0, 1'000'000);
    return guard;
  };
  heading("Flood: whole AP Requests with true tickets and false nonces; CPU time of the host");
  measure("no guard: every request is opened", [&](const Bytes& frame) { host.serve(frame); });
  policy::Guard filter = guard_with_session();
  measure("the policy as software in front", [&](const Bytes& frame) {
    if (filter.judge(frame, 0) == Verdict::accepted) host.serve(frame);
  });
  // The core has judged them; the host sees what passed.
  policy::Guard core = guard_with_session();
  std::vector<bool> passes;
  passes.reserve(frames.size());
  for (const Bytes& frame : frames) passes.push_back(core.judge(frame, 0) == Verdict::accepted);
  std::size_t next = 0;
  measure("the core in front", [&](const Bytes& frame) {
    if (passes[next++]) host.serve(frame);
  });
}

void bench_policy(const std::vector<Bytes>& frames) {
  policy::Guard guard(server());
  guard.restore(client(), 0x1BADCAFE, policy::SessionState::outstanding, 0, 0, 1'000'000);
  std::uint64_t dropped = 0;
  const double begin = cpu_seconds();
  for (int round = 0; round < 10; ++round) {
    for (const Bytes& frame : frames) dropped += guard.judge(frame, 0) == Verdict::accepted ? 0 : 1;
  }
  const double seconds = cpu_seconds() - begin;
  heading("The untimed policy as a plain C++ filter on one CPU core (10GbE at minimum frames is 14.88 M/s)");
  row("minimum frames", static_cast<double>(dropped) / seconds, "frames/s");
}

int bench(const BenchOptions& options) {
  const std::vector<Bytes> small = minimum_frames(options.frames);
  const std::vector<Bytes> large = long_frames(options.frames / 20 + 1, 1'000);
  heading("Engines, on one CPU core, as replay drives them");
  bench_engine("model", EngineKind::model, small, "60 octets");
  bench_engine("model", EngineKind::model, large, "1,000 octets");
  if (!options.model_only) {
    bench_engine("rtl", EngineKind::rtl, small, "60 octets");
    bench_engine("rtl", EngineKind::rtl, large, "1,000 octets");
    bench_engine("lockstep", EngineKind::lockstep, small, "60 octets");
    bench_engine("lockstep", EngineKind::lockstep, large, "1,000 octets");
  }
  if (!interrupted()) bench_line_rate(options);
  if (!interrupted()) bench_flood();
  if (!interrupted()) bench_policy(small);
  return interrupted() ? exit_interrupted : exit_success;
}

}  // namespace

void add_bench_command(CLI::App& app, Action& action) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Measure: engines, line rate, and what a flood costs");
  command->add_option("--frames", options->frames, "Frames for each engine")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  command->add_option("--line-frames", options->line_frames, "Frames of the line-rate run")
      ->check(CLI::Range(100, 100'000'000))
      ->capture_default_str();
  command->add_flag("--model-only", options->model_only, "Without the Verilated core");
  command->callback([options, &action] { action = [options] { return bench(*options); }; });
}

}  // namespace reveille::sim
