// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <iosfwd>
#include <string>
#include <unordered_map>
#include <vector>

#include "capture/capture_reader.hpp"
#include "capture/frame_view.hpp"
#include "reveille/policy/policy.hpp"

namespace reveille::sim {

/// Whether the server sent it: from an address of the server's, and to none of them.
bool is_from_server(const FrameView& frame, const policy::ServerConfig& server);
/// The KMMID of a key-management message, 1 to 6, behind which stands a DOI that there is; else 0.
unsigned message_id(ByteView payload);

/// What a capture is, before anything of it is judged (docs/replay.md, "What the capture is").
class Survey {
 public:
  explicit Survey(const policy::ServerConfig& server) : server_(server) {}

  /// `seen` is view() of the packet.
  void look(const Packet& packet, const std::optional<FrameView>& seen);

  [[nodiscard]] std::uint64_t span_ns() const noexcept { return span_ns_; }
  void print(std::ostream& out, const std::string& file) const;
  /// Where it does not fit the server: what there is instead, and what to change. `named_by` is the option that names
  /// the server, empty if none did.
  void print_notes(std::ostream& out, const std::string& named_by) const;

 private:
  using Messages = std::array<std::uint64_t, 7>;  ///< by KMMID; 0: no key management
  struct Endpoint {
    net::Address address;
    std::uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
  };
  struct EndpointHash {
    std::size_t operator()(const Endpoint& endpoint) const noexcept {
      return std::hash<net::Address>{}(endpoint.address) * 31 + endpoint.port;
    }
  };
  [[nodiscard]] std::string server_names() const;
  /// The busiest UDP destinations: "Busiest UDP destinations of the server: 192.0.2.9 port 53 (12), ...".
  enum class Of : std::uint8_t { all, server, port };
  [[nodiscard]] std::string busiest(Of which) const;

  const policy::ServerConfig& server_;
  std::uint64_t frames_ = 0;
  std::uint64_t span_ns_ = 0;
  std::uint64_t from_server_ = 0;
  std::uint64_t to_server_ = 0;
  std::uint64_t to_port_ = 0;         ///< of the server
  std::uint64_t port_elsewhere_ = 0;  ///< to the port, neither of the server nor from it
  Messages from_server_messages_{};
  Messages to_port_messages_{};
  std::unordered_map<Endpoint, std::uint64_t, EndpointHash> destinations_;  ///< of UDP that the server did not send
  std::pair<const Endpoint, std::uint64_t>* last_ = nullptr;                ///< of these: most have it again
};

}  // namespace reveille::sim
