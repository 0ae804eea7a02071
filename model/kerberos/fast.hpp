// SPDX-License-Identifier: Apache-2.0
#pragma once

// FAST (RFC 6113 section 5.4): requests to a KDC, and its replies, in armour, a key that client and KDC share for the
// one exchange by a ticket that the client has already. Functions of both ends. Not there: armour of other types than
// an AP-REQ, PA-AUTHENTICATION-SET.

#include <string_view>

#include "reveille/kerberos/fast_messages.hpp"
#include "reveille/kerberos/random.hpp"

namespace reveille::kerberos::fast {

/// The armour that the subkey of an AP-REQ and the session key of its ticket are. ProtocolError{policy} without one.
Key armor_key(const std::optional<Key>& subkey, const Key& session_key);

/// The key that PA-ENCRYPTED-CHALLENGE is sealed under (section 5.4.6).
enum class Challenger { client, kdc };
Key challenge_key(const Key& armor, const Key& long_term, Challenger challenger);
/// The value of PA-ENCRYPTED-CHALLENGE.
Bytes challenge(const Key& armor, const Key& long_term, Challenger challenger, Time now, RandomSource& random);
/// The time in it. Error{crypto} if it is under another key.
Time open_challenge(const Key& armor, const Key& long_term, Challenger challenger, ByteView value);

/// The key that a reply is sealed under (section 5.4.3): neither its own nor the one out of the armour is enough.
Key strengthened(const Key& strengthen_key, const Key& reply_key);

/// The value of PA-FX-FAST. `covered`: what the request outside binds to it, the AS-REQ's KDC-REQ-BODY or the
/// TGS-REQ's AP-REQ.
Bytes seal_request(const Key& armor, const std::optional<Armor>& sent, const Request& request, ByteView covered,
                   RandomSource& random);
/// ProtocolError with the code of what is wrong with it.
Request open_request(const Key& armor, const ArmoredRequest& request, ByteView covered);

/// The value of PA-FX-FAST.
Bytes seal_response(const Key& armor, const Response& response, RandomSource& random);
/// ProtocolError for one that is not to the request of this nonce.
Response open_response(const Key& armor, ByteView value, std::int64_t nonce);

/// What a reply says of its ticket inside the armour.
Checksum ticket_checksum(const Key& armor, const Ticket& ticket);

}  // namespace reveille::kerberos::fast
