// SPDX-License-Identifier: Apache-2.0
#include "report/exchange_chart.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/text.hpp"
#include "reveille/net/frame.hpp"

namespace reveille::sim::html {

namespace {

using Party = ExchangeStep::Party;

const char* party_name(Party party) {
  switch (party) {
    case Party::kdc: return "KDC";
    case Party::cta: return "CTA";
    case Party::attacker: return "Attacker";
    case Party::core: return "Reveille";
    case Party::host: return "Controller";
  }
  return "";
}

std::string base64(ByteView octets) {
  std::string text(4 * ((octets.size() + 2) / 3), '=');
  std::vector<unsigned char> buffer(text.size() + 1);  // it ends with a zero
  EVP_EncodeBlock(buffer.data(), octets.data(), static_cast<int>(octets.size()));
  std::copy_n(buffer.begin(), text.size(), text.begin());
  return text;
}

/// Where in a frame Ethernet, IP, UDP, the message's header and the message end; padding follows.
Json layout_of(ByteView frame) {
  const net::UdpDatagram datagram = net::parse(frame);
  const std::size_t ethernet = 14 + 4 * datagram.tags.size();
  // Extension headers would count as IP.
  const std::size_t version = frame[ethernet] >> 4;
  const std::size_t ip = ethernet + (version == 4 ? std::size_t{frame[ethernet] & 0xFU} * 4 : 40);
  const std::size_t udp = ip + 8;
  return {ethernet, ip, udp, udp + std::min<std::size_t>(3, datagram.payload.size()), udp + datagram.payload.size()};
}

/// A frame's octets stand in an exchange once, however often it came by.
class Frames {
 public:
  std::size_t place(const Bytes& octets) {
    const auto [entry, is_new] = places_.try_emplace(octets, places_.size());
    if (is_new) json_.push_back({{"octets", base64(octets)}, {"parts", layout_of(octets)}});
    return entry->second;
  }
  Json take() { return std::move(json_); }

 private:
  std::map<Bytes, std::size_t> places_;
  Json json_ = Json::array();
};

Json chart_of(const Exchange& exchange) {
  Frames frames;
  Json steps = Json::array();
  const double begin_us = exchange.steps.front().time_us;
  for (const ExchangeStep& step : exchange.steps) {
    Json json = {{"us", std::round((step.time_us - begin_us) * 10) / 10},
                 {"from", party_name(step.from)},
                 {"to", party_name(step.to)},
                 {"label", step.label}};
    if (!step.detail.empty()) json["detail"] = step.detail;
    if (step.dropped) json["dropped"] = true;
    if (step.place) {
      json["file"] = step.place->file;
      json["number"] = step.place->number;
    }
    if (!step.frame.empty()) json["frame"] = frames.place(step.frame);
    steps.push_back(std::move(json));
  }
  return {{"client", exchange.client}, {"address", exchange.address}, {"outcome", exchange.outcome},
          {"before", exchange.before}, {"steps", std::move(steps)},   {"frames", frames.take()}};
}

/// The first one with most to see: established, with the KDC asked on the way, and nothing forged in front of it.
std::size_t worth_seeing(const std::vector<Exchange>& exchanges) {
  const auto rank = [](const Exchange& exchange) {
    const bool asks = std::ranges::any_of(exchange.steps, [](const auto& step) { return step.label == "AS-REQ"; });
    return exchange.outcome != "established" ? 0 : asks ? (exchange.before.empty() ? 3 : 2) : 1;
  };
  return static_cast<std::size_t>(std::ranges::max_element(exchanges, {}, rank) - exchanges.begin());
}

}  // namespace

Json exchange_chart(const std::vector<Exchange>& exchanges) {
  Json all = Json::array();
  for (const Exchange& exchange : exchanges) all.push_back(chart_of(exchange));
  return {{"first", worth_seeing(exchanges)}, {"all", std::move(all)}};
}

Json first_exchange(const Json& chart) {
  if (chart.at("all").empty()) return false;
  const Json& first = chart.at("all").at(chart.at("first").get<std::size_t>());
  Json words = {{"client", first.at("client")},
                {"address", first.at("address")},
                {"outcome", first.at("outcome")},
                {"before", first.at("before")},
                {"steps", Json::array()}};
  std::size_t number = 0;
  for (const Json& step : first.at("steps")) {
    std::string place;
    if (step.contains("file"))
      place = step.at("file").get<std::string>() + ", frame " + grouped(step.at("number").get<std::uint64_t>());
    words["steps"].push_back({{"number", ++number},
                              {"us", decimal(step.at("us").get<double>(), 1)},
                              {"label", step.at("label")},
                              {"from", step.at("from")},
                              {"to", step.at("to")},
                              {"detail", step.value("detail", "")},
                              {"place", place}});
  }
  return words;
}

}  // namespace reveille::sim::html
