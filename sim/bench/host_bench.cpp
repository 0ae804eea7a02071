// SPDX-License-Identifier: Apache-2.0
#include "bench/host_bench.hpp"

#include <memory>
#include <optional>

#include "bench/measurement.hpp"
#include "report/text.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/kdc.hpp"
#include "reveille/kerberos/service.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/keymgmt/security.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim::bench {

namespace {

constexpr kerberos::Time now = 1'767'225'600 * kerberos::second;
constexpr std::string_view realm = "REVEILLE.TEST";
const char* const service_name = "mtaprovsrvr/ctl1.reveille.test";

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

}  // namespace

double opened_request_us() {
  constexpr std::uint32_t count = 500;
  Host host;
  std::vector<Bytes> frames;
  for (std::uint32_t i = 1; i <= count; ++i) frames.push_back(host.request(i));
  const double begin = cpu_seconds();
  for (const Bytes& frame : frames) host.serve(frame);
  return (cpu_seconds() - begin) / count * 1e6;
}

void measure_flood(Results& results, EngineKind kind) {
  constexpr std::size_t flood_frames = 4'000;
  constexpr std::uint32_t true_nonce = 0x1BADCAFE;
  Measurement measurement("whole AP Requests");
  Host host;
  std::vector<Bytes> frames;
  for (std::uint32_t i = 1; i < flood_frames; ++i) {
    measurement.step(i, 4 * flood_frames);
    frames.push_back(host.request(i));
  }
  frames.push_back(host.request(true_nonce));

  std::uint64_t done = flood_frames;
  const auto measure = [&](const std::string& name, const std::string& what, auto serve) {
    host.forget();
    const double begin = cpu_seconds();
    for (const Bytes& frame : frames) {
      measurement.step(done++, 4 * flood_frames);
      serve(frame);
    }
    const double seconds = cpu_seconds() - begin;
    results.add(name, what,
                {{seconds / static_cast<double>(frames.size()) * 1e6, "us/frame"},
                 {static_cast<double>(frames.size()) / seconds, "frames/s a CPU core"}});
  };
  results.table("flood", "Flood: whole AP Requests with true tickets and false nonces; CPU time of the host");
  measure("no_guard", "no guard: every request is opened", [&](const Bytes& frame) { host.serve(frame); });
  policy::UntimedGuard filter(server());
  filter.restore(client(), true_nonce, Phase::outstanding, 0, 0, 1'000'000);
  measure("policy", "the policy as software in front", [&](const Bytes& frame) {
    if (filter.judge(frame, 0) == Verdict::accepted) host.serve(frame);
  });

  const std::unique_ptr<Engine> core = make_engine(kind);
  std::uint64_t reached = 0;
  core->on_outcome = [&reached](const Outcome& outcome) { reached += outcome.host_frame ? 1 : 0; };
  core->configure(server());
  core->command({.code = CommandCode::restore, .client = client(), .lifetime = 1'000'000, .nonce = true_nonce}, 0);
  for (const Bytes& frame : frames) {
    measurement.step(done++, 4 * flood_frames);
    core->play(frame, 1);
  }
  core->finish();
  results.add("core", "the core in front: frames that the host sees",
              {{static_cast<double>(reached), "of " + std::to_string(frames.size())}});
}

void measure_policy(Results& results, const std::vector<Bytes>& frames, std::uint64_t count) {
  Measurement measurement("the policy as a filter");
  policy::UntimedGuard guard(server());
  guard.restore(client(), 0x1BADCAFE, Phase::outstanding, 0, 0, 1'000'000);
  std::uint64_t dropped = 0;
  const double begin = cpu_seconds();
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 1'024 == 0) measurement.step(i, count);
    dropped += is_pass(guard.judge(frames[i % frames.size()], 0)) ? 0 : 1;
  }
  const double seconds = cpu_seconds() - begin;
  results.table("policy",
                "The untimed policy as a plain C++ filter on one CPU core (10GbE at minimum frames is 14.88 M/s)");
  results.add(
      "filter",
      "minimum frames, " + decimal(100 * static_cast<double>(dropped) / static_cast<double>(count), 1) + " % dropped",
      {{static_cast<double>(count) / seconds, "frames/s"}});
}

}  // namespace reveille::sim::bench
