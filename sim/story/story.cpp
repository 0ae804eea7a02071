// SPDX-License-Identifier: Apache-2.0
#include "story/story.hpp"

#include <algorithm>
#include <chrono>
#include <deque>

#include "bed/kdc_client.hpp"
#include "engine/server_setup.hpp"
#include "interrupt.hpp"
#include "planned_load.hpp"
#include "report/verdict_chart.hpp"
#include "story/call_act.hpp"
#include "story/cast.hpp"
#include "story/nodes.hpp"
#include "story/realm.hpp"

namespace reveille::sim {

namespace {

using sc_core::sc_time;
using sc_core::sc_time_stamp;

/// 2026-01-01 00:00:00 UTC: the model's world begins there, so that the same seed gives the same octets.
constexpr nodes::Time epoch = 1'767'225'600 * kerberos::second;
constexpr unsigned slices = html::chart_slices;
constexpr net::MacAddress gateway = {0x02, 0, 0, 0, 0, 0xFE};
constexpr std::uint64_t forged_wakeup_interval_us = 25;

class Story {
 public:
  Story(const Scenario& scenario, core::CoreInterface& core, const StoryOptions& options, StoryResult& result);
  void run();

 private:
  void cast_ctas();
  void connect();
  [[nodiscard]] std::string shown_name(unsigned index) const;
  [[nodiscard]] HostNames host_names() const;
  void arm_controller() { controller_alarm_.arm(controller_.deadline()); }
  void wake_next();
  void rekey_next();
  void receive(const Bytes& frame, Verdict verdict);
  void send_packet(const net::Address& client, Bytes packet);
  [[nodiscard]] net::Address server_of(const net::Address& client) const {
    return client.is_ipv4() ? host_.ipv4 : host_.ipv6;
  }
  void place_call();
  [[nodiscard]] bool can_call(unsigned index) const;
  void summarize();
  void end_exchanges();
  [[nodiscard]] core::Setup setup() const;
  [[nodiscard]] std::vector<net::Address> addresses() const;

  const Scenario& scenario_;
  const StoryOptions& options_;
  StoryResult& result_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();

  std::vector<Character> characters_;
  ServerHost host_;
  policy::ServerConfig server_;
  Realm realm_;
  Calendar calendar_;
  Network network_;
  Recorder recorder_;
  Flood flood_;
  CoreSite site_;
  kerberos::SeededRandom controller_random_;
  nodes::Controller controller_;
  Alarm controller_alarm_;
  KdcModule kdc_;
  std::vector<std::unique_ptr<kerberos::SeededRandom>> cta_random_;
  std::vector<std::unique_ptr<CtaModule>> ctas_;
  std::unique_ptr<WakeupForger> forger_;
  Alarm wake_alarm_;
  Alarm rekey_alarm_;
  Alarm call_alarm_;
  std::unique_ptr<CallAct> call_;
  std::deque<std::pair<nodes::Time, net::Address>> rekeys_due_;  ///< the first in front
  unsigned next_wake_ = 0;
};

/// What the core is told of its host: the addresses that clients use, of the families that there are.
policy::ServerConfig server_config(const ServerHost& host, const std::vector<Character>& clients,
                                   policy::ServerConfig::Destination destination) {
  policy::ServerConfig server;
  if (std::ranges::any_of(clients, [](const Character& client) { return client.ipv4; })) server.ipv4 = {host.ipv4};
  if (std::ranges::any_of(clients, [](const Character& client) { return !client.ipv4; })) server.ipv6 = {host.ipv6};
  server.destination = destination;
  return server;
}
const nodes::Endpoint kdc_endpoint{net::Address::parse("192.0.2.88"), nodes::kdc_port};

nodes::ControllerConfig controller_config(const Scenario& scenario) {
  nodes::ControllerConfig config;
  config.session_lifetime_us = scenario.session_lifetime_us;
  config.service_time = static_cast<nodes::Time>(scenario.host_service_us);
  config.reply_timeouts = {static_cast<nodes::Time>(scenario.reply_timeout_us),
                           static_cast<nodes::Time>(scenario.reply_timeout_max_us)};
  config.reply_tries = scenario.reply_tries;
  config.wake_rounds = scenario.wake_rounds;
  config.rekey_timeouts = config.reply_timeouts;
  config.rekey_tries = scenario.reply_tries;
  return config;
}

core::Setup Story::setup() const {
  core::Setup setup;
  setup.server = server_setup(server_);
  setup.wake_tries = scenario_.wake_tries;
  setup.wake_interval_us = static_cast<std::uint32_t>(scenario_.wake_interval_us);
  // Of the verdicts only those that belong to a session: the flood's are counted, and would fill the log.
  setup.event_mask = 0;
  for (const Verdict verdict : {Verdict::accepted, Verdict::resend, Verdict::sa_recovered}) {
    setup.event_mask |= 1U << static_cast<unsigned>(verdict);
  }
  setup.hops = {{gateway, host_.ethernet, 0, 0}};
  setup.principal = service_name;
  return setup;
}

std::vector<net::Address> Story::addresses() const {
  std::vector<net::Address> list;
  for (unsigned i = 0; i < scenario_.ctas; ++i) list.push_back(cta_address(i, characters_[i].ipv4));
  return list;
}

Story::Story(const Scenario& scenario, core::CoreInterface& core, const StoryOptions& options, StoryResult& result)
    : scenario_(scenario),
      options_(options),
      result_(result),
      characters_(cast(scenario)),
      server_(server_config(host_, characters_, scenario.destination)),
      realm_(scenario, options.kdc),
      calendar_(options.kdc == KdcKind::mit ? bed::wall_clock() : epoch),
      network_("network", {scenario.loss, scenario.duplicate, scenario.delay_min_us, scenario.delay_max_us},
               scenario.seed ^ 0x6E65),
      recorder_(result.report, host_, options.capture_all, from_microseconds(scenario.duration_us), slices,
                options.on_frame),
      flood_(scenario.flood_share > 0 ? scenario.attacks : std::set<Attack>{}, host_, addresses(),
             scenario.seed ^ 0xF100D),
      site_("core", core, {setup(), scenario.seed, scenario.flood_share, from_microseconds(scenario.duration_us)},
            network_, &flood_, recorder_),
      controller_random_(scenario.seed, "controller"),
      controller_(controller_config(scenario),
                  kerberos::Service(std::string(realm_name), kerberos::parse_principal(service_name),
                                    realm_.keytab(service_name)),
                  site_.host(), controller_random_),
      controller_alarm_("controller_alarm", calendar_,
                        [this] {
                          controller_.expire(calendar_.now());
                          arm_controller();
                        }),
      kdc_(
          "kdc", kdc_endpoint, [this](ByteView request, nodes::Time now) { return realm_.answer(request, now); },
          scenario.kdc_service_us, network_, calendar_),
      wake_alarm_("wake_alarm", calendar_, [this] { wake_next(); }),
      rekey_alarm_("rekey_alarm", calendar_, [this] { rekey_next(); }),
      call_alarm_("call_alarm", calendar_, [this] {
        if (call_) call_->expire(calendar_.now());
        if (!call_) place_call();
        if (call_) call_alarm_.arm(call_->deadline());
      }) {
  result.keys = realm_.keys();
  const std::uint64_t begin_ns = static_cast<std::uint64_t>(calendar_.epoch()) * 1'000;
  result.sessions = {.config = server_, .capture = CaptureChoice{.interface = "network", .begin_ns = begin_ns}};
  cast_ctas();
  options.on_begin(begin_ns, host_names());
  connect();
}

/// What the captures and the page call a CTA.
std::string Story::shown_name(unsigned index) const {
  return cta_name(index) + (characters_[index].dead ? "-dead" : "");
}

HostNames Story::host_names() const {
  HostNames names{{host_.ipv4, "server"}, {host_.ipv6, "server"}, {kdc_endpoint.address, "kdc"}, {kdc_ipv6(), "kdc"}};
  for (unsigned i = 0; i < scenario_.ctas; ++i) names.emplace_back(ctas_[i]->cta().config().address, shown_name(i));
  return names;
}

void Story::cast_ctas() {
  for (unsigned i = 0; i < scenario_.ctas; ++i) {
    end_if_interrupted();
    const Character& character = characters_[i];
    nodes::CtaConfig config;
    config.address = cta_address(i, character.ipv4);
    config.server = {character.ipv4 ? host_.ipv4 : host_.ipv6, server_.port};
    config.kdc = kdc_endpoint;
    config.realm = realm_name;
    config.principal = kerberos::parse_principal(cta_name(i));
    config.secret = realm_.key(cta_name(i));
    config.etypes = {Realm::etype_of(i)};
    if (config.etypes.front() != Realm::krbtgt_etype) config.etypes.push_back(Realm::krbtgt_etype);
    config.server_principal = kerberos::parse_principal(service_name);
    config.doi = i % 2 == 0 ? keymgmt::doi_ipsec : keymgmt::doi_snmp;
    const std::uint64_t patience = character.late ? scenario_.late_us : 0;
    config.timeouts = {static_cast<nodes::Time>(scenario_.cta_timeout_us + patience),
                       static_cast<nodes::Time>(scenario_.cta_timeout_max_us + patience)};
    config.tries = scenario_.cta_tries;
    config.answer_interval = static_cast<nodes::Time>(scenario_.cta_answer_interval_us);
    config.signalling_interval = static_cast<nodes::Time>(scenario_.signalling_interval_us);
    if (character.stale_clock) config.clock_offset = 2 * kerberos::default_skew;
    config.learns_time = false;
    cta_random_.push_back(std::make_unique<kerberos::SeededRandom>(scenario_.seed, cta_name(i)));
    if (character.has_ticket) config.credential = realm_.earlier_ticket(config, *cta_random_.back(), calendar_.now());
    ctas_.push_back(std::make_unique<CtaModule>(cta_name(i).c_str(), std::move(config), *cta_random_.back(), network_,
                                                calendar_, character.late ? scenario_.late_us : 0, character.dead));
  }
  if (scenario_.attacks.contains(Attack::forged_wakeup)) {
    forger_ = std::make_unique<WakeupForger>(
        "forger", std::vector<nodes::Endpoint>{{host_.ipv4, server_.port}, {host_.ipv6, server_.port}}, addresses(),
        std::string(service_name), forged_wakeup_interval_us, scenario_.seed ^ 0xF049ED, network_);
  }
}

void Story::connect() {
  site_.on_ready = [this] { wake_next(); };
  site_.on_frame = [this](const Bytes& frame, Verdict verdict) { receive(frame, verdict); };
  controller_.on_packet = [this](const net::Address& client, Bytes packet) { send_packet(client, std::move(packet)); };
  site_.after_calls = [this] { arm_controller(); };
  site_.may_sleep = [this] {
    return next_wake_ == scenario_.ctas && controller_.open_sessions() == 0 && rekeys_due_.empty() && !call_;
  };
  site_.host().on_success = [this](const core::Command& command, std::uint64_t begun_ns, std::uint64_t now_ns) {
    recorder_.sessions().succeeded(command, begun_ns, now_ns);
  };
  site_.host().on_event = [this](const core::Event& event) {
    const nodes::Time happened = calendar_.at(event.time);
    if (event.kind == core::EventKind::expired) controller_.session_expired(event.address, happened, calendar_.now());
    if (event.kind == core::EventKind::wake_failed) controller_.wake_failed(event.address, happened, calendar_.now());
  };
  controller_.on_ended = [this](const net::Address& client, const nodes::Controller::Session& session) {
    if (session.stage != nodes::Controller::Stage::established) return;
    if (scenario_.signalling_interval_us > 0 || scenario_.call_packets > 0) {
      result_.esp_table += nodes::esp_table_rows(controller_.associations(client).back(), server_of(client), client,
                                                 nodes::Role::controller);
    }
    if (session.rekeys) {
      ++result_.report.associations.rekeyed;
      return;
    }
    if (scenario_.rekey_after_us > 0) {
      rekeys_due_.emplace_back(calendar_.now() + static_cast<nodes::Time>(scenario_.rekey_after_us), client);
      rekey_alarm_.arm(rekeys_due_.front().first);
    }
    recorder_.established(sc_time_stamp());
    result_.report.sessions.establishment_us.push_back(static_cast<double>(session.ended - session.woken));
  };
  for (unsigned i = 0; i < scenario_.ctas; ++i) {
    recorder_.exchanges().add_client(ctas_[i]->cta().config().address, shown_name(i));
    ctas_[i]->on_datagram = [this](const nodes::Datagram& datagram, bool outgoing) {
      recorder_.at_cta(datagram, outgoing, sc_time_stamp());
    };
  }
}

void Story::wake_next() {
  if (next_wake_ == scenario_.ctas) return;
  const nodes::CtaConfig& cta = ctas_[next_wake_]->cta().config();
  controller_.wake(cta.address, cta.principal, cta.doi, calendar_.now());
  ++next_wake_;
  wake_alarm_.arm(calendar_.now() + static_cast<nodes::Time>(scenario_.wake_spacing_us));
}

void Story::rekey_next() {
  while (!rekeys_due_.empty() && rekeys_due_.front().first <= calendar_.now()) {
    const net::Address client = rekeys_due_.front().second;
    rekeys_due_.pop_front();
    const nodes::Controller::Session& session = controller_.sessions().at(client);
    controller_.rekey(client, kerberos::PrincipalName(session.principal), session.doi, calendar_.now());
  }
  if (!rekeys_due_.empty()) rekey_alarm_.arm(rekeys_due_.front().first);
  arm_controller();
}

bool Story::can_call(unsigned index) const {
  const nodes::Cta& cta = ctas_[index]->cta();
  const auto session = controller_.sessions().find(cta.config().address);
  const bool established = session != controller_.sessions().end() && cta.keys() && session->second.keys == cta.keys();
  return established && characters_[index].ipv4 && !characters_[index].late && cta.config().doi == keymgmt::doi_ipsec;
}

void Story::place_call() {
  std::vector<CtaModule*> ends;
  for (unsigned i = 0; i < scenario_.ctas && ends.size() < 2; ++i) {
    if (can_call(i)) ends.push_back(ctas_[i].get());
  }
  if (ends.size() < 2) return;
  const auto say = [this](const net::Address& client, const std::string& text) {
    controller_.say(client, server_of(client), {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  controller_.on_notification = [this](const net::Address& client, const nodes::Notification& notification) {
    call_->notified(client, notification.event, calendar_.now());
  };
  controller_.on_answer = [this](const net::Address& client, std::uint32_t transaction) {
    call_->answered(client, transaction, calendar_.now());
  };
  call_ = std::make_unique<CallAct>(scenario_, *ends[0], *ends[1], say, [this] { call_alarm_.arm(call_->deadline()); });
  call_->begin();
}

void Story::receive(const Bytes& frame, Verdict verdict) {
  if (host_.receive(frame)) {
    controller_.receive(frame, verdict, calendar_.now());
  } else if (verdict == Verdict::bypass) {
    try {
      const net::UdpDatagram datagram = net::parse(frame);
      const bool ours = datagram.destination == host_.ipv4 || datagram.destination == host_.ipv6;
      if (!ours || datagram.destination_port != nodes::esp_port) return;
      controller_.receive_packet(datagram.source, datagram.destination, datagram.payload);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::malformed) throw;  // hostile, and no business of the controller's
    }
  }
}

void Story::send_packet(const net::Address& client, Bytes packet) {
  net::UdpFrame frame;
  frame.ethernet_destination = gateway;
  frame.ethernet_source = host_.ethernet;
  frame.source = server_of(client);
  frame.destination = client;
  frame.source_port = frame.destination_port = nodes::esp_port;
  frame.payload = std::move(packet);
  site_.host().send_frame(net::build(frame));
}

void Story::run() {
  const sc_time end = from_microseconds(scenario_.duration_us);
  if (scenario_.call_packets > 0) {
    result_.report.call.emplace().outcome = "not placed: no two CTAs could call";
    const std::uint64_t takes = std::min(scenario_.call_us(), scenario_.duration_us);
    call_alarm_.arm(calendar_.at(scenario_.duration_us - takes));
  }
  // Short enough that Ctrl-C is heard soon, however long the run.
  const sc_time stretch = std::min(end / 200, from_microseconds(1'000));
  while (sc_time_stamp() < end && sc_core::sc_get_status() != sc_core::SC_STOPPED) {
    sc_core::sc_start(std::min(stretch, end - sc_time_stamp()));
    summarize();
    if (!options_.progress(sc_time_stamp() / end, result_.report)) {
      result_.report.interrupted = true;
      break;
    }
  }
  end_exchanges();
  if (call_) result_.media_keys = call_->keys();
  site_.rethrow();
}

void Story::end_exchanges() {
  using Stage = nodes::Controller::Stage;
  for (unsigned i = 0; i < scenario_.ctas; ++i) {
    const nodes::Cta& cta = ctas_[i]->cta();
    const auto entry = controller_.sessions().find(cta.config().address);
    if (entry == controller_.sessions().end()) continue;
    const nodes::Controller::Session& session = entry->second;
    if (session.stage == Stage::established)
      recorder_.exchanges().ended(cta.config().address, session.keys == cta.keys() ? "established" : "keys differ");
    if (session.stage == Stage::failed)
      recorder_.exchanges().ended(cta.config().address, "given up: " + session.failure);
  }
  result_.report.exchanges = recorder_.exchanges().exchanges();
}

void Story::summarize() {
  RunReport& report = result_.report;
  report.scenario = scenario_;
  report.kdc = options_.kdc == KdcKind::mit ? "mit" : "model";
  result_.sessions.commands = recorder_.sessions().commands();
  report.simulated_us = sc_time_stamp().to_seconds() * 1e6;
  report.cycles.run = site_.cycles();
  report.cycles.jumped_us = site_.jumped_us();
  report.cycles.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  report.line.net_ready_low = site_.net_ready_low();
  report.crypto.spent = controller_.operations();
  report.crypto.requests_opened = controller_.counters().ap_requests_opened;
  if (forger_) report.attack_frames[std::string(attack_name(Attack::forged_wakeup))] = forger_->sent();

  if (call_) report.call = call_->report();

  RunReport::Sessions& sessions = report.sessions;
  sessions.ctas = scenario_.ctas;
  sessions.reachable = sessions.established = sessions.open = sessions.not_woken = sessions.woken_again = 0;
  sessions.begun = controller_.counters().sessions_begun;
  sessions.most_open = controller_.counters().most_open;
  sessions.planned = planned_sessions;
  sessions.wakes_refused = controller_.counters().wakes_refused;
  sessions.failed.clear();
  report.cta = {};
  RunReport::Associations& associations = report.associations;
  associations = {.rekeys = controller_.counters().rekeys,
                  .rekeyed = associations.rekeyed,
                  .packets_refused = controller_.counters().packets_refused};
  for (unsigned i = 0; i < scenario_.ctas; ++i) {
    const nodes::Cta& cta = ctas_[i]->cta();
    report.cta.wakeups_refused_zero += cta.counters().refused_zero_nonce;
    report.cta.wakeups_refused_rate += cta.counters().refused_rate;
    associations.messages += cta.counters().messages;
    associations.answered += cta.counters().messages_answered;
    associations.sent_again += cta.counters().messages_again;
    associations.packets_refused += cta.counters().packets_refused;
    if (characters_[i].reachable()) ++sessions.reachable;
    const auto entry = controller_.sessions().find(cta.config().address);
    if (entry == controller_.sessions().end()) {
      ++sessions.not_woken;
      continue;
    }
    const nodes::Controller::Session& session = entry->second;
    if (session.rounds > 1) ++sessions.woken_again;
    if (session.stage == nodes::Controller::Stage::established && session.keys && session.keys == cta.keys()) {
      ++sessions.established;
    } else if (session.stage == nodes::Controller::Stage::established) {
      ++sessions.failed["keys differ"];
    } else if (session.stage == nodes::Controller::Stage::failed) {
      ++sessions.failed[characters_[i].dead ? "dead: " + session.failure : session.failure];
    } else {
      ++sessions.open;
    }
  }
}

}  // namespace

void play(const Scenario& scenario, core::CoreInterface& core, const StoryOptions& options, StoryResult& result) {
  Story story(scenario, core, options, result);
  story.run();
}

}  // namespace reveille::sim

/// libsystemc's own main() would call this; the program has a main() of its own.
int sc_main(int, char**) { return 0; }
