// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "report/html_parts.hpp"
#include "report/text.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim::html {

namespace {

using Party = ExchangeStep::Party;

constexpr struct {
  Party party;
  const char* name;
  const char* role;
  int x;
} lanes[] = {{Party::kdc, "KDC", "key distribution centre", 190},
             {Party::cta, "CTA", "telephony adapter", 425},
             {Party::core, "Reveille", "the circuit", 700},
             {Party::host, "Controller", "the host's software", 895}};
constexpr int width = 980;
constexpr int top = 74;
constexpr int row_height = 46;

const auto& lane(Party party) {
  return *std::ranges::find(lanes, party, [](const auto& entry) { return entry.party; });
}

/// Where the parts of a frame end that an ordinary datagram has.
struct Layout {
  std::size_t ethernet = 0, ip = 0, udp = 0, header = 0, message = 0;
};

Layout layout_of(ByteView frame) {
  const net::UdpDatagram datagram = net::parse(frame);
  Layout layout;
  layout.ethernet = 14 + 4 * datagram.tags.size();
  // Extension headers would count as IP.
  const std::size_t version = frame[layout.ethernet] >> 4;
  const std::size_t ip_length = version == 4 ? (frame[layout.ethernet] & 0xFU) * 4 : 40;
  layout.ip = layout.ethernet + ip_length;
  layout.udp = layout.ip + 8;
  layout.header = layout.udp + std::min<std::size_t>(3, datagram.payload.size());
  layout.message = layout.udp + datagram.payload.size();
  return layout;
}

const char* part_of(const Layout& layout, std::size_t octet) {
  if (octet < layout.ethernet) return "hex-ethernet";
  if (octet < layout.ip) return "hex-ip";
  if (octet < layout.udp) return "hex-udp";
  if (octet < layout.header) return "hex-header";
  return octet < layout.message ? "hex-message" : "hex-padding";
}

/// Sixteen octets a line: offset, hexadecimal coloured by part, ASCII.
std::string hex_dump(ByteView frame) {
  const Layout layout = layout_of(frame);
  std::string out;
  char text[24];
  for (std::size_t line = 0; line < frame.size(); line += 16) {
    std::snprintf(text, sizeof text, "%04zx ", line);
    out += text;
    const char* part = "";
    std::string ascii;
    for (std::size_t at = line; at < line + 16; ++at) {
      if (at >= frame.size()) {
        out += "   ";
        continue;
      }
      if (part_of(layout, at) != part) {
        if (*part != 0) out += "</span>";
        part = part_of(layout, at);
        out += std::string("<span class=\"") + part + "\">";
      }
      std::snprintf(text, sizeof text, " %02x", frame[at]);
      out += text;
      ascii.push_back(frame[at] >= 0x20 && frame[at] < 0x7F ? static_cast<char>(frame[at]) : '.');
    }
    out += "</span>  " + escape_html(ascii) + '\n';
  }
  return out;
}

std::string route(const ExchangeStep& step) { return std::string(lane(step.from).name) + " → " + lane(step.to).name; }

void draw_lanes(std::ostream& svg, int bottom) {
  for (const auto& lane : lanes) {
    svg << "<line class=\"lane\" x1=\"" << lane.x << "\" y1=\"48\" x2=\"" << lane.x << "\" y2=\"" << bottom << "\"/>"
        << "<rect class=\"box" << (lane.party == Party::core ? " core" : "") << "\" x=\"" << lane.x - 70
        << "\" y=\"4\" width=\"140\" height=\"44\" rx=\"7\"/>"
        << "<text class=\"mid name\" x=\"" << lane.x << "\" y=\"23\">" << lane.name << "</text>"
        << "<text class=\"mid small\" x=\"" << lane.x << "\" y=\"39\">" << lane.role << "</text>\n";
  }
}

void draw_step(std::ostream& svg, const ExchangeStep& step, std::size_t number, double begin_us) {
  const int y = top + static_cast<int>(number - 1) * row_height;
  const int line = y + 26;
  const int from = lane(step.from).x;
  const int to = lane(step.to).x;
  const int tip = to > from ? -1 : 1;
  const int middle = (from + to) / 2;
  const char* kind = step.from == Party::kdc || step.to == Party::kdc ? "quiet" : step.to == Party::host ? "in" : "out";
  const std::string title =
      escape_html(step.label + ", " + route(step) + (step.detail.empty() ? "" : ": " + step.detail));

  if (!step.frame.empty()) svg << "<a href=\"#frame-" << number << "\">";
  svg << "<g class=\"" << kind << "\"><title>" << title << "</title>"
      << "<rect class=\"row\" x=\"0\" y=\"" << y << "\" width=\"" << width << "\" height=\"" << row_height << "\"/>";
  for (const auto& lane : lanes) {
    svg << "<line class=\"lane\" x1=\"" << lane.x << "\" y1=\"" << y << "\" x2=\"" << lane.x << "\" y2=\""
        << y + row_height << "\"/>";
  }
  svg << "<text class=\"small end\" x=\"22\" y=\"" << line + 4 << "\">" << number << "</text>"
      << "<text class=\"mono end\" x=\"98\" y=\"" << line + 4 << "\">" << decimal(step.time_us - begin_us, 1)
      << "</text>"
      << "<path class=\"arrow\" d=\"M" << from << ' ' << line << 'H' << to + 3 * tip << "\"/>"
      << "<path class=\"head\" d=\"M" << to << ' ' << line << "l" << 9 * tip << " -4.5v9z\"/>"
      << "<text class=\"mid halo name\" x=\"" << middle << "\" y=\"" << line - 7 << "\">" << escape_html(step.label)
      << "</text>";
  if (!step.detail.empty()) {
    svg << "<text class=\"mid halo small\" x=\"" << middle << "\" y=\"" << line + 15 << "\">"
        << escape_html(step.detail) << "</text>";
  }
  svg << "</g>" << (step.frame.empty() ? "" : "</a>") << '\n';
}

}  // namespace

std::string exchange(const std::vector<ExchangeStep>& steps) {
  if (steps.empty())
    return "<p class=\"note\">No session was established, so there is no whole exchange to draw.</p>\n";
  const double begin_us = steps.front().time_us;
  const int bottom = top + static_cast<int>(steps.size()) * row_height;
  std::ostringstream out;
  // A group, for its steps are links.
  out << "<div class=\"card\">" << wide("Sequence diagram") << "<svg viewBox=\"0 0 " << width << ' ' << bottom + 8
      << "\" role=\"group\" aria-label=\"Sequence diagram of one exchange\">\n"
      << "<text class=\"small end\" x=\"98\" y=\"30\">µs</text>";
  draw_lanes(out, bottom);
  for (std::size_t i = 0; i < steps.size(); ++i) draw_step(out, steps[i], i + 1, begin_us);
  out << "</svg></div>\n<ol class=\"frames\">\n";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ExchangeStep& step = steps[i];
    if (step.frame.empty()) continue;
    out << "<li><details id=\"frame-" << i + 1 << "\"><summary><span>" << i + 1 << "</span><b>"
        << escape_html(step.label) << "</b><span>" << route(step) << "</span><span>" << escape_html(step.detail)
        << "</span><span class=\"octets\">" << step.frame.size() << " octets</span></summary><pre tabindex=\"0\">"
        << hex_dump(step.frame) << "</pre></details></li>\n";
  }
  out << "</ol>\n<ul class=\"legend\"><li><span class=\"dot hex-ethernet\"></span>Ethernet</li><li><span class=\"dot "
         "hex-ip\"></span>IP</li>"
         "<li><span class=\"dot hex-udp\"></span>UDP</li><li><span class=\"dot hex-header\"></span>KMMID, DOI, "
         "version</li>"
         "<li><span class=\"dot hex-message\"></span>message</li></ul></div>\n";
  return out.str();
}

}  // namespace reveille::sim::html
