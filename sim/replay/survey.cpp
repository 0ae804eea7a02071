// SPDX-License-Identifier: Apache-2.0
#include "replay/survey.hpp"

#include <algorithm>
#include <iomanip>
#include <numeric>
#include <ostream>

#include "report/text.hpp"

namespace reveille::sim {
namespace {

constexpr std::size_t busiest_shown = 5;
constexpr std::array<const char*, 7> message_names = {"other",        "Wake Up", "AP Request", "AP Reply",
                                                      "SA Recovered", "Rekey",   "Error Reply"};

bool is_servers(const net::Address& address, const policy::ServerConfig& server) {
  const auto& own = server.addresses(address.is_ipv4());
  return std::ranges::find(own, address) != own.end();
}

/// "3 Wake Up, 2 AP Reply".
std::string listed(const std::array<std::uint64_t, 7>& messages) {
  std::string text;
  for (std::size_t id = 1; id <= messages.size(); ++id) {
    const std::size_t kind = id % messages.size();  // what is none comes last
    if (messages[kind] == 0) continue;
    text += (text.empty() ? "" : ", ") + grouped(messages[kind]) + " " + message_names[kind];
  }
  return text;
}

std::uint64_t sum(const std::array<std::uint64_t, 7>& messages) {
  return std::accumulate(messages.begin() + 1, messages.end(), std::uint64_t{0});
}

}  // namespace

bool is_from_server(const FrameView& frame, const policy::ServerConfig& server) {
  return is_servers(frame.source, server) && !is_servers(frame.destination, server);
}

unsigned message_id(ByteView payload) {
  if (payload.size() < 3 || payload[0] < 1 || payload[0] > 6 || payload[1] < 1 || payload[1] > 2) return 0;
  return payload[0];
}

void Survey::look(const Packet& packet, const std::optional<FrameView>& seen) {
  ++frames_;
  span_ns_ = packet.since_first_ns;
  if (!seen) return;
  const unsigned id = seen->udp ? message_id(seen->payload) : 0;
  if (is_from_server(*seen, server_)) {
    ++from_server_;
    const bool of_port = seen->source_port == server_.port || seen->destination_port == server_.port;
    ++from_server_messages_[of_port ? id : 0];
    return;
  }
  const bool to_server = is_servers(seen->destination, server_);
  if (to_server) ++to_server_;
  if (!seen->udp) return;
  if (const Endpoint to{seen->destination, seen->destination_port}; last_ == nullptr || last_->first != to)
    last_ = &*destinations_.try_emplace(to).first;
  ++last_->second;
  if (seen->destination_port != server_.port) return;
  if (!to_server) {
    ++port_elsewhere_;
    return;
  }
  ++to_port_;
  ++to_port_messages_[id];
}

void Survey::print(std::ostream& out, const std::string& file) const {
  const auto row = [&out](const std::string& label, std::uint64_t count, const std::string& of_them = {}) {
    out << std::left << std::setw(18) << label << std::right << std::setw(12) << grouped(count)
        << (of_them.empty() ? "" : "  ") << of_them << '\n';
  };
  out << file << ": " << grouped(frames_) << " frames in " << format_seconds(Timestamp{span_ns_}) << "; the server is "
      << server_names() << '\n';
  row("from the server", from_server_, listed(from_server_messages_));
  row("to the server", to_server_);
  row("  UDP port " + std::to_string(server_.port), to_port_);
  row("  key management", sum(to_port_messages_), listed(to_port_messages_));
  row("others", frames_ - from_server_ - to_server_);
}

void Survey::print_notes(std::ostream& out, const std::string& named_by) const {
  if (frames_ == 0) return;
  const std::string address_option =
      named_by == "--sessions" ? "server.ipv4 and server.ipv6 in --sessions" : "--server";
  const std::string port_option = named_by == "--sessions" ? "server.port in --sessions" : "--port";
  const std::string port = std::to_string(server_.port);
  if (to_server_ == 0) {
    out << "note: no frame goes to " << server_names() << (named_by.empty() ? ", the example's server" : "")
        << ". Name yours with " << address_option << ". " << busiest(Of::all) << '\n';
  } else if (to_port_ == 0) {
    out << "note: no UDP datagram goes to port " << port << " of the server. Name its port with " << port_option << ". "
        << busiest(Of::server) << '\n';
  } else if (sum(to_port_messages_) == 0) {
    out << "note: no datagram to port " << port << " of the server is a key-management message. Name another port with "
        << port_option << ". " << busiest(Of::server) << '\n';
  } else if (from_server_messages_[1] == 0 && named_by == "--server") {
    out << "note: the capture holds no Wake Up from port " << port
        << " of the server, so nobody counts as woken. It has to "
           "hold both directions, from before the Wake Ups on; or give the sessions with --sessions\n";
  }
  if (port_elsewhere_ > 0) {
    out << "note: " << grouped(port_elsewhere_) << (port_elsewhere_ == 1 ? " datagram goes" : " datagrams go")
        << " to port " << port
        << " of others; the guard judges them too. Where one of those addresses is the server's, name it with "
        << address_option << ". " << busiest(Of::port) << '\n';
  }
}

std::string Survey::server_names() const {
  std::string names;
  for (const bool ipv4 : {true, false}) {
    for (const net::Address& address : server_.addresses(ipv4)) names += (names.empty() ? "" : ", ") + format(address);
  }
  return names;
}

std::string Survey::busiest(Of which) const {
  const auto counts = [&](const Endpoint& endpoint) {
    const bool of_server = is_servers(endpoint.address, server_);
    return which == Of::all || (which == Of::server ? of_server : !of_server && endpoint.port == server_.port);
  };
  std::vector<std::pair<Endpoint, std::uint64_t>> busy;
  for (const auto& [endpoint, count] : destinations_)
    if (counts(endpoint)) busy.emplace_back(endpoint, count);
  const std::size_t shown = std::min(busy.size(), busiest_shown);
  std::ranges::partial_sort(busy, busy.begin() + static_cast<std::ptrdiff_t>(shown), [](const auto& a, const auto& b) {
    if (a.second != b.second) return a.second > b.second;
    return std::pair(a.first.address, a.first.port) < std::pair(b.first.address, b.first.port);
  });
  if (shown == 0) return which == Of::server ? "It holds no UDP to the server." : "It holds no UDP.";
  constexpr std::array of = {": ", " of the server: ", " at that port: "};
  std::string text = std::string("Busiest UDP destinations") + of[static_cast<std::size_t>(which)];
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i == 0 ? "" : ", ") + format(busy[i].first.address) + " port " + std::to_string(busy[i].first.port) +
            " (" + grouped(busy[i].second) + ")";
  }
  return text + ".";
}

}  // namespace reveille::sim
