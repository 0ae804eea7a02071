// SPDX-License-Identifier: Apache-2.0
#include "story/nodes.hpp"

#include <algorithm>

namespace reveille::sim {

Alarm::Alarm(sc_core::sc_module_name name, const Calendar& calendar, std::function<void()> on_due)
    : sc_module(name), calendar_(calendar), on_due_(std::move(on_due)) {
  SC_METHOD(ring);
  sensitive << due_;
  dont_initialize();
}

void Alarm::arm(std::optional<nodes::Time> time) {
  due_.cancel();
  if (!time) return;
  const nodes::Time now = calendar_.now();
  due_.notify(from_microseconds(static_cast<std::uint64_t>(std::max<nodes::Time>(*time - now, 0))));
}

void Alarm::ring() { on_due_(); }

CtaModule::CtaModule(sc_core::sc_module_name name, nodes::CtaConfig config, kerberos::RandomSource& random,
                     Network& network, const Calendar& calendar, std::uint64_t answer_delay_us, bool dead)
    : sc_module(name),
      cta_(std::move(config), random),
      network_(network),
      calendar_(calendar),
      answer_delay_(from_microseconds(answer_delay_us)),
      dead_(dead),
      alarm_("alarm", calendar, [this] {
        cta_.expire(calendar_.now(), [this](nodes::Datagram datagram) { send(std::move(datagram)); });
        alarm_.arm(cta_.deadline());
      }) {
  network_.attach(cta_.config().address, [this](const nodes::Datagram& datagram) { receive(datagram); });
}

void CtaModule::send(nodes::Datagram datagram) {
  if (on_datagram) on_datagram(datagram, true);
  network_.send(std::move(datagram), answer_delay_);
}

void CtaModule::receive(const nodes::Datagram& datagram) {
  if (dead_) return;
  if (on_datagram) on_datagram(datagram, false);
  if (telephone_ != nullptr && datagram.destination.port == media_port) {
    telephone_->receive(datagram);
    return;
  }
  cta_.receive(datagram, calendar_.now(), [this](nodes::Datagram answer) { send(std::move(answer)); });
  alarm_.arm(cta_.deadline());
}

void CtaModule::connect(Telephone& telephone, std::function<void()> on_command) {
  telephone_ = &telephone;
  cta_.on_command = [this, on_command = std::move(on_command)](const std::string& text) {
    std::string answer = telephone_->command(text, calendar_.now());
    on_command();
    return answer;
  };
  telephone.on_event = [this](const std::string& event) {
    cta_.notify(event, calendar_.now(), [this](nodes::Datagram datagram) { send(std::move(datagram)); });
    alarm_.arm(cta_.deadline());
  };
}

KdcModule::KdcModule(sc_core::sc_module_name name, nodes::Endpoint endpoint, Answer answer, std::uint64_t service_us,
                     Network& network, const Calendar& calendar)
    : sc_module(name) {
  network.attach(
      endpoint.address, [=, &network, &calendar, answer = std::move(answer)](const nodes::Datagram& datagram) {
        Bytes reply = answer(datagram.payload, calendar.now());
        if (reply.empty()) return;  // silence, as MIT's
        network.send({datagram.destination, datagram.source, std::move(reply)}, from_microseconds(service_us));
      });
}

WakeupForger::WakeupForger(sc_core::sc_module_name name, std::vector<nodes::Endpoint> servers,
                           std::vector<net::Address> clients, std::string principal, std::uint64_t interval_us,
                           std::uint64_t seed, Network& network)
    : sc_module(name),
      servers_(std::move(servers)),
      clients_(std::move(clients)),
      principal_(std::move(principal)),
      interval_(from_microseconds(interval_us)),
      random_(seed),
      network_(network) {
  SC_THREAD(forge);
}

void WakeupForger::forge() {
  for (;;) {
    wait(interval_);
    const net::Address& client = clients_[random_() % clients_.size()];
    const auto server = std::ranges::find_if(
        servers_, [&](const nodes::Endpoint& endpoint) { return endpoint.address.is_ipv4() == client.is_ipv4(); });
    if (server == servers_.end()) continue;
    keymgmt::WakeUp wakeup;
    wakeup.doi = random_() % 2 == 0 ? keymgmt::doi_ipsec : keymgmt::doi_snmp;
    wakeup.server_nonce = sent_ % 2 == 0 ? 0 : static_cast<std::uint32_t>(random_());
    wakeup.server_principal = principal_;
    ++sent_;
    network_.send({*server, {client, nodes::key_management_port}, keymgmt::encode(wakeup)});
  }
}

}  // namespace reveille::sim
