// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "programs/esp_table.hpp"
#include "programs/kdc_link.hpp"
#include "programs/program_file.hpp"
#include "programs/programs.hpp"
#include "programs/snmp_service.hpp"
#include "programs/telephone_line.hpp"
#include "reveille/kerberos/credential_cache.hpp"
#include "reveille/nodes/cta.hpp"

namespace reveille::sim {
namespace {

using nodes::Cta;
using nodes::Endpoint;

constexpr kerberos::Time millisecond = 1000;

/// The configuration file of `cta`.
struct CtaFile {
  nodes::CtaConfig cta;
  bool kdc_over_tcp = false;
  bool weak_etypes = false;
  std::optional<std::filesystem::path> credential_cache;
  std::optional<std::filesystem::path> armor_cache;
  std::optional<std::filesystem::path> esp_table;
  std::optional<std::uint16_t> snmp_port;
  std::optional<std::filesystem::path> snmp_table;
  std::optional<Telephone::Config> telephone;

  explicit CtaFile(const std::filesystem::path& path);

 private:
  void read_etypes(const JsonValue& list);
  void read_telephone(const JsonValue& value);
  void read_secret(const ProgramFile& file, const JsonValue& root);
};

CtaFile::CtaFile(const std::filesystem::path& path) {
  const ProgramFile file(path);
  const JsonValue root = file.root();
  root.require_keys({"realm", "principal", "address", "server", "kdc"}, {"keytab",
                                                                         "password_file",
                                                                         "certificate",
                                                                         "credential_cache",
                                                                         "doi",
                                                                         "renew_ahead_s",
                                                                         "learn_time",
                                                                         "timeout_ms",
                                                                         "longest_timeout_ms",
                                                                         "tries",
                                                                         "answer_interval_ms",
                                                                         "initiate",
                                                                         "signalling_interval_ms",
                                                                         "esp_table",
                                                                         "snmp_port",
                                                                         "snmp_table",
                                                                         "telephone",
                                                                         "weak_etypes",
                                                                         "etypes",
                                                                         "armor_cache"});
  cta.realm = read_realm(root["realm"]);
  cta.principal = read_principal(root["principal"]);
  cta.address = root["address"].address(true, true);
  const JsonValue server = root["server"], kdc = root["kdc"];
  server.require_keys({"address", "principal"});
  const bool ipv4 = cta.address.is_ipv4();
  cta.server = {server["address"].address(ipv4, !ipv4), nodes::key_management_port};
  cta.server_principal = read_principal(server["principal"]);
  kdc.require_keys({"address"}, {"port", "transport"});
  cta.kdc = {kdc["address"].address(ipv4, !ipv4), kdc.has("port") ? read_port(kdc["port"]) : nodes::kdc_port};
  kdc_over_tcp = kdc.has("transport") && kdc["transport"].one_of("udp", "tcp") == "tcp";
  cta.doi = read_doi(root);
  constexpr std::uint64_t longest_ms = 600'000;
  cta.renew_ahead = read_time(root, "renew_ahead_s", kerberos::second, 0, 86'400, kerberos::hour);
  cta.timeouts.first = read_time(root, "timeout_ms", millisecond, 1, longest_ms, cta.timeouts.first);
  cta.timeouts.longest = read_time(root, "longest_timeout_ms", millisecond, 1, longest_ms, cta.timeouts.longest);
  cta.tries = static_cast<unsigned>(read_number(root, "tries", 0, 20, cta.tries));
  cta.answer_interval = read_time(root, "answer_interval_ms", millisecond, 1, longest_ms, cta.answer_interval);
  cta.signalling_interval = read_time(root, "signalling_interval_ms", millisecond, 0, longest_ms, 0);
  if (root.has("snmp_port")) snmp_port = read_port(root["snmp_port"]);
  if (snmp_port && cta.doi != keymgmt::doi_snmp) root["snmp_port"].fail("no port expected where doi is 1");
  if (root.has("telephone")) read_telephone(root["telephone"]);
  if (root.has("learn_time")) cta.learns_time = root["learn_time"].truth();
  if (root.has("initiate")) cta.initiate = root["initiate"].truth();
  if (root.has("weak_etypes")) weak_etypes = root["weak_etypes"].truth();
  if (root.has("etypes")) {
    read_etypes(root["etypes"]);
  } else if (weak_etypes) {
    cta.etypes.push_back(kerberos::Etype::des3_sha1);  // last: any other is better
  }
  if (root.has("armor_cache")) armor_cache = file.path(root["armor_cache"]);
  read_secret(file, root);
  if (root.has("credential_cache")) credential_cache = file.private_output(root["credential_cache"]);
  if (root.has("esp_table")) esp_table = file.private_output(root["esp_table"]);
  if (root.has("snmp_table")) snmp_table = file.private_output(root["snmp_table"]);
}

void CtaFile::read_etypes(const JsonValue& list) {
  cta.etypes.clear();
  for (const JsonValue& entry : list.list()) {
    const auto etype = kerberos::to_etype(static_cast<std::int32_t>(entry.integer(16, 20))).value();
    if (is_weak(etype) && !weak_etypes) entry.fail("an etype from 17 to 20 expected where weak_etypes is false");
    if (std::ranges::count(cta.etypes, etype) > 0) entry.fail("an etype that stands once expected");
    cta.etypes.push_back(etype);
  }
  if (cta.etypes.empty()) list.fail("an etype at least expected");
}

void CtaFile::read_telephone(const JsonValue& value) {
  value.require_keys({"calls"}, {"packets", "packet_ms"});
  if (cta.doi != keymgmt::doi_ipsec) value.fail("no telephone expected where doi is 2");
  // Those messages say that a receiver was lifted.
  if (cta.signalling_interval > 0) value.fail("no telephone expected where signalling_interval_ms is not 0");
  telephone.emplace();
  telephone->address = cta.address;
  telephone->calls = value["calls"].truth();
  telephone->packets = static_cast<unsigned>(read_number(value, "packets", 1, 1'000'000, telephone->packets));
  telephone->interval = read_time(value, "packet_ms", millisecond, 1, 1'000, telephone->interval);
}

void CtaFile::read_secret(const ProgramFile& file, const JsonValue& root) {
  const int ways = int{root.has("keytab")} + int{root.has("password_file")} + int{root.has("certificate")};
  if (ways != 1) {
    root.fail("keytab, password_file or certificate expected, one of the three");
  }
  if (root.has("certificate")) {
    const JsonValue own = root["certificate"];
    own.require_keys({"certificate", "key", "anchors"}, {"group"});
    kerberos::pkinit::Client client{
        .identity = kerberos::pkinit::Identity(file.path(own["certificate"]), file.path(own["key"])),
        .anchors = kerberos::pkinit::Anchors(file.path(own["anchors"]))};
    if (own.has("group")) {
      const std::string expected = R"("modp-2048", "modp-4096" or "p-256" expected)";
      const auto group = kerberos::pkinit::to_group(own["group"].text(expected));
      if (!group) own["group"].fail(expected);
      client.group = *group;
    }
    cta.secret = std::make_shared<const kerberos::pkinit::Client>(std::move(client));
    return;
  }
  if (root.has("password_file")) {
    cta.secret = read_password(file.path(root["password_file"]));
    return;
  }
  const auto keytab = read_keytab_of(file.path(root["keytab"]), cta.realm, cta.principal, weak_etypes);
  const kerberos::KeytabEntry* newest = nullptr;  // of those of the newest kvno the first
  for (const kerberos::KeytabEntry& entry : keytab.entries()) {
    if (std::ranges::count(cta.etypes, entry.key.etype()) == 0) continue;
    if (newest == nullptr || entry.kvno > newest->kvno) newest = &entry;
  }
  if (newest == nullptr) root["keytab"].fail("a keytab with a key of one of the etypes expected");
  cta.secret = newest->key;
}

/// The ticket in a cache that an AS exchange is armoured with: of anybody, the CTA's host or another.
kerberos::Credential read_armor(const std::filesystem::path& path, const std::string& realm) {
  const auto cache = kerberos::CredentialCache::load(path);
  const kerberos::Credential* ticket = cache.find(kerberos::ticket_granting_service(realm));
  if (ticket == nullptr || ticket->ticket.realm != realm) {
    throw Error(ErrorKind::bad_input, path.string() + ": no ticket-granting ticket of " + realm + " to armour with");
  }
  return *ticket;
}

std::string name_of(Cta::State state) {
  switch (state) {
    case Cta::State::idle: return "idle";
    case Cta::State::waiting_for_turn: return "waiting-for-turn";
    case Cta::State::asking_kdc: return "asking-kdc";
    case Cta::State::waiting_for_reply: return "waiting-for-reply";
    case Cta::State::established: return "established";
    case Cta::State::aborted: return "aborted";
  }
  return "unknown";
}

/// The client on its sockets.
class CtaProgram {
 public:
  CtaProgram(CtaFile file, Log log, bool once)
      : file_(std::move(file)),
        log_(std::move(log)),
        once_(once),
        esp_table_(file_.esp_table),
        cta_(with_tickets(), random_),
        socket_({cta_.config().address, nodes::key_management_port}),
        kdc_(cta_.config().address, cta_.config().kdc, file_.kdc_over_tcp, loop_, [this](Bytes reply) {
          receive({cta_.config().kdc, {cta_.config().address, nodes::kdc_port}, std::move(reply)});
        }) {
    loop_.watch(socket_.number(), EPOLLIN, [this](std::uint32_t) {
      while (std::optional<nodes::Datagram> datagram = socket_.receive()) receive(*datagram);
    });
    if (file_.snmp_port) {
      const std::string name = kerberos::to_string(cta_.config().principal);
      snmp_.emplace(Endpoint{cta_.config().address, *file_.snmp_port}, name, file_.snmp_table, loop_);
    }
    if (file_.telephone) telephone_.emplace(*file_.telephone, cta_, sender(), loop_, log_);
    if (cta_.config().signalling_interval == 0 && !telephone_) return;
    packets_.emplace(Endpoint{cta_.config().address, nodes::esp_port});
    loop_.watch(packets_->number(), EPOLLIN, [this](std::uint32_t) {
      while (std::optional<nodes::Datagram> datagram = packets_->receive()) receive(*datagram);
    });
  }

  int run() {
    log_("listening", {{"principal", kerberos::to_string(cta_.config().principal)},
                       {"realm", cta_.config().realm},
                       {"at", to_text(socket_.own())}});
    if (file_.weak_etypes) warn_of_weak_etypes(log_);
    loop_.run(
        [this] {
          set_clock();
          if (telephone_) telephone_->expire();
          cta_.expire(loop_.clock().now(), sender());
          report();
        },
        [this] { return deadline(); });
    const Cta::Counters& counters = cta_.counters();
    log_("end", {{"messages", counters.messages},
                 {"answered", counters.messages_answered},
                 {"sent_again", counters.messages_again},
                 {"packets_refused", counters.packets_refused},
                 {"snmp_answered", snmp_ ? snmp_->answered() : 0}});
    if (telephone_) {
      const Telephone::Counters& media = telephone_->counters();
      log_("media", {{"said", media.said}, {"heard", media.heard}, {"refused", media.refused}});
    }
    return once_ && !established_ ? exit_difference : exit_success;
  }

 private:
  /// A ticket that an earlier run left, and those for armour, which others renew.
  nodes::CtaConfig with_tickets() {
    nodes::CtaConfig config = std::move(file_.cta);
    if (file_.armor_cache) {
      armor_ = read_armor(*file_.armor_cache, config.realm);
      config.armor = [this, realm = config.realm] {
        try {
          armor_ = read_armor(*file_.armor_cache, realm);
        } catch (const Error& error) {
          log_("error", {{"what", error.what()}});  // the KDC says whether the one of before still does
        }
        return *armor_;
      };
    }
    std::error_code ignored;
    if (!file_.credential_cache || !std::filesystem::exists(*file_.credential_cache, ignored)) return config;
    const auto cache = kerberos::CredentialCache::load(*file_.credential_cache);
    if (cache.realm != config.realm || cache.client != config.principal) {
      throw Error(ErrorKind::bad_input, file_.credential_cache->string() + ": the tickets of another client");
    }
    const kerberos::Credential* ticket = cache.find(config.server_principal);
    const bool usable = ticket != nullptr && ticket->endtime > wall_clock() &&
                        std::ranges::count(config.etypes, ticket->session_key.etype()) > 0;
    if (usable) config.credential = *ticket;
    if (config.credential) saved_ = config.credential->ticket;
    return config;
  }
  void receive(const nodes::Datagram& datagram) {
    set_clock();
    cta_.receive(datagram, loop_.clock().now(), sender());
    report();
  }
  [[nodiscard]] std::optional<nodes::Time> deadline() const {
    const auto cta = cta_.deadline(), telephone = telephone_ ? telephone_->deadline() : std::nullopt;
    return cta && telephone ? std::min(cta, telephone) : cta ? cta : telephone;
  }
  void set_clock() { cta_.set_clock_offset(loop_.clock().offset()); }
  nodes::Send sender() {
    return [this](nodes::Datagram datagram) {
      if (datagram.destination == cta_.config().kdc) {
        kdc_.send(std::move(datagram.payload));
      } else if (datagram.source.port == nodes::esp_port) {
        packets_->send(datagram.destination, datagram.payload);
      } else {
        socket_.send(datagram.destination, datagram.payload);
      }
    };
  }
  /// Says what has changed, and keeps a new ticket.
  void report() {
    const kerberos::Credential* credential = cta_.credential();
    if (credential != nullptr && credential->ticket != saved_) {
      saved_ = credential->ticket;
      save(*credential);
      log_("ticket", {{"service", kerberos::to_string(credential->ticket.sname)},
                      {"etype", static_cast<int>(credential->session_key.etype())},
                      {"until", kerberos::to_kerberos_time(credential->endtime)}});
    }
    if (cta_.clock_error() != clock_error_) {
      clock_error_ = cta_.clock_error();
      log_("clock", {{"behind_s", clock_error_ / kerberos::second}});
    }
    const Cta::Counters& counters = cta_.counters();
    const std::uint64_t rekeys_taken = counters.rekeys - counters.refused_rekeys;
    if (rekeys_taken != rekeys_taken_) log_("rekey");
    rekeys_taken_ = rekeys_taken;
    const bool has_ended = !cta_.keys() && has_association_;
    has_association_ = cta_.keys().has_value();
    if (has_ended) log_("association-ended");
    if (counters.established != tabled_) {
      tabled_ = counters.established;
      const nodes::Association& newest = *cta_.associations().newest();
      try_to_write(
          log_, [&] { esp_table_.add(newest, cta_.config().address, cta_.config().server.address, nodes::Role::cta); });
      if (snmp_) try_to_write(log_, [&] { snmp_->add(newest); });
      if (telephone_) telephone_->established();
    }
    if (snmp_) snmp_->keep(cta_.associations().all());
    const bool anew = cta_.state() == Cta::State::established && counters.established != associations_;
    if (cta_.state() == state_ && !anew) return;
    associations_ = counters.established;
    state_ = cta_.state();
    const nodes::AbortReason reason = cta_.abort_reason();
    const bool of_kdc = reason == nodes::AbortReason::kdc_refused || reason == nodes::AbortReason::kdc_silent;
    if (state_ != Cta::State::aborted) {
      log_(name_of(state_));
    } else if (of_kdc && !cta_.kdc_fault().empty()) {
      log_(name_of(state_), {{"reason", nodes::to_string(reason)}, {"answer", cta_.kdc_fault()}});
    } else {
      log_(name_of(state_), {{"reason", nodes::to_string(reason)}});
    }
    established_ = established_ || state_ == Cta::State::established;
    if (once_ && (state_ == Cta::State::established || state_ == Cta::State::aborted)) loop_.stop();
  }
  void save(const kerberos::Credential& credential) {
    if (!file_.credential_cache) return;
    kerberos::CredentialCache cache{cta_.config().realm, cta_.config().principal, {}};
    if (cta_.granting() != nullptr) cache.credentials.push_back(*cta_.granting());
    cache.credentials.push_back(credential);
    try_to_write(log_, [&] { cache.save(*file_.credential_cache); });
  }

  CtaFile file_;
  Log log_;
  bool once_;
  kerberos::SystemRandom random_;
  std::optional<kerberos::Ticket> saved_;
  std::optional<kerberos::Credential> armor_;
  EventLoop loop_;
  EspTable esp_table_;
  Cta cta_;
  UdpSocket socket_;
  std::optional<UdpSocket> packets_;  ///< ESP in UDP
  std::optional<SnmpService> snmp_;
  std::optional<TelephoneLine> telephone_;
  KdcLink kdc_;
  Cta::State state_ = Cta::State::idle;
  kerberos::Time clock_error_ = 0;
  std::uint64_t associations_ = 0, rekeys_taken_ = 0, tabled_ = 0;
  bool has_association_ = false;
  bool established_ = false;
};

}  // namespace

void add_cta_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("cta", "A client that answers a server's Wake Ups");
  const auto options = std::make_shared<ProgramOptions>();
  const auto once = std::make_shared<bool>(false);
  add_program_options(*command, *options);
  command->add_flag("--once", *once, "ends behind its first exchange, with status 1 if that came to nothing");
  command->callback([options, once, &action] {
    action = [options, once] { return CtaProgram(CtaFile(options->config), Log("cta", options->log), *once).run(); };
  });
}

}  // namespace reveille::sim
