// SPDX-License-Identifier: Apache-2.0
#include "reveille/kerberos/service.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace reveille::kerberos {
namespace {

ApRequest read_request(ByteView octets) {
  try {
    return decode_ap_request(octets);
  } catch (const Error& error) {
    throw ProtocolError(ErrorCode::bad_message_type, error.what());
  }
}

/// Decrypts and decodes; whatever fails is the integrity of that part.
template <typename Decode>
auto open(const Key& key, KeyUsage usage, ByteView cipher, Decode&& decode) {
  try {
    return decode(key.decrypt(usage, cipher));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::internal) throw;
    throw ProtocolError(ErrorCode::bad_integrity, error.what());
  }
}

[[noreturn]] void refuse(ErrorCode code, const std::string& what) { throw ProtocolError(code, what); }

}  // namespace

bool ReplayCache::insert(Entry entry, Time now) {
  const auto holds = [&](const Stretch& stretch) {
    return stretch.first <= entry.client_nonce && entry.client_nonce <= stretch.last;
  };
  if (std::ranges::any_of(unknown_, holds)) return false;
  // Older than the skew allows: refused by the clock alone, no need to remember.
  while (!seen_.empty() && seen_.begin()->client_nonce < now - skew_) {
    forget(seen_.begin()->client_nonce);
    seen_.erase(seen_.begin());
  }
  return seen_.insert(std::move(entry)).second;
}

void ReplayCache::forget(Time client_nonce) {
  unknown_.insert(std::ranges::upper_bound(unknown_, client_nonce, {}, &Stretch::first), {client_nonce, client_nonce});
  if (unknown_.size() <= stretches) return;
  // The two that lie closest together become one.
  const auto gap = [](const Stretch& a, const Stretch& b) { return b.first - a.last; };
  auto closest = unknown_.begin();
  for (auto at = closest; std::next(at) != unknown_.end(); ++at) {
    if (gap(*at, *std::next(at)) < gap(*closest, *std::next(closest))) closest = at;
  }
  const auto behind = std::next(closest);
  closest->last = std::max(closest->last, behind->last);
  unknown_.erase(behind);
}

void ReplayCache::lose(Time now) {
  seen_.clear();
  unknown_.assign(1, {std::numeric_limits<Time>::min(), now + skew_});
}

Service::Service(std::string realm, PrincipalName name, Keytab keytab, Time skew, bool weak_etypes)
    : realm_(std::move(realm)),
      name_(std::move(name)),
      keytab_(std::move(keytab)),
      skew_(skew),
      weak_etypes_(weak_etypes),
      replay_cache_(skew) {}

AcceptedApRequest Service::open(ByteView ap_request, const std::optional<HostAddress>& from) const {
  return open_ap_request(
      ap_request, {.realm = realm_, .name = name_, .keytab = keytab_, .from = from, .weak_etypes = weak_etypes_});
}

void Service::admit(const AcceptedApRequest& request, Time now) {
  admit_ap_request(request, name_, now, skew_, &replay_cache_);
}

AcceptedApRequest Service::accept(ByteView ap_request, Time now, const std::optional<HostAddress>& from) {
  AcceptedApRequest request = open(ap_request, from);
  admit(request, now);
  return request;
}

AcceptedApRequest open_ap_request(ByteView ap_request, const ApVerification& against) {
  const ApRequest request = read_request(ap_request);
  const Ticket& ticket = request.ticket;

  const bool ours = ticket.realm == against.realm && ticket.sname == against.name;
  const KeytabEntry* held =
      ours ? against.keytab.find(ticket.realm, ticket.sname, ticket.enc_part.etype, ticket.enc_part.kvno) : nullptr;
  if (held == nullptr) {
    // A key of that type, but of another version, is the one case with a code of its own.
    if (ours && against.keytab.find(ticket.realm, ticket.sname, ticket.enc_part.etype) != nullptr) {
      refuse(ErrorCode::bad_key_version, "key version " + std::to_string(ticket.enc_part.kvno.value_or(0)));
    }
    refuse(ErrorCode::no_key, "no key of type " + std::to_string(ticket.enc_part.etype) + " for " +
                                  to_string(ticket.sname) + "@" + ticket.realm);
  }

  const auto require_strong = [&](const Key& key, const char* what) {
    if (!against.weak_etypes && is_weak(key.etype())) {
      refuse(ErrorCode::etype_not_supported, what + (" of the weak etype " + to_string(key.etype())));
    }
  };
  require_strong(held->key, "ticket");

  EncTicketPart inner = open(held->key, KeyUsage::ticket, ticket.enc_part.cipher, decode_enc_ticket_part);
  require_strong(inner.key, "session key");
  if (request.authenticator.etype != static_cast<std::int32_t>(inner.key.etype())) {
    refuse(ErrorCode::bad_integrity, "authenticator not under the session key's type");
  }
  Authenticator authenticator =
      open(inner.key, against.authenticator_usage, request.authenticator.cipher, decode_authenticator);

  if (authenticator.subkey) require_strong(*authenticator.subkey, "subkey");
  if (authenticator.crealm != inner.crealm || authenticator.cname != inner.cname) {
    refuse(ErrorCode::bad_match, to_string(authenticator.cname) + " with a ticket of " + to_string(inner.cname));
  }
  if (against.from && !inner.caddr.empty() && std::ranges::find(inner.caddr, *against.from) == inner.caddr.end()) {
    refuse(ErrorCode::bad_address, "sent from an address that the ticket does not list");
  }
  // A TGS passes on what it does not understand (section 3.3.3), except what is meant for KDCs.
  const bool granting = against.name == ticket_granting_service(against.realm);
  for (const auto* data : {&inner.authorization_data, &authenticator.authorization_data}) {
    for (const AuthorizationElement& element : *data) {
      if (granting ? element.type == ad_type::mandatory_for_kdc : element.type != ad_type::if_relevant) {
        refuse(ErrorCode::policy, "authorization data of type " + std::to_string(element.type));
      }
    }
  }
  return {.crealm = inner.crealm,
          .cname = inner.cname,
          .session_key = inner.key,
          .client_nonce = authenticator.ctime,
          .endtime = inner.endtime,
          .mutual_required = (request.options & ap_option::mutual_required) != 0,
          .subkey = std::move(authenticator.subkey),
          .sequence_number = authenticator.sequence_number,
          .checksum = std::move(authenticator.checksum),
          .authorization_data = std::move(authenticator.authorization_data),
          .ticket = std::move(inner)};
}

void admit_ap_request(const AcceptedApRequest& request, const PrincipalName& server, Time now, Time skew,
                      ReplayCache* replay_cache) {
  const EncTicketPart& ticket = request.ticket;
  const std::string client = to_string(request.cname) + "@" + request.crealm;
  if (std::abs(request.client_nonce - now) > skew) {
    refuse(ErrorCode::clock_skew, "client's clock off by " + std::to_string(request.client_nonce - now) + " us");
  }
  if (replay_cache != nullptr &&
      !replay_cache->insert({request.client_nonce, server, request.crealm, request.cname}, now)) {
    refuse(ErrorCode::repeat, "authenticator of " + client + " seen before");
  }
  if (ticket.starttime.value_or(ticket.authtime) > now + skew || (ticket.flags & ticket_flag::invalid) != 0) {
    refuse(ErrorCode::ticket_not_yet_valid, "ticket of " + client);
  }
  if (now > ticket.endtime + skew) refuse(ErrorCode::ticket_expired, "ticket of " + client);
}

Bytes Service::reply(const AcceptedApRequest& request, const std::optional<Key>& subkey,
                     std::optional<std::uint32_t> sequence_number, RandomSource& random) {
  const SecretBytes part =
      encode(EncApReplyPart{.ctime = request.client_nonce, .subkey = subkey, .sequence_number = sequence_number});
  const Key& key = request.session_key;
  return encode(ApReply{.enc_part = {.etype = static_cast<std::int32_t>(key.etype()),
                                     .cipher = key.encrypt(KeyUsage::ap_rep, part, random)}});
}

Bytes Service::error(ErrorCode code, Time now, const std::string& text) const {
  return encode(KrbError{.stime = now, .code = code, .realm = realm_, .sname = name_, .text = text});
}

}  // namespace reveille::kerberos
