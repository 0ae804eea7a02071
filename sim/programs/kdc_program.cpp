// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "programs/kdc_file.hpp"
#include "programs/programs.hpp"

namespace reveille::sim {

KdcFile::KdcFile(const std::filesystem::path& path) {
  const ProgramFile file(path);
  const JsonValue root = file.root();
  root.require_keys({"realm", "database", "listen"}, {"port", "ticket_lifetime_s", "clock_skew_s", "largest_datagram",
                                                      "log_requests", "certificates", "weak_etypes"});
  realm = read_realm(root["realm"]);
  database = file.path(root["database"]);
  const std::uint16_t port = root.has("port") ? read_port(root["port"]) : nodes::kdc_port;
  for (const JsonValue& entry : root["listen"].list()) {
    const nodes::Endpoint endpoint{entry.address(true, true), port};
    if (std::ranges::find(server.listen, endpoint) != server.listen.end()) {
      entry.fail("an address that stands once expected");
    }
    server.listen.push_back(endpoint);
  }
  if (server.listen.empty()) root["listen"].fail("an address at least expected");
  constexpr std::uint64_t week_s = 604'800;
  constexpr std::uint64_t hour_s = 3'600;
  policy.ticket_lifetime = read_time(root, "ticket_lifetime_s", kerberos::second, 1, week_s, policy.ticket_lifetime);
  policy.skew = read_time(root, "clock_skew_s", kerberos::second, 1, hour_s, policy.skew);
  server.largest_datagram = read_number(root, "largest_datagram", 256, 65'000, server.largest_datagram);
  if (root.has("log_requests")) server.log_requests = root["log_requests"].truth();
  if (root.has("weak_etypes")) policy.weak_etypes = root["weak_etypes"].truth();
  if (!root.has("certificates")) return;
  const JsonValue own = root["certificates"];
  own.require_keys({"certificate", "key", "anchors"}, {"revoked", "require_freshness"});
  certificates = Certificates{
      .certificate = file.path(own["certificate"]), .key = file.path(own["key"]), .anchors = file.path(own["anchors"])};
  if (own.has("revoked")) certificates->revoked = file.path(own["revoked"]);
  if (own.has("require_freshness")) certificates->require_freshness = own["require_freshness"].truth();
}

namespace {

int run_kdc(const ProgramOptions& options) {
  const KdcFile file(options.config);
  const Log log("kdc", options.log);
  PrincipalStore principals(file.database, file.realm);
  kerberos::SystemRandom random;
  kerberos::Kdc kdc(file.realm, principals, random, file.policy);
  if (file.certificates) {
    const KdcFile::Certificates& own = *file.certificates;
    kdc.accept_certificates({kerberos::pkinit::Identity(own.certificate, own.key),
                             kerberos::pkinit::Anchors(own.anchors, own.revoked), own.require_freshness});
  }
  EventLoop loop;
  KdcServer server(file.server, kdc, principals, loop, log);
  for (const nodes::Endpoint& endpoint : file.server.listen) {
    log("listening", {{"realm", file.realm}, {"at", to_text(endpoint)}});
  }
  if (file.policy.weak_etypes) warn_of_weak_etypes(log);
  loop.run([&] { server.expire(); }, [&] { return server.deadline(); });
  log("end");
  return exit_success;
}

}  // namespace

void add_kdc_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("kdc", "A key distribution centre on UDP and TCP, or its principals");
  const auto options = std::make_shared<ProgramOptions>();
  add_program_options(*command, *options)->required(false);  // its commands have their own
  const CLI::App* principal = add_principal_command(*command, action);
  command->callback([options, principal, &action] {
    if (principal->parsed()) return;
    if (options->config.empty()) throw CLI::RequiredError("--config");
    action = [options] { return run_kdc(*options); };
  });
}

}  // namespace reveille::sim
