// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "call/telephone.hpp"
#include "core_buses.hpp"
#include "engine/server_setup.hpp"
#include "interrupt.hpp"
#include "output_file.hpp"
#include "programs/call_desk.hpp"
#include "programs/esp_table.hpp"
#include "programs/event_loop.hpp"
#include "programs/program_file.hpp"
#include "programs/programs.hpp"
#include "programs/sockets.hpp"
#include "reveille/nodes/client_list.hpp"
#include "reveille/nodes/driven_core.hpp"
#include "reveille/nodes/software_core.hpp"

namespace reveille::sim {
namespace {

using nlohmann::ordered_json;
using nodes::ClientList;
using nodes::Controller;

constexpr kerberos::Time millisecond = 1000;

/// The configuration file of `controller`.
struct ControllerFile {
  std::string realm;
  kerberos::PrincipalName principal;
  kerberos::Keytab keytab;
  std::vector<net::Address> addresses;  ///< one of a family at most
  std::vector<ClientList::Client> clients;
  nodes::ControllerConfig controller;
  nodes::SoftwareCoreConfig core;
  nodes::ClientListConfig list;
  std::optional<std::filesystem::path> report;
  bool takes_packets = false;
  bool weak_etypes = false;
  std::optional<std::filesystem::path> esp_table;
  std::optional<CallDesk::Config> call;

  explicit ControllerFile(const std::filesystem::path& path);

 private:
  void read_addresses(const JsonValue& list);
  void read_clients(const JsonValue& list);
  void read_call(const ProgramFile& file, const JsonValue& value);
  [[nodiscard]] CallAgent::Line read_line(const JsonValue& value) const;
};

/// Whether one host can have it: neither unspecified nor multicast nor of what is reserved, the broadcast address too.
bool is_of_a_host(const net::Address& address) {
  const ByteView octets = address.header_octets();
  if (address.is_ipv4()) return octets[0] != 0 && octets[0] < 224;
  return octets[0] != 0xFF && std::ranges::any_of(octets, [](std::uint8_t octet) { return octet != 0; });
}

ControllerFile::ControllerFile(const std::filesystem::path& path) {
  const ProgramFile file(path);
  const JsonValue root = file.root();
  root.require_keys({"realm", "principal", "keytab", "addresses", "clients"},
                    {"association_lifetime_s", "grace_period_s", "session_lifetime_s", "wake_tries", "wake_interval_ms",
                     "wake_rounds", "retry_s", "renew", "rekey", "reestablish", "acknowledgement", "client_initiated",
                     "most_open", "report", "signalling", "esp_table", "call", "weak_etypes"});
  realm = read_realm(root["realm"]);
  principal = read_principal(root["principal"]);
  read_addresses(root["addresses"]);
  read_clients(root["clients"]);
  const auto seconds = [&root](const char* key, std::uint64_t least, std::uint64_t most, std::uint64_t preset) {
    return read_number(root, key, least, most, preset);
  };
  controller.association_lifetime_s = static_cast<std::uint32_t>(seconds("association_lifetime_s", 2, 604'800, 86'400));
  const std::uint64_t longest_grace = controller.association_lifetime_s / 2;
  controller.grace_period_s = static_cast<std::uint32_t>(
      seconds("grace_period_s", 1, longest_grace, std::min<std::uint64_t>(600, longest_grace)));
  controller.session_lifetime_us = seconds("session_lifetime_s", 1, 3'600, 30) * kerberos::second;
  controller.wake_rounds = static_cast<unsigned>(read_number(root, "wake_rounds", 1, 15, 1));
  core.wake_tries = static_cast<unsigned>(read_number(root, "wake_tries", 1, 15, core.wake_tries));
  core.wake_interval = read_time(root, "wake_interval_ms", millisecond, 1, 60'000, core.wake_interval);
  controller.rekey_timeouts.first = core.wake_interval;
  core.principal = kerberos::to_string(principal);
  list.retry = read_time(root, "retry_s", kerberos::second, 0, 86'400, list.retry);
  if (root.has("renew")) list.renew = root["renew"].truth();
  if (root.has("rekey")) list.rekey = root["rekey"].truth();
  if (root.has("signalling")) takes_packets = root["signalling"].truth();
  if (root.has("reestablish")) controller.reestablish = root["reestablish"].truth();
  if (root.has("acknowledgement")) controller.acknowledgement = root["acknowledgement"].truth();
  if (root.has("client_initiated") && root["client_initiated"].one_of("drop", "pass") == "pass") {
    core.server.client_initiated = policy::ServerConfig::pass;
  }
  list.most_open = read_number(root, "most_open", 1, core.capacity, list.most_open);
  if (root.has("weak_etypes")) weak_etypes = root["weak_etypes"].truth();
  keytab = read_keytab_of(file.path(root["keytab"]), realm, principal, weak_etypes);
  if (root.has("report")) report = file.output(root["report"]);
  if (root.has("esp_table")) esp_table = file.private_output(root["esp_table"]);
  if (root.has("call")) read_call(file, root["call"]);
}

void ControllerFile::read_addresses(const JsonValue& list) {
  for (const JsonValue& entry : list.list()) {
    const net::Address address = entry.address(true, true);
    if (!is_of_a_host(address)) entry.fail("the address of a host expected");
    auto& own = address.is_ipv4() ? core.server.ipv4 : core.server.ipv6;
    if (!own.empty()) entry.fail("one address of a family at most expected");
    own.push_back(address);
    addresses.push_back(address);
  }
  if (addresses.empty()) list.fail("an address at least expected");
}

void ControllerFile::read_clients(const JsonValue& list) {
  std::set<net::Address> known;
  for (const JsonValue& entry : list.list()) {
    entry.require_keys({"address", "principal"}, {"doi"});
    const net::Address address = entry["address"].address(!core.server.ipv4.empty(), !core.server.ipv6.empty());
    if (!is_of_a_host(address) || std::ranges::count(addresses, address) > 0) {
      entry["address"].fail("the address of another host expected");
    }
    if (!known.insert(address).second) entry["address"].fail("an address that stands once expected");
    clients.push_back({address, read_principal(entry["principal"]), read_doi(entry)});
  }
}

void ControllerFile::read_call(const ProgramFile& file, const JsonValue& value) {
  value.require_keys({"caller", "called"}, {"media_keys"});
  if (!takes_packets) value.fail("no call expected where signalling is false");
  call = CallDesk::Config{
      .caller = read_line(value["caller"]), .called = read_line(value["called"]), .media_keys = std::nullopt};
  if (call->caller.client == call->called.client) value["called"].fail("another address than the caller's expected");
  if (value.has("media_keys")) call->media_keys = file.private_output(value["media_keys"]);
}

CallAgent::Line ControllerFile::read_line(const JsonValue& value) const {
  const net::Address address = value.address(true, true);
  const auto client = std::ranges::find(clients, address, &ClientList::Client::address);
  if (client == clients.end() || client->doi != keymgmt::doi_ipsec) {
    value.fail("the address of a client with doi 1 expected");
  }
  return {address, kerberos::to_string(client->principal), media_port};
}

std::string name_of(Controller::Stage phase) {
  switch (phase) {
    case Controller::Stage::waking: return "waking";
    case Controller::Stage::opening: return "opening";
    case Controller::Stage::replied: return "replied";
    case Controller::Stage::established: return "established";
    case Controller::Stage::failed: return "failed";
  }
  return "unknown";
}

/// The server on its sockets; in front of it one of those cores, or without any the policy in software.
class ControllerProgram {
 public:
  ControllerProgram(ControllerFile file, Log log, bool once, std::vector<std::string> cores)
      : file_(std::move(file)),
        log_(std::move(log)),
        once_(once),
        esp_table_(file_.esp_table),
        buses_(std::move(cores)),
        core_(buses_.empty() ? software_core() : driven_core()),
        controller_(file_.controller,
                    kerberos::Service(file_.realm, file_.principal, std::move(file_.keytab), kerberos::default_skew,
                                      file_.weak_etypes),
                    *core_, random_),
        clients_(file_.list, file_.clients, loop_.clock().now()) {
    sockets_.reserve(file_.addresses.size());
    for (const net::Address& address : file_.addresses) {
      sockets_.emplace_back(nodes::Endpoint{address, nodes::key_management_port});
      const UdpSocket& socket = sockets_.back();
      loop_.watch(socket.number(), EPOLLIN, [this, &socket](std::uint32_t) { receive(socket); });
    }
    if (file_.takes_packets) take_packets();
    if (file_.call) {
      const auto own = [this](const net::Address& client) {
        const UdpSocket* socket = of_family(packet_sockets_, client);
        return socket != nullptr ? std::optional(socket->own().address) : std::nullopt;
      };
      call_.emplace(*file_.call, controller_, own, loop_, log_);
    }
    core_->on_expired = [this](const net::Address& client, kerberos::Time happened) {
      controller_.session_expired(client, happened, loop_.clock().now());
    };
    core_->on_wake_failed = [this](const net::Address& client, kerberos::Time happened) {
      controller_.wake_failed(client, happened, loop_.clock().now());
    };
    controller_.on_ended = [this](const net::Address& client, const Controller::Session& session) {
      ended(client, session);
    };
  }

  int run() {
    write_report();
    for (const UdpSocket& socket : sockets_) {
      log_("listening", {{"principal", kerberos::to_string(file_.principal)},
                         {"realm", file_.realm},
                         {"at", to_text(socket.own())},
                         {"clients", file_.clients.size()}});
    }
    if (file_.weak_etypes) warn_of_weak_etypes(log_);
    try {
      loop_.run([this] { expire(); }, [this] { return deadline(); });
    } catch (const Interrupted&) {
      log_("core-lost");  // and told to end while it looked for another
    }
    renew_report();
    log_("end", {{"established", established_}, {"failed", failed_}});
    return once_ && !all_established() ? exit_difference : exit_success;
  }

 private:
  void take_packets() {
    packet_sockets_.reserve(file_.addresses.size());
    for (const net::Address& address : file_.addresses) {
      packet_sockets_.emplace_back(nodes::Endpoint{address, nodes::esp_port});
      const UdpSocket& socket = packet_sockets_.back();
      loop_.watch(socket.number(), EPOLLIN, [this, &socket](std::uint32_t) {
        const std::optional<nodes::Datagram> datagram = socket.receive();
        if (!datagram || datagram->source.port != nodes::esp_port) return;
        controller_.receive_packet(datagram->source.address, socket.own().address, datagram->payload);
      });
    }
    controller_.on_packet = [this](const net::Address& client, const Bytes& packet) {
      if (const UdpSocket* socket = of_family(packet_sockets_, client)) {
        socket->send({client, nodes::esp_port}, packet);
      }
    };
  }
  static const UdpSocket* of_family(const std::vector<UdpSocket>& sockets, const net::Address& client) {
    const auto found = std::ranges::find_if(
        sockets, [&](const UdpSocket& socket) { return socket.own().address.is_ipv4() == client.is_ipv4(); });
    return found == sockets.end() ? nullptr : &*found;
  }
  std::unique_ptr<nodes::Front> software_core() {
    return std::make_unique<nodes::SoftwareCore>(
        file_.core, random_, [this](const net::Address& client, ByteView message) { send(client, message); });
  }
  std::unique_ptr<nodes::Front> driven_core() {
    driver::Setup setup;
    setup.server = server_setup(file_.core.server);
    setup.wake_tries = file_.core.wake_tries;
    setup.wake_interval_us = static_cast<std::uint32_t>(file_.core.wake_interval);
    auto core = std::make_unique<nodes::DrivenCore>(std::move(setup), [this] { return buses_.connect(); });
    const auto log_core = [this](unsigned cores) { log_("core", {{"at", buses_.current()}, {"cores", cores}}); };
    log_core(1);
    core->on_connected = log_core;
    core->on_guessing = [this](const net::Address& client, kerberos::Time) {
      log_("guessing", {{"client", net::format(client)}});
    };
    return core;
  }
  void tell_time() {
    core_->set_time(loop_.clock().now());
    controller_.set_clock_offset(loop_.clock().offset());
  }
  void expire() {
    tell_time();
    const kerberos::Time now = loop_.clock().now();
    bool empty = true;
    for (const UdpSocket& socket : sockets_) empty &= receive(socket);
    if (empty) core_->socket_is_empty();
    core_->expire();
    clients_.expire(controller_, now);
    controller_.expire(now);
    if (call_) call_->expire();
    core_->expire();  // results of the commands
    if (report_is_old_ && next_report_ <= now) renew_report();
    if (once_ && clients_.all_ended()) loop_.stop();
  }
  [[nodiscard]] std::optional<kerberos::Time> deadline() const {
    std::optional<kerberos::Time> earliest;
    for (const auto& each :
         {core_->deadline(), clients_.deadline(), controller_.deadline(), call_ ? call_->deadline() : std::nullopt,
          report_is_old_ ? std::optional(next_report_) : std::nullopt}) {
      if (each) earliest = earliest ? std::min(*earliest, *each) : *each;
    }
    return earliest;
  }
  /// Whether nothing waits any more.
  bool receive(const UdpSocket& socket) {
    constexpr unsigned datagrams_a_turn = 64;
    for (unsigned i = 0; i < datagrams_a_turn; ++i) {
      std::optional<nodes::Datagram> datagram = socket.receive();
      if (!datagram) return true;
      tell_time();
      const policy::Decision judged = core_->judge(datagram->source.address, datagram->payload);
      ++verdicts_[static_cast<std::size_t>(judged.verdict)];
      if (!judged.to_host || datagram->source.port != nodes::key_management_port) continue;
      const kerberos::Time now = loop_.clock().now();
      controller_.receive(datagram->source.address, std::move(datagram->payload), judged.verdict, now);
      controller_.expire(now);
      core_->expire();
    }
    return false;
  }
  void send(const net::Address& client, ByteView message) const {
    if (const UdpSocket* socket = of_family(sockets_, client))
      socket->send({client, nodes::key_management_port}, message);
  }
  void ended(const net::Address& client, const Controller::Session& session) {
    const bool good = session.stage == Controller::Stage::established;
    ++(good ? established_ : failed_);
    log_(name_of(session.stage), {{"client", net::format(client)},
                                  {"principal", kerberos::to_string(session.principal)},
                                  {"by", session.initiated ? "client"
                                         : session.rekeys  ? "rekey"
                                                           : "wake-up"},
                                  {"failure", session.failure},
                                  {"after_ms", (session.ended - session.woken) / millisecond}});
    if (const UdpSocket* socket = of_family(sockets_, client); good && socket != nullptr) {
      const nodes::Association& newest = controller_.associations(client).back();
      try_to_write(log_, [&] { esp_table_.add(newest, socket->own().address, client, nodes::Role::controller); });
    }
    clients_.ended(client, session, file_.controller.association_lifetime_s * kerberos::second,
                   file_.controller.grace_period_s * kerberos::second);
    report_is_old_ = true;
  }
  [[nodiscard]] bool all_established() const {
    const auto& sessions = controller_.sessions();
    return sessions.size() == file_.clients.size() && std::ranges::all_of(sessions, [](const auto& entry) {
             return entry.second.stage == Controller::Stage::established;
           });
  }
  [[nodiscard]] ordered_json report() const {
    ordered_json clients = ordered_json::array();
    for (const auto& [address, session] : controller_.sessions()) {
      ordered_json client = {{"address", net::format(address)},
                             {"principal", kerberos::to_string(session.principal)},
                             {"state", name_of(session.stage)},
                             {"rounds", session.rounds},
                             {"woken", kerberos::to_kerberos_time(session.woken + loop_.clock().offset())}};
      if (!session.failure.empty()) client["failure"] = session.failure;
      clients.push_back(std::move(client));
    }
    ordered_json verdicts = ordered_json::object();
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
      if (verdicts_[i] > 0) verdicts[std::string(kVerdictNames[i])] = verdicts_[i];
    }
    const Controller::Counters& counters = controller_.counters();
    return {{"clients", std::move(clients)},
            {"sessions", {{"established", established_}, {"failed", failed_}, {"open", controller_.open_sessions()}}},
            {"rekeys", counters.rekeys},
            {"ap_requests",
             {{"opened", counters.ap_requests_opened},
              {"client_initiated", counters.initiated},
              {"refused", counters.ap_requests_refused}}},
            {"signalling", {{"messages", counters.messages}, {"packets_refused", counters.packets_refused}}},
            {"verdicts", std::move(verdicts)}};
  }
  void write_report() {
    report_is_old_ = false;
    next_report_ = loop_.clock().now() + kerberos::second;
    if (file_.report) write_text(*file_.report, report().dump(1) + "\n");
  }
  /// Sessions go on without it, on a full disk for one; it is tried again a minute later.
  void renew_report() {
    if (try_to_write(log_, [this] { write_report(); })) return;
    report_is_old_ = true;
    next_report_ = loop_.clock().now() + kerberos::minute;
  }

  ControllerFile file_;
  Log log_;
  bool once_;
  kerberos::SystemRandom random_;
  EventLoop loop_;
  EspTable esp_table_;
  CoreBuses buses_;
  std::unique_ptr<nodes::Front> core_;
  Controller controller_;
  ClientList clients_;
  std::optional<CallDesk> call_;
  std::vector<UdpSocket> sockets_;
  std::vector<UdpSocket> packet_sockets_;  ///< ESP in UDP
  std::array<std::uint64_t, kVerdictCount> verdicts_ = {};
  std::uint64_t established_ = 0, failed_ = 0;
  bool report_is_old_ = false;
  kerberos::Time next_report_ = 0;
};

}  // namespace

void add_controller_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("controller", "A server that wakes a list of clients and authenticates them");
  const auto options = std::make_shared<ProgramOptions>();
  const auto once = std::make_shared<bool>(false);
  const auto cores = std::make_shared<std::vector<std::string>>();
  add_program_options(*command, *options);
  command
      ->add_option("--core", *cores,
                   "drive the core at this BUS, as reveille drive does, in place of the policy in software; given "
                   "again: the next one where that one is gone")
      ->type_name("BUS");
  command->add_flag("--once", *once,
                    "ends when each client has had its session, with status 1 unless all are established");
  command->callback([options, once, cores, &action] {
    action = [options, once, cores] {
      return ControllerProgram(ControllerFile(options->config), Log("controller", options->log), *once, *cores).run();
    };
  });
}

}  // namespace reveille::sim
