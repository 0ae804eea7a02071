// SPDX-License-Identifier: Apache-2.0
#include "programs/snmp_service.hpp"

#include <algorithm>

#include "reveille/kerberos/private_file.hpp"
#include "version.hpp"

namespace reveille::sim {

namespace {

/// Of the group `system`, 1.3.6.1.2.1.1.
constexpr std::uint8_t system_group[] = {0x2B, 6, 1, 2, 1, 1};
enum Object : std::uint8_t { sys_descr = 1, sys_up_time = 3, sys_name = 5 };

std::string hexadecimal(ByteView octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "0x";
  for (const std::uint8_t octet : octets) {
    text += digits[octet >> 4];
    text += digits[octet & 15U];
  }
  return text;
}

/// net-snmp localizes a key of authentication itself; one of DES it wants localized, since 16 octets are no key of SHA.
std::string table_row(const snmp::User& user, const keymgmt::DirectionKeys& keys) {
  const bool is_sha = user.suite.authentication == keymgmt::authentication::snmp_hmac_sha1;
  std::string row = std::string("-v3 -l ") + (user.has_privacy() ? "authPriv" : "authNoPriv") + " -u " + user.name +
                    " -e " + hexadecimal(user.engine_id) + " -a " + (is_sha ? "SHA" : "MD5") + " -3m " +
                    hexadecimal(keys.authentication);
  if (user.has_privacy()) row += " -x DES -3K " + hexadecimal(user.privacy);
  return row + '\n';
}

}  // namespace

SnmpService::SnmpService(const nodes::Endpoint& own, std::string name, std::optional<std::filesystem::path> table,
                         EventLoop& loop)
    : name_(std::move(name)), table_(std::move(table)), loop_(loop), socket_(own), begun_(loop.clock().now()) {
  loop_.watch(socket_.number(), EPOLLIN, [this](std::uint32_t) { receive(); });
}

void SnmpService::add(const nodes::Association& association) {
  const auto* engine = std::get_if<keymgmt::SnmpData>(&association.ours);
  if (engine == nullptr) return;
  const keymgmt::DirectionKeys& keys = association.keys.controller_to_cta;
  agents_.emplace_back(snmp::User(*engine, association.suite, keys), engine->engine_time, association.begun);
  if (!table_) return;
  const std::string row = table_row(agents_.back().user(), keys);
  rows_.insert(rows_.end(), row.begin(), row.end());
  kerberos::write_private_file(*table_, rows_);
}

void SnmpService::keep(const std::vector<nodes::Association>& held) {
  std::erase_if(agents_, [&](const snmp::Agent& agent) {
    return std::ranges::none_of(held, [&](const nodes::Association& association) {
      const auto* engine = std::get_if<keymgmt::SnmpData>(&association.ours);
      return engine != nullptr && engine->engine_id == agent.user().engine_id;
    });
  });
}

void SnmpService::receive() {
  while (const std::optional<nodes::Datagram> datagram = socket_.receive()) {
    for (snmp::Agent& agent : agents_) {
      const auto answer = agent.answer(datagram->payload, loop_.clock().now(),
                                       [this](ByteView identifier) { return value(identifier); });
      if (!answer) continue;
      ++answered_;
      socket_.answer(*datagram, *answer);
      break;
    }
  }
}

std::optional<snmp::Value> SnmpService::value(ByteView identifier) const {
  constexpr std::size_t size = std::size(system_group) + 2;  // object, instance 0
  if (identifier.size() != size || identifier.back() != 0 ||
      !std::ranges::equal(identifier.first(std::size(system_group)), system_group)) {
    return std::nullopt;
  }
  switch (identifier[std::size(system_group)]) {
    case sys_descr: return snmp::octet_string("Reveille CTA " + std::string(version()));
    case sys_up_time: return snmp::time_ticks(loop_.clock().now() - begun_);
    case sys_name: return snmp::octet_string(name_);
    default: return std::nullopt;
  }
}

}  // namespace reveille::sim
