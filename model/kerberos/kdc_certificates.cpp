// SPDX-License-Identifier: Apache-2.0
// What a KDC does with clients that have certificates (RFC 4556), and its tokens of freshness (RFC 8070).
#include <algorithm>
#include <cstdlib>

#include "reveille/kerberos/hash.hpp"
#include "reveille/kerberos/kdc.hpp"

namespace reveille::kerberos {

void Kdc::accept_certificates(pkinit::Server server) {
  certificates_.emplace(std::move(server));
  freshness_key_ = Key::random(Etype::aes256_sha1, random_);
}

Bytes Kdc::answer_certificate(const Asked& asked, const PaData& data, EncTicketPart ticket,
                              const SealingKey& service_key) {
  const KdcRequest& request = asked.request;
  const auto wanted =
      std::ranges::find_if(request.body.etypes, [](std::int32_t etype) { return to_etype(etype).has_value(); });
  if (wanted == request.body.etypes.end()) throw ProtocolError(ErrorCode::etype_not_supported, "no etype of ours");
  pkinit::OpenedRequest opened =
      pkinit::answer_request(*certificates_, data.value, request.body_octets, realm_, asked.now, policy_.skew, random_);
  if (opened.name != ticket.cname) {
    throw ProtocolError(ErrorCode::client_name_mismatch, "the certificate is another client's");
  }
  check_freshness(opened.freshness, asked.now);
  return issue(asked, std::move(ticket), service_key, {pkinit::reply_key(*to_etype(*wanted), opened.secret), {}},
               KeyUsage::as_rep, {{.type = pa_type::pk_as_rep, .value = std::move(opened.reply)}});
}

/// The time, and what proves that it is ours.
Bytes Kdc::freshness_token(Time now) const {
  Bytes token;
  append_big_endian(token, static_cast<std::uint64_t>(now), 8);
  append(token, freshness_key_.value().checksum(KeyUsage::as_freshness, ByteView(token).first(8)));
  return token;
}

void Kdc::check_freshness(const std::optional<Bytes>& token, Time now) const {
  if (!token) {
    if (!certificates_->require_freshness) return;
    throw ProtocolError(ErrorCode::preauth_expired, "a token of freshness wanted");
  }
  constexpr std::size_t time_size = 8;
  const bool ours = token->size() > time_size &&
                    equal_constant_time(freshness_key_->checksum(KeyUsage::as_freshness, ByteView(*token).first(8)),
                                        ByteView(*token).subspan(time_size));
  const Time made = ours ? static_cast<Time>(ByteReader(*token).u64("time")) : 0;
  if (!ours || std::abs(now - made) > policy_.skew) {
    throw ProtocolError(ErrorCode::preauth_expired, "a token of freshness that is stale");
  }
}

}  // namespace reveille::kerberos
