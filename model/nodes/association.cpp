// SPDX-License-Identifier: Apache-2.0
#include "reveille/nodes/association.hpp"

#include <algorithm>

#include "reveille/esp/table.hpp"

namespace reveille::nodes {

Association make_association(const Agreement& agreement, const kerberos::Key& subkey, Role role, Time now) {
  Association made{.doi = agreement.doi,
                   .suite = agreement.suite,
                   .subkey = subkey,
                   .keys = keymgmt::derive_sa_keys(subkey.octets(), agreement.doi, agreement.suite),
                   .ours = agreement.ours,
                   .theirs = agreement.theirs,
                   .begun = now,
                   .end = now + agreement.lifetime_s * kerberos::second,
                   .grace = agreement.grace_period_s * kerberos::second,
                   .reestablish = agreement.reestablish};
  const auto* ours = std::get_if<keymgmt::IpsecData>(&made.ours);
  const auto* theirs = std::get_if<keymgmt::IpsecData>(&made.theirs);
  if (ours != nullptr && theirs != nullptr) {
    const bool is_cta = role == Role::cta;
    made.sender.emplace(theirs->spi, made.suite, is_cta ? made.keys.cta_to_controller : made.keys.controller_to_cta);
    made.receiver.emplace(ours->spi, made.suite, is_cta ? made.keys.controller_to_cta : made.keys.cta_to_controller);
  }
  return made;
}

void Associations::add(Association association, bool replaces) {
  if (!replaces) held_.clear();
  for (Association& earlier : held_) earlier.end = std::min(earlier.end, association.begun + association.grace);
  if (held_.size() == most_held) held_.erase(held_.begin());
  held_.push_back(std::move(association));
}

void Associations::expire(Time now) {
  std::erase_if(held_, [now](const Association& association) { return association.end <= now; });
}

Association* Associations::receiving(std::uint32_t spi) {
  const auto found = std::ranges::find_if(
      held_, [spi](const Association& held) { return held.receiver && held.receiver->spi() == spi; });
  return found == held_.end() ? nullptr : &*found;
}

std::optional<Time> Associations::deadline() const {
  const auto first = std::ranges::min_element(held_, {}, &Association::end);
  return first == held_.end() ? std::nullopt : std::optional(first->end);
}

std::string esp_table_rows(const Association& association, const net::Address& own, const net::Address& peer,
                           Role role) {
  if (!association.sender || !association.receiver) return {};
  const bool is_cta = role == Role::cta;
  const auto& keys = association.keys;
  return esp::table_row(own, peer, association.sender->spi(), association.suite,
                        is_cta ? keys.cta_to_controller : keys.controller_to_cta) +
         esp::table_row(peer, own, association.receiver->spi(), association.suite,
                        is_cta ? keys.controller_to_cta : keys.cta_to_controller);
}

keymgmt::ApplicationData new_application_data(std::uint8_t doi, kerberos::RandomSource& random) {
  if (doi == keymgmt::doi_ipsec) {
    constexpr std::uint32_t last_reserved_spi = 255;
    keymgmt::IpsecData ipsec;
    while (ipsec.spi <= last_reserved_spi) ipsec.spi = ByteReader(random.bytes(4)).u32("SPI");
    return ipsec;
  }
  keymgmt::SnmpData snmp;
  snmp.engine_id = {0x80, 0x00, 0x7E, 0xD9, 0x05};  // RFC 3411: octets; the enterprise is that of RFC 5612
  append(snmp.engine_id, random.bytes(7));
  snmp.engine_boots = 1;
  snmp.user_name = "mta-prov";
  return snmp;
}

}  // namespace reveille::nodes
