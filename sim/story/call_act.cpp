// SPDX-License-Identifier: Apache-2.0
#include "story/call_act.hpp"

#include <algorithm>
#include <cstdio>

namespace reveille::sim {

namespace {

std::string name_of(const CtaModule& cta) { return kerberos::to_string(cta.cta().config().principal); }

CallAgent::Line line_of(const CtaModule& cta) { return {cta.cta().config().address, name_of(cta), media_port}; }

nodes::Timeouts timeouts_of(const Scenario& scenario) {
  return {static_cast<nodes::Time>(scenario.reply_timeout_us), static_cast<nodes::Time>(scenario.reply_timeout_max_us)};
}

std::string key_line(const CtaModule& from, const CtaModule& to, std::uint32_t ssrc, const MediaKey& key) {
  char number[16];
  std::snprintf(number, sizeof number, "0x%08x", ssrc);
  return name_of(from) + " to " + name_of(to) + " ssrc " + number +
         " AES_CM_128_HMAC_SHA1_80 inline:" + to_base64(key) + '\n';
}

}  // namespace

CallAct::End::End(const Scenario& scenario, CtaModule& module, bool calls)
    : cta(module),
      random(scenario.seed, "telephone of " + name_of(module)),
      telephone({.address = module.cta().config().address,
                 .interval = static_cast<nodes::Time>(scenario.call_packet_us),
                 .packets = scenario.call_packets,
                 .calls = calls},
                random) {}

CallAct::CallAct(const Scenario& scenario, CtaModule& caller, CtaModule& called, Say say,
                 std::function<void()> on_changed)
    : on_changed_(std::move(on_changed)),
      random_(scenario.seed, "call"),
      agent_(line_of(caller), line_of(called), timeouts_of(scenario), scenario.reply_tries, random_,
             [this, say = std::move(say)](const net::Address& client, const std::string& text) {
               ++messages_;
               say(client, text);
             }),
      caller_(scenario, caller, true),
      called_(scenario, called, false),
      eavesdropper_(new_media_key(random_), new_media_key(random_), 0) {
  for (End* end : {&caller_, &called_}) end->cta.connect(end->telephone, on_changed_);
}

void CallAct::begin() { caller_.telephone.dial(); }

void CallAct::notified(const net::Address& client, const std::string& event, nodes::Time now) {
  ++messages_;
  agent_.notified(client, event, now);
  on_changed_();
}

void CallAct::answered(const net::Address& client, std::uint32_t transaction, nodes::Time now) {
  agent_.answered(client, transaction, now);
  on_changed_();
}

std::optional<nodes::Time> CallAct::deadline() const {
  std::optional<nodes::Time> first;
  for (const auto& each : {agent_.deadline(), caller_.telephone.deadline(), called_.telephone.deadline()}) {
    if (each) first = std::min(first.value_or(*each), *each);
  }
  return first;
}

void CallAct::expire(nodes::Time now) {
  agent_.expire(now);
  for (End* end : {&caller_, &called_}) {
    end->telephone.expire(now, [this, end](nodes::Datagram datagram) {
      overhear(datagram.payload);
      end->cta.send(std::move(datagram));
    });
  }
}

void CallAct::overhear(ByteView packet) {
  ++overheard_;
  if (eavesdropper_.open(packet)) ++understood_;
}

CallReport CallAct::report() const {
  const Telephone::Counters& caller = caller_.telephone.counters();
  const Telephone::Counters& called = called_.telephone.counters();
  return {.outcome = to_string(agent_.state()),
          .caller = agent_.caller().name,
          .called = agent_.called().name,
          .messages = messages_,
          .said = caller.said + called.said,
          .heard = caller.heard + called.heard,
          .refused = caller.refused + called.refused,
          .overheard = overheard_,
          .understood = understood_};
}

std::string CallAct::keys() const {
  if (agent_.caller_key().empty()) return {};
  return key_line(caller_.cta, called_.cta, caller_.telephone.ssrc(), agent_.caller_key()) +
         key_line(called_.cta, caller_.cta, called_.telephone.ssrc(), agent_.called_key());
}

}  // namespace reveille::sim
