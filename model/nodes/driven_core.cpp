// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/driven_core.hpp"

#include <utility>
#include <vector>

#include "reveille/driver/error.hpp"
#include "reveille/keymgmt/messages.hpp"

namespace reveille::nodes {

namespace {

/// Between two looks at the event log.
constexpr Time event_interval = 20'000;
constexpr std::size_t events_at_once = 16;
/// An event that came to nothing, with the core that it was in or for want of room, is told without it.
constexpr Time event_patience = 1'000'000;
/// From the core to the socket a datagram takes no longer.
constexpr Time datagram_patience = 300'000;

Command make(CommandCode code, const net::Address& client) { return {.code = code, .client = client}; }

/// Of an AP Request, behind its KMMID: as far as the core reads it. What is wrong behind that the controller refuses.
std::uint32_t returned_nonce(ByteReader& in) {
  in.take(3, "DOI, version, tag");
  const std::uint8_t first = in.u8("length");
  const std::size_t length = first == 0x82 ? in.u16("length") : first == 0x81 ? in.u8("length") : first;
  in.take(length, "AP-REQ");
  return in.u32("nonce");
}

policy::Decision passed(Verdict verdict) { return {.verdict = verdict, .to_host = true}; }
policy::Decision unjudged(Verdict verdict) { return {.verdict = verdict}; }

}  // namespace

DrivenCore::DrivenCore(driver::Setup setup, Connect connect_to)
    : setup_(std::move(setup)), connect_(std::move(connect_to)) {
  setup_.event_mask = 1U << index(Verdict::accepted) | 1U << index(Verdict::sa_recovered);
  with_core([] {});
}

void DrivenCore::connect() {
  driver_.reset();
  bus_.reset();
  bus_ = connect_();
  driver_ = std::make_unique<driver::Driver>(*bus_);
  driver_->identify();
  driver_->realign_events();
  driver_->configure(setup_);
  if (!setup_.hops.empty()) driver_->load_framing(setup_.hops, setup_.principal);
  driver_->wait_until_usable();
  clock_is_known_ = false;
  ++cores_;
  if (on_connected) on_connected(cores_);
}

template <typename Work>
std::invoke_result_t<Work> DrivenCore::with_core(Work work) {
  for (;;) {
    try {
      if (!driver_) connect();
      return work();
    } catch (const driver::BusError&) {
      driver_.reset();  // Connect says when there is no other
    }
  }
}

driver::CommandResult DrivenCore::carry_out(const Command& wanted) {
  return with_core([&] { return driver_->command(wanted); });
}

void DrivenCore::begin(const net::Address& client, Session session, std::uint64_t lifetime_us) {
  session.end = now_ + static_cast<Time>(lifetime_us);
  session.core = cores_;
  sessions_[client] = session;
  next_events_ = std::min(next_events_, now_ + event_interval);
}

void DrivenCore::command(const Command& wanted, Done done) {
  const driver::CommandResult result = carry_out(wanted);
  ResultCode code = result.code;
  if (code > ResultCode::bad_argument) throw Error(ErrorKind::internal, "a second driver of the core");
  const auto session = sessions_.find(wanted.client);
  const bool known = session != sessions_.end();
  if (wanted.code == CommandCode::reply && known) code = code == ResultCode::ok ? code : reply(wanted, session->second);
  if (wanted.code == CommandCode::close && known) {
    sessions_.erase(session);
  } else if (wanted.code == CommandCode::reject && known) {
    session->second.heard = false;
  } else if (wanted.code == CommandCode::reply && known && code == ResultCode::ok) {
    Session& changed = session->second;
    changed = {.nonce = changed.nonce, .replied = true, .end = changed.end, .core = cores_, .tag = wanted.tag};
  } else if (wanted.inserts() && code == ResultCode::ok) {
    const bool replied = wanted.code == CommandCode::restore && wanted.phase == Phase::replied;
    const std::uint32_t nonce = wanted.code == CommandCode::wake ? result.entry.nonce : wanted.nonce;
    begin(wanted.client, {.nonce = nonce, .replied = replied, .tag = wanted.tag}, wanted.lifetime);
  }
  if (done) results_.push_back([code, done = std::move(done)] { done(code); });
}

ResultCode DrivenCore::reply(const Command& wanted, Session& session) {
  // The core before passed the AP Request, or this one did and was told to take another since it came late. It waits
  // still, or has had the reply by the one before.
  const ResultCode refused = ResultCode::wrong_state;
  const driver::CommandResult found = carry_out(make(CommandCode::read, wanted.client));
  if (found.code != ResultCode::ok) return found.code;
  if (session.core == cores_ && !session.asked_again) return refused;
  if (found.state.phase == Phase::replied && found.entry.aux == wanted.tag) return ResultCode::ok;
  session.tag = wanted.tag;
  return restore_replied(wanted.client, session);
}

ResultCode DrivenCore::restore_replied(const net::Address& client, const Session& session) {
  if (session.end <= now_) return ResultCode::not_found;
  carry_out(make(CommandCode::close, client));
  Command order = make(CommandCode::restore, client);
  order.nonce = session.nonce;
  order.phase = Phase::replied;
  order.tag = session.tag;
  order.lifetime = static_cast<std::uint64_t>(session.end - now_);
  return carry_out(order).code;
}

void DrivenCore::send(const net::Address& client, ByteView message) {
  with_core([&] { driver_->send(client, message); });
}

policy::Decision DrivenCore::judge(const net::Address& source, ByteView payload) {
  try {
    ByteReader in(payload);
    const auto message = static_cast<keymgmt::MessageId>(in.u8("KMMID"));
    const bool request = message == keymgmt::MessageId::ap_request;
    if (!request && message != keymgmt::MessageId::sa_recovered) return unjudged(Verdict::wrong_direction);
    const std::uint32_t nonce = request ? returned_nonce(in) : 0;
    if (request && nonce == 0) {
      const bool passes = setup_.server.client_initiated != driver::ClientInitiated::drop;
      return passes ? passed(Verdict::client_initiated) : unjudged(Verdict::client_initiated);
    }
    const auto found = sessions_.find(source);
    if (found == sessions_.end()) return unjudged(Verdict::not_woken);
    Session& session = found->second;
    if (request && session.nonce != 0 && nonce != session.nonce) return unjudged(Verdict::false_nonce);
    session.heard |= request != session.replied;
    if (!request) return passed(Verdict::sa_recovered);
    return passed(session.replied ? Verdict::resend : Verdict::accepted);
  } catch (const Error&) {
    return unjudged(Verdict::malformed);
  }
}

std::optional<Time> DrivenCore::deadline() const {
  if (!results_.empty()) return now_;
  if (sessions_.empty()) return std::nullopt;
  return next_events_;
}

void DrivenCore::expire() {
  const auto tell_results = [this] {
    // What a result sets off may be commands again.
    while (!results_.empty()) {
      const auto tell = std::move(results_.front());
      results_.pop_front();
      tell();
    }
  };
  tell_results();
  if (sessions_.empty() || now_ < next_events_) return;
  read_events();
  std::vector<net::Address> lost;
  for (auto& [client, session] : sessions_) {
    if (session.end + event_patience <= now_) lost.push_back(client);
    if (session.heard) session.missed_since.reset();
    if (session.missed_since && *session.missed_since + datagram_patience <= emptied_) hear_again(client, session);
  }
  for (const net::Address& client : lost) {
    sessions_.erase(client);
    if (on_expired) on_expired(client, now_);
  }
  next_events_ = now_ + event_interval;
}

void DrivenCore::note_verdict(Session& session, Verdict verdict) const {
  const bool waited_for = verdict == (session.replied ? Verdict::sa_recovered : Verdict::accepted);
  if (waited_for && !session.heard && !session.missed_since) session.missed_since = now_;
}

void DrivenCore::hear_again(const net::Address& client, Session& session) {
  session.missed_since.reset();
  if (session.replied) {
    restore_replied(client, session);
  } else {
    carry_out(make(CommandCode::reject, client));
    session.asked_again = true;
  }
}

void DrivenCore::read_events() {
  for (;;) {
    const std::vector<driver::Event> events = with_core([this] {
      if (!clock_is_known_) {
        clock_offset_ = now_ - static_cast<Time>(driver_->time());
        clock_is_known_ = true;
      }
      return driver_->pop_events(events_at_once);
    });
    for (const driver::Event& event : events) take_event(event);
    if (events.size() < events_at_once) return;
  }
}

void DrivenCore::take_event(const driver::Event& event) {
  const auto session = sessions_.find(event.address);
  if (session == sessions_.end()) return;
  // One of the client's session before.
  if (session->second.nonce != 0 && event.value != 0 && event.value != session->second.nonce) return;
  if (event.kind == driver::EventKind::verdict) note_verdict(session->second, event.verdict);
  const Time happened = static_cast<Time>(event.time) + clock_offset_;
  if (event.kind == driver::EventKind::expired) {
    sessions_.erase(session);
    if (on_expired) on_expired(event.address, happened);
  } else if (event.kind == driver::EventKind::wake_failed) {
    if (on_wake_failed) on_wake_failed(event.address, happened);
  } else if (event.kind == driver::EventKind::guessing) {
    if (on_guessing) on_guessing(event.address, happened);
  }
}

}  // namespace reveille::nodes
