// SPDX-License-Identifier: Apache-2.0
#include "programs/telephone_line.hpp"

namespace reveille::sim {

TelephoneLine::TelephoneLine(const Telephone::Config& config, nodes::Cta& cta, nodes::Send send, EventLoop& loop,
                             const Log& log)
    : calls_(config.calls), loop_(loop), log_(log), telephone_(config, random_), media_({config.address, media_port}) {
  loop_.watch(media_.number(), EPOLLIN, [this](std::uint32_t) {
    while (std::optional<nodes::Datagram> datagram = media_.receive()) telephone_.receive(*datagram);
  });
  cta.on_command = [this](const std::string& text) {
    const bool was_connected = telephone_.is_connected();
    std::string answer = telephone_.command(text, loop_.clock().now());
    if (telephone_.is_connected() != was_connected) log_(was_connected ? "hung-up" : "connected");
    return answer;
  };
  telephone_.on_event = [this, &cta, send = std::move(send)](const std::string& event) {
    log_("telephone", {{"what", event}});
    cta.notify(event, loop_.clock().now(), send);
  };
}

void TelephoneLine::established() {
  if (calls_ && !has_dialled_) telephone_.dial();
  has_dialled_ = true;
}

void TelephoneLine::expire() {
  telephone_.expire(loop_.clock().now(),
                    [this](const nodes::Datagram& datagram) { media_.send(datagram.destination, datagram.payload); });
}

}  // namespace reveille::sim
