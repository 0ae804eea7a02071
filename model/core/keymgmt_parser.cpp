// SPDX-License-Identifier: Apache-2.0
#include "reveille/core/keymgmt_parser.hpp"

#include "reveille/core/octets.hpp"

namespace reveille::core {
namespace {

enum Kmmid : unsigned { wake_up = 1, ap_request = 2, ap_reply = 3, sa_recovered = 4, rekey = 5, error_reply = 6 };

constexpr unsigned header_octets = 3;
constexpr unsigned sa_recovered_octets = 23;
constexpr unsigned ap_req_tag = 0x6E;
constexpr unsigned tag_octets = 8;

bool version_enabled(std::uint8_t version, const Configuration& config) {
  for (unsigned i = 0; i < kServerVersions; ++i) {
    if ((config.versions_enabled >> i & 1) != 0 && config.versions[i] == version) return true;
  }
  return false;
}

}  // namespace

void KeymgmtParser::begin(std::size_t payload_at, unsigned payload_octets) {
  at_ = payload_at;
  octets_ = payload_octets;
  kind_ = Kind::decided;
  verdict_ = Verdict::malformed;
  value_ = 0;
  stage_ = octets_ < header_octets ? Stage::done : Stage::header;
}

void KeymgmtParser::step(ByteView octets, const Configuration& config) {
  if (stage_ == Stage::done || octets.size() <= at_) return;
  const ByteView payload = octets.subspan(at_);
  const auto come = static_cast<unsigned>(payload.size());
  if (stage_ == Stage::header && come >= header_octets) read_header(payload, config);
  if (stage_ == Stage::tag && come > header_octets) {
    if (payload[header_octets] != ap_req_tag) return decide(Verdict::malformed);
    stage_ = Stage::length;
  }
  if (stage_ == Stage::length) read_length(payload, come);
  if (stage_ == Stage::nonce && come >= nonce_at_ + nonce_octets) {
    value_ = octets_of(payload, nonce_at_, nonce_octets);
    kind_ = Kind::ap_request;
    stage_ = Stage::done;
  }
  if (stage_ == Stage::hmac && come >= header_octets + tag_octets) {
    value_ = octets_of(payload, header_octets, tag_octets);
    kind_ = Kind::sa_recovered;
    stage_ = Stage::done;
  }
}

void KeymgmtParser::read_header(ByteView payload, const Configuration& config) {
  const unsigned kmmid = payload[0];
  const unsigned doi = payload[1];
  const bool doi_enabled = (doi == 1 && config.doi_ipsec) || (doi == 2 && config.doi_snmp);
  if (kmmid < wake_up || kmmid > error_reply || !doi_enabled || !version_enabled(payload[2], config)) {
    decide(Verdict::unsupported);
  } else if (kmmid == ap_request) {
    stage_ = Stage::tag;
  } else if (kmmid == sa_recovered) {
    stage_ = Stage::hmac;
    if (octets_ != sa_recovered_octets) decide(Verdict::malformed);
  } else {
    decide(Verdict::wrong_direction);
  }
}

// L18: the shortest form that holds the length, of at most two octets. `come`: of the payload.
void KeymgmtParser::read_length(ByteView payload, unsigned come) {
  constexpr unsigned at = header_octets + 1;
  if (come <= at) return;
  const unsigned form = payload[at];
  if (form < 0x80) return skip_ticket(1, form);
  if (form != 0x81 && form != 0x82) return decide(Verdict::malformed);
  const unsigned length_octets = form - 0x80;
  if (come <= at + length_octets) return;
  const auto content = static_cast<unsigned>(octets_of(payload, at + 1, length_octets));
  if (content < (length_octets == 1 ? 0x80U : 0x100U)) return decide(Verdict::malformed);
  skip_ticket(1 + length_octets, content);
}

void KeymgmtParser::skip_ticket(unsigned length_field, unsigned content) {
  nonce_at_ = std::size_t{header_octets} + 1 + length_field + content;
  stage_ = Stage::nonce;
  if (nonce_at_ + nonce_octets > octets_) decide(Verdict::malformed);  // L17
}

}  // namespace reveille::core
