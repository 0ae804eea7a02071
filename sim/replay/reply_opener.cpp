// SPDX-License-Identifier: Apache-2.0
#include "replay/reply_opener.hpp"

#include <algorithm>
#include <ostream>

#include "report/text.hpp"
#include "reveille/kerberos/client.hpp"
#include "reveille/kerberos/service.hpp"
#include "reveille/keymgmt/security.hpp"

namespace reveille::sim {

namespace {

/// Of one client; more than a true one sends on one Wake Up.
constexpr std::size_t most_opened = 16;

/// Which key a ticket wants.
std::string wanted_key(const kerberos::Ticket& ticket) {
  return kerberos::to_string(ticket.sname) + "@" + ticket.realm + ", kvno " +
         std::to_string(ticket.enc_part.kvno.value_or(0)) + ", etype " + std::to_string(ticket.enc_part.etype);
}

}  // namespace

kerberos::Keytab read_keytab(const std::filesystem::path& path) {
  const std::string option = "--keytab: ";
  const std::string file = path.string() + ": ";
  try {
    kerberos::Keytab keytab = kerberos::Keytab::load(path);
    if (!keytab.entries().empty()) return keytab;
  } catch (const Error& error) {
    const bool names_file = error.kind() == ErrorKind::bad_input;
    throw Error(ErrorKind::bad_input,
                option + (names_file ? "" : file) + error.what() + ": a keytab of MIT's version 0x0502 expected");
  }
  throw Error(ErrorKind::bad_input,
              option + file + "it holds no key of an etype that there is here: at least one expected");
}

void ReplyOpener::request(const net::Address& client, ByteView message) {
  std::vector<Opened>& opened = opened_[client];
  ++requests_;
  try {
    const Bytes ap_req = keymgmt::decode_as<keymgmt::ApRequest>(message).ap_req;
    if (opened.size() == most_opened || std::ranges::find(opened, ap_req, &Opened::ap_req) != opened.end()) return;
    const kerberos::Ticket ticket = kerberos::decode_ap_request(ap_req).ticket;
    try {
      kerberos::AcceptedApRequest accepted =
          kerberos::open_ap_request(ap_req, {.realm = ticket.realm, .name = ticket.sname, .keytab = keytab_});
      opened.push_back({ap_req, std::move(accepted.session_key), accepted.client_nonce});
      ++tickets_;
    } catch (const kerberos::ProtocolError& error) {
      const bool lacks_key =
          error.code() == kerberos::ErrorCode::no_key || error.code() == kerberos::ErrorCode::bad_key_version;
      ++closed_[lacks_key ? "the keytab holds no key of " + wanted_key(ticket)
                          : "the key of " + wanted_key(ticket) + " does not open it"];
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::malformed) throw;
    ++closed_["no AP Request that decodes"];
  }
}

std::optional<std::uint64_t> ReplyOpener::expected_tag(const net::Address& client, ByteView message) {
  const auto opened = opened_.find(client);
  if (opened == opened_.end()) return std::nullopt;
  for (const Opened& request : opened->second) {
    try {
      const Bytes ap_rep = keymgmt::decode_as<keymgmt::ApReply>(message).ap_rep;
      if (!keymgmt::has_true_hmac(message, keymgmt::ap_hmac_key(request.session_key.octets()))) continue;
      const kerberos::EncApReplyPart part = kerberos::open_ap_reply(ap_rep, request.session_key);
      if (part.ctime != request.client_nonce || !part.subkey) continue;
      ++tags_;
      return keymgmt::expected_tag(keymgmt::make_sa_recovered(message, part.subkey->octets()));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::malformed && error.kind() != ErrorKind::protocol) throw;
    }
  }
  return std::nullopt;
}

void ReplyOpener::print(std::ostream& out) const {
  out << "keytab: opened " << grouped(tickets_) << " different AP Requests, of " << grouped(requests_)
      << " with a right nonce, and " << grouped(tags_) << " AP Replies to them\n";
  for (const auto& [why, count] : closed_) out << "note: " << why << ": " << grouped(count) << " AP Requests\n";
}

}  // namespace reveille::sim
