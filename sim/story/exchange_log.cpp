// SPDX-License-Identifier: Apache-2.0
#include "story/exchange_log.hpp"

#include <algorithm>
#include <cstdio>

#include "capture/frame_view.hpp"
#include "report/text.hpp"
#include "reveille/kerberos/messages.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim {

namespace {

using Party = ExchangeStep::Party;

double microseconds(std::uint64_t time_ns) { return static_cast<double>(time_ns) / 1e3; }

std::string hexadecimal(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

void describe_kdc(ExchangeStep& step, ByteView payload) {
  // The APPLICATION tag of RFC 4120: 10 AS-REQ, 11 AS-REP, 12 TGS-REQ, 13 TGS-REP, 30 KRB-ERROR.
  switch (payload.empty() ? 0 : payload.front()) {
    case 0x6A: step.label = "AS-REQ"; break;
    case 0x6B: step.label = "AS-REP"; break;
    case 0x6C: step.label = "TGS-REQ"; break;
    case 0x6D: step.label = "TGS-REP"; break;
    case 0x7E:
      step.label = "KRB-ERROR";
      step.detail = kerberos::to_string(kerberos::decode_krb_error(payload).code);
      break;
    default: step.label = "Kerberos"; break;
  }
}

struct Describe {
  ExchangeStep& step;
  void operator()(const keymgmt::WakeUp& message) const {
    step.label = "Wake Up";
    step.detail = "server nonce " + hexadecimal(message.server_nonce);
  }
  void operator()(const keymgmt::ApRequest& message) const {
    step.label = "AP Request";
    step.detail = "returned nonce " + hexadecimal(message.server_nonce);
  }
  void operator()(const keymgmt::ApReply&) const {
    step.label = "AP Reply";
    step.detail = "client nonce echoed";
  }
  void operator()(const keymgmt::SaRecovered&) const { step.label = "SA Recovered"; }
  void operator()(const keymgmt::Rekey&) const { step.label = "Rekey"; }
  void operator()(const keymgmt::ErrorReply&) const { step.label = "Error Reply"; }
};

void add_words(std::string& text, const std::string& words) {
  if (!text.empty()) text += ", ";
  text += words;
}

std::string of_kind(std::uint64_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

bool is_message(const ExchangeStep& step, Party to, const char* label) { return step.to == to && step.label == label; }

}  // namespace

ExchangeLog::Client* ExchangeLog::find(const net::Address& address) {
  const auto place = places_.find(address);
  return place == places_.end() ? nullptr : &clients_[place->second];
}

void ExchangeLog::add_client(const net::Address& address, const std::string& name) {
  if (clients_.size() == most_clients) return;
  places_[address] = clients_.size();
  clients_.push_back({.address = address, .name = name});
}

void ExchangeLog::recorded(const RecordedFrame& frame, std::uint64_t place) {
  using Side = RecordedFrame::Side;
  if (!frame.well_formed || frame.hostile || frame.side == Side::media) return;
  const net::UdpDatagram datagram = net::parse(frame.octets);
  // What the associations carry is no part of the exchange.
  if (frame.side != Side::kdc && datagram.destination_port != keymgmt::udp_port) return;
  const bool to_cta = frame.outgoing && frame.side != Side::host;
  Client* client = find(to_cta ? datagram.destination : datagram.source);
  if (client == nullptr) return;
  ExchangeStep step{.time_us = microseconds(frame.time_ns), .label = {}, .detail = {}, .recorded = place};
  if (frame.side == Side::kdc) {
    step.from = to_cta ? Party::kdc : Party::cta;
    step.to = to_cta ? Party::cta : Party::kdc;
    describe_kdc(step, datagram.payload);
    client->entries.push_back({std::move(step)});
    return;
  }
  const keymgmt::Message message = keymgmt::decode(datagram.payload);
  std::visit(Describe{step}, message);
  step.frame = frame.octets;
  if (frame.side == Side::host) {
    step.from = Party::core;
    step.to = Party::host;
    step.detail = frame.comment;
  } else if (to_cta) {
    step.from = Party::core;
    step.to = Party::cta;
    if (const auto* wake_up = std::get_if<keymgmt::WakeUp>(&message)) client->nonces.insert(wake_up->server_nonce);
  } else {
    add_words(step.detail, "verdict " + frame.comment);
  }
  client->entries.push_back({std::move(step)});
}

void ExchangeLog::attacked(ByteView frame, Attack attack, Verdict verdict, bool passed, std::uint64_t time_ns,
                           std::optional<std::uint64_t> place) {
  // Others never come in a client's name.
  if (attack == Attack::garbage || attack == Attack::spoof) return;
  const std::optional<FrameView> seen = view(frame);
  Client* client = seen ? find(seen->source) : nullptr;
  if (client == nullptr) return;
  ExchangeStep step{.time_us = microseconds(time_ns),
                    .from = Party::attacker,
                    .to = Party::core,
                    .label = {},
                    .detail = {},
                    .recorded = place};
  // A replay that passes is a message of the exchange: the host answers it.
  if (passed && attack == Attack::replay) {
    step.label = "AP Request, replayed";
    step.detail = "verdict " + std::string(name(verdict));
    step.frame.assign(frame.begin(), frame.end());
    client->entries.push_back({std::move(step)});
    return;
  }
  std::vector<Entry>& entries = client->entries;
  const auto is_crowd = [](const Entry& entry) { return !entry.crowd.dropped.empty() || !entry.crowd.passed.empty(); };
  if (entries.empty() || !is_crowd(entries.back())) entries.push_back({std::move(step)});
  Entry& entry = entries.back();
  ++(passed ? entry.crowd.passed : entry.crowd.dropped)[{attack, verdict}];
  if (!entry.step.recorded) entry.step.recorded = place;
}

void ExchangeLog::reached(const nodes::Datagram& datagram, std::uint64_t time_ns) {
  Client* client = find(datagram.destination.address);
  constexpr auto wake_up = static_cast<std::uint8_t>(keymgmt::MessageId::wake_up);
  if (client == nullptr || datagram.destination.port != nodes::key_management_port) return;
  if (datagram.payload.empty() || datagram.payload.front() != wake_up) return;
  const std::uint32_t nonce = keymgmt::decode_as<keymgmt::WakeUp>(datagram.payload).server_nonce;
  if (client->nonces.contains(nonce)) return;
  const bool refused = nonce == 0;
  client->entries.push_back(
      {{.time_us = microseconds(time_ns),
        .from = Party::attacker,
        .to = Party::cta,
        .label = "Wake Up, forged",
        .detail = refused ? "nonce 0: the CTA refuses it" : "nonce " + hexadecimal(nonce) + ": the CTA hears it",
        .dropped = refused}});
}

void ExchangeLog::ended(const net::Address& address, const std::string& outcome) {
  if (Client* client = find(address)) client->outcome = outcome;
}

void ExchangeLog::describe(ExchangeStep& step, const Crowd& crowd) {
  if (crowd.dropped.empty() && crowd.passed.empty()) return;
  std::uint64_t frames = 0;
  std::string dropped, passed;
  const auto list = [&frames](const auto& counts, std::string& words) {
    std::map<std::string, std::uint64_t> by_name;
    for (const auto& [kind, number] : counts) {
      frames += number;
      by_name[std::string(name(kind.second))] += number;
    }
    for (const auto& [verdict, number] : by_name) add_words(words, std::to_string(number) + " " + verdict);
  };
  list(crowd.dropped, dropped);
  list(crowd.passed, passed);
  step.label = of_kind(frames, "frame") + " in its name";
  step.dropped = crowd.passed.empty();
  if (!dropped.empty()) step.detail = "dropped: " + dropped;
  if (!passed.empty()) step.detail += (dropped.empty() ? "" : "; ") + ("to the host: " + passed);
}

std::string ExchangeLog::before(const std::vector<Entry>& entries) {
  std::uint64_t forged = 0, own = 0, kdc = 0;
  for (const Entry& entry : entries) {
    if (entry.step.from == Party::attacker && entry.step.to == Party::cta) ++forged;
    if (entry.step.from == Party::cta && entry.step.to == Party::core) ++own;
    if (entry.step.from == Party::cta && entry.step.to == Party::kdc) ++kdc;
  }
  if (forged == 0) return {};
  std::string text = of_kind(forged, "forged Wake Up") + " reached the CTA before the first true one";
  std::string answers;
  if (kdc > 0) add_words(answers, of_kind(kdc, "request") + " to the KDC");
  if (own > 0) add_words(answers, of_kind(own, "frame") + " to the core, dropped");
  return text + (answers.empty() ? "." : "; it answered with " + answers + ".");
}

Exchange ExchangeLog::exchange(const Client& client) {
  Exchange exchange{client.name, net::format(client.address), client.outcome, {}, {}};
  std::vector<Entry> entries = client.entries;
  // Frames are recorded when they are over, so one that began earlier may come later.
  std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return entry.step.time_us; });
  const auto first = std::ranges::find_if(entries, [](const Entry& entry) {
    return entry.step.from == Party::core && is_message(entry.step, Party::cta, "Wake Up");
  });
  if (first == entries.end()) return exchange;
  exchange.before = before({entries.begin(), first});
  entries.erase(entries.begin(), first);
  // It ends with the SA Recovered that reaches the host, or else with what the client or the core last sent.
  auto last = std::ranges::find_if(
      entries, [](const Entry& entry) { return is_message(entry.step, Party::host, "SA Recovered"); });
  if (last == entries.end()) {
    const auto behind = std::ranges::find_if(entries.rbegin(), entries.rend(),
                                             [](const Entry& entry) { return entry.step.from != Party::attacker; });
    last = behind.base() - 1;
  }
  entries.erase(last + 1, entries.end());
  if (entries.size() > most_steps) {
    exchange.outcome += "; the first " + std::to_string(most_steps) + " of " + grouped(entries.size()) + " steps";
    entries.resize(most_steps);
  }
  for (Entry& entry : entries) {
    describe(entry.step, entry.crowd);
    exchange.steps.push_back(std::move(entry.step));
  }
  return exchange;
}

std::vector<Exchange> ExchangeLog::exchanges() const {
  std::vector<Exchange> all;
  for (const Client& client : clients_) {
    Exchange one = exchange(client);
    if (!one.steps.empty()) all.push_back(std::move(one));
  }
  return all;
}

}  // namespace reveille::sim
