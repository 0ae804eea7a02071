// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <type_traits>

#include "reveille/driver/driver.hpp"
#include "reveille/nodes/front.hpp"

namespace reveille::nodes {

/// A core in front of a controller's socket, through its driver. What comes to the socket has passed the core, and its
/// verdict is told by what it is: the core passes one AP Request of a session, repeats of it behind the `reply`, and
/// the SA Recovered that was expected. The nonce, which the driver knows, is looked at again: what does not bring it
/// back came past the core, or its session has ended meanwhile.
///
/// The event log says what the core let through. Of that a datagram may be lost on its way to the socket; the core,
/// which passes it once, is then told to take another.
///
/// When a core does not answer any more, the next one that does is taken, and goes on with the sessions that it has.
class DrivenCore final : public Front {
 public:
  /// A way to a core that can be driven, waiting for one if need be; throws what ends the controller.
  using Connect = std::function<std::unique_ptr<driver::Bus>()>;

  /// `setup` without hops: next hops and principal stay as they are in the core. Throws driver::WrongCore.
  DrivenCore(driver::Setup setup, Connect connect);

  /// Another core was taken, of those that there were so many.
  std::function<void(unsigned cores)> on_connected;
  /// Somebody guesses at a session's nonce (L21).
  Event on_guessing;

  void set_time(Time now) override { now_ = std::max(now_, now); }
  [[nodiscard]] policy::Decision judge(const net::Address& source, ByteView payload) override;
  void socket_is_empty() override { emptied_ = now_; }
  [[nodiscard]] std::optional<Time> deadline() const override;
  void expire() override;

  void command(const Command& command, Done done) override;
  void send(const net::Address& client, ByteView message) override;

 private:
  struct Session {
    std::uint32_t nonce = 0;  ///< 0: not known
    bool replied = false;
    Time end = 0;
    unsigned core = 0;  ///< which of those that there were it began in
    std::uint64_t tag = 0;
    bool heard = false;                     ///< what it waits for came to the socket
    bool asked_again = false;               ///< the core was told to take another
    std::optional<Time> missed_since = {};  ///< the core let it through, and it did not come
  };
  void connect();
  /// Does it, with the next core where one is lost.
  template <typename Work>
  std::invoke_result_t<Work> with_core(Work work);
  driver::CommandResult carry_out(const Command& command);
  /// Of a session that began in another core.
  ResultCode reply(const Command& command, Session& session);
  /// The same session again, waiting for SA Recovered.
  ResultCode restore_replied(const net::Address& client, const Session& session);
  void read_events();
  void take_event(const driver::Event& event);
  void note_verdict(Session& session, Verdict verdict) const;
  /// The core waits again for what was lost.
  void hear_again(const net::Address& client, Session& session);
  void begin(const net::Address& client, Session session, std::uint64_t lifetime_us);

  driver::Setup setup_;
  Connect connect_;
  std::unique_ptr<driver::Bus> bus_;
  std::unique_ptr<driver::Driver> driver_;
  unsigned cores_ = 0;
  Time clock_offset_ = 0;  ///< from the core's time to that of the calls
  bool clock_is_known_ = false;
  std::map<net::Address, Session> sessions_;
  std::deque<std::function<void()>> results_;
  Time now_ = 0;
  Time next_events_ = 0;
  Time emptied_ = 0;  ///< when the socket was last seen empty
};

}  // namespace reveille::nodes
