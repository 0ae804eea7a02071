// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <map>
#include <unordered_map>
#include <vector>

#include "reveille/kerberos/keytab.hpp"
#include "reveille/kerberos/types.hpp"
#include "reveille/net/address.hpp"

namespace reveille::sim {

/// The keytab of `--keytab`; Error{bad_input} naming option and file if it is none, or holds no key.
kerberos::Keytab read_keytab(const std::filesystem::path& path);

/// Opens the tickets of a capture with the server's keytab, and with what is in them its AP Replies.
class ReplyOpener {
 public:
  explicit ReplyOpener(kerberos::Keytab keytab) : keytab_(std::move(keytab)) {}

  /// An AP Request, the whole message. Remembers its session key where the keytab opens it.
  void request(const net::Address& client, ByteView message);
  /// The tag of the SA Recovered that answers an AP Reply, the whole message, to one of the client's requests.
  [[nodiscard]] std::optional<std::uint64_t> expected_tag(const net::Address& client, ByteView message);
  /// The client was woken anew.
  void forget(const net::Address& client) { opened_.erase(client); }

  void print(std::ostream& out) const;

 private:
  struct Opened {
    Bytes ap_req;
    kerberos::Key session_key;
    kerberos::Time client_nonce = 0;
  };

  kerberos::Keytab keytab_;
  std::unordered_map<net::Address, std::vector<Opened>> opened_;
  std::uint64_t requests_ = 0;
  std::uint64_t tickets_ = 0;
  std::uint64_t tags_ = 0;
  std::map<std::string, std::uint64_t> closed_;  ///< how many requests were not opened, by why
};

}  // namespace reveille::sim
