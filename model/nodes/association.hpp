// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reveille/esp/esp.hpp"
#include "reveille/kerberos/key.hpp"
#include "reveille/keymgmt/messages.hpp"
#include "reveille/keymgmt/security.hpp"
#include "reveille/nodes/datagram.hpp"

namespace reveille::nodes {

/// A security association as one of its ends holds it.
struct Association {
  std::uint8_t doi = keymgmt::doi_ipsec;
  keymgmt::Ciphersuite suite;
  kerberos::Key subkey;
  keymgmt::SaKeys keys;
  keymgmt::ApplicationData ours;    ///< what the other end marks packets to us with: the SPI, the SNMP engine and user
  keymgmt::ApplicationData theirs;  ///< what we mark packets to it with
  Time begun = 0;
  Time end = 0;  ///< of its lifetime, or of the grace period of the one that followed it
  Time grace = 0;
  bool reestablish = false;                    ///< the CTA asks for the next one by itself
  std::optional<esp::Sender> sender = {};      ///< of DOI 1
  std::optional<esp::Receiver> receiver = {};  ///< of DOI 1

  /// Where its grace period begins. A lifetime that is shorter than two of them has half for it.
  [[nodiscard]] Time grace_begin() const { return end - std::min(grace, (end - begun) / 2); }
};

enum class Role { controller, cta };

/// What the two ends agreed on, at one of them; `now` is when its lifetime begins.
struct Agreement {
  std::uint8_t doi = keymgmt::doi_ipsec;
  keymgmt::Ciphersuite suite;
  std::uint32_t lifetime_s = 0;
  std::uint32_t grace_period_s = 0;
  bool reestablish = false;
  keymgmt::ApplicationData ours;
  keymgmt::ApplicationData theirs;
};
Association make_association(const Agreement& agreement, const kerberos::Key& subkey, Role role, Time now);

/// Those that one end holds with its peer, the newest at the back (docs/protocol.md, R1 to R4).
class Associations {
 public:
  /// R3: those before it stay for its grace period, or no longer, if it replaces none that the peer still has.
  void add(Association association, bool replaces);
  /// Forgets those whose end has come.
  void expire(Time now);
  /// When expire() has something to do.
  [[nodiscard]] std::optional<Time> deadline() const;

  [[nodiscard]] const Association* newest() const { return held_.empty() ? nullptr : &held_.back(); }
  [[nodiscard]] Association* newest() { return held_.empty() ? nullptr : &held_.back(); }
  /// The one that takes packets of that SPI; null if there is none.
  [[nodiscard]] Association* receiving(std::uint32_t spi);
  [[nodiscard]] const std::vector<Association>& all() const { return held_; }
  void clear() { held_.clear(); }

 private:
  /// The other end may have established none of the last few: their SA Recovered, or AP Replies, were lost.
  static constexpr std::size_t most_held = 4;
  std::vector<Association> held_;
};

/// Its two lines of Wireshark's table of ESP associations, as `own` has it with `peer`; none with DOI 2.
std::string esp_table_rows(const Association& association, const net::Address& own, const net::Address& peer,
                           Role role);

/// For a new association: a random SPI that is not reserved (RFC 4303 section 2.1), or an SNMP engine and its user.
keymgmt::ApplicationData new_application_data(std::uint8_t doi, kerberos::RandomSource& random);

}  // namespace reveille::nodes
