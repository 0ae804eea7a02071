// SPDX-License-Identifier: Apache-2.0
#include "story/scenario.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <variant>

#include "common/error.hpp"

namespace reveille::sim {

namespace {

using nlohmann::ordered_json;

struct AttackName {
  Attack attack;
  std::string_view name;
};
constexpr AttackName attack_names[] = {
    {Attack::garbage, "garbage"},
    {Attack::false_nonce, "false-nonce"},
    {Attack::replay, "replay"},
    {Attack::spoof, "spoof"},
    {Attack::forged_wakeup, "forged-wakeup"},
    {Attack::client_initiated, "client-initiated"},
    {Attack::forged_recovered, "forged-sa-recovered"},
};

/// One key of the file: where its value goes, and the range it must lie in.
struct Key {
  const char* name;
  std::variant<std::uint64_t Scenario::*, unsigned Scenario::*, double Scenario::*> member;
  double low;
  double high;
};

constexpr double minutes_us = 600e6;
const Key keys[] = {
    {"seed", &Scenario::seed, 0, 9007199254740992.0},
    {"ctas", &Scenario::ctas, 1, 4000},
    {"duration_us", &Scenario::duration_us, 1, minutes_us},
    {"loss", &Scenario::loss, 0, 1},
    {"duplicate", &Scenario::duplicate, 0, 1},
    {"ipv6_share", &Scenario::ipv6_share, 0, 1},
    {"no_ticket_share", &Scenario::no_ticket_share, 0, 1},
    {"dead_share", &Scenario::dead_share, 0, 1},
    {"late_share", &Scenario::late_share, 0, 1},
    {"stale_clock_share", &Scenario::stale_clock_share, 0, 1},
    {"delay_min_us", &Scenario::delay_min_us, 1, minutes_us},
    {"delay_max_us", &Scenario::delay_max_us, 1, minutes_us},
    {"late_us", &Scenario::late_us, 0, minutes_us},
    {"wake_spacing_us", &Scenario::wake_spacing_us, 1, minutes_us},
    {"session_lifetime_us", &Scenario::session_lifetime_us, 1, minutes_us},
    {"wake_rounds", &Scenario::wake_rounds, 1, 15},
    {"wake_tries", &Scenario::wake_tries, 1, 15},
    {"wake_interval_us", &Scenario::wake_interval_us, 1, minutes_us},
    {"cta_timeout_us", &Scenario::cta_timeout_us, 1, minutes_us},
    {"cta_timeout_max_us", &Scenario::cta_timeout_max_us, 1, minutes_us},
    {"cta_tries", &Scenario::cta_tries, 0, 15},
    {"cta_answer_interval_us", &Scenario::cta_answer_interval_us, 1, minutes_us},
    {"reply_timeout_us", &Scenario::reply_timeout_us, 1, minutes_us},
    {"reply_timeout_max_us", &Scenario::reply_timeout_max_us, 1, minutes_us},
    {"reply_tries", &Scenario::reply_tries, 0, 15},
    {"kdc_service_us", &Scenario::kdc_service_us, 0, minutes_us},
    {"host_service_us", &Scenario::host_service_us, 0, minutes_us},
    {"flood_share", &Scenario::flood_share, 0, 1},
};

std::string number(double value) {
  std::ostringstream text;
  text.precision(16);
  text << value;
  return text.str();
}

[[noreturn]] void refuse(std::string_view origin, std::string_view key, const std::string& value,
                         const std::string& expected) {
  throw Error(ErrorKind::bad_input,
              std::string(origin) + ": " + std::string(key) + ": " + value + ": expected " + expected);
}

void check(std::string_view origin, const Key& key, double value) {
  if (!(value >= key.low && value <= key.high)) {
    refuse(origin, key.name, number(value), number(key.low) + " to " + number(key.high));
  }
}

void assign(Scenario& scenario, const Key& key, const nlohmann::json& value, std::string_view origin) {
  const bool real = std::holds_alternative<double Scenario::*>(key.member);
  if (real ? !value.is_number() : !value.is_number_unsigned()) {
    refuse(origin, key.name, value.dump(), real ? "a number" : "an integer that is not negative");
  }
  check(origin, key, value.get<double>());
  std::visit([&](auto member) { value.get_to(scenario.*member); }, key.member);
}

}  // namespace

const std::vector<Attack>& all_attacks() {
  static const std::vector<Attack> all = [] {
    std::vector<Attack> list;
    for (const AttackName& entry : attack_names) list.push_back(entry.attack);
    return list;
  }();
  return all;
}

std::string_view attack_name(Attack attack) {
  return std::ranges::find(attack_names, attack, &AttackName::attack)->name;
}

std::set<Attack> parse_attacks(std::string_view list, std::string_view origin) {
  if (list == "all") return {all_attacks().begin(), all_attacks().end()};
  std::set<Attack> attacks;
  if (list == "none") return attacks;
  std::istringstream words((std::string(list)));
  std::string text;
  do {
    std::getline(words, text, ',');
    const auto* found = std::ranges::find(attack_names, std::string_view(text), &AttackName::name);
    if (found == std::end(attack_names)) {
      std::string expected = "all, none";
      for (const AttackName& entry : attack_names) expected += ", " + std::string(entry.name);
      refuse(origin, "attacks", '"' + text + '"', "one of " + expected);
    }
    attacks.insert(found->attack);
  } while (!words.eof());
  return attacks;
}

Scenario Scenario::load(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw Error(ErrorKind::bad_input, file.string() + ": cannot be read");
  std::set<std::string> seen;
  const auto once = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    if (depth == 1 && event == nlohmann::json::parse_event_t::key && !seen.insert(parsed.get<std::string>()).second) {
      refuse(file.string(), parsed.get<std::string>(), "stands twice", "each key once");
    }
    return true;
  };
  nlohmann::json root;
  try {
    root = nlohmann::json::parse(stream, once);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::bad_input, file.string() + ": not JSON: " + error.what());
  }
  if (!root.is_object()) throw Error(ErrorKind::bad_input, file.string() + ": expected a JSON object");

  Scenario scenario;
  for (const auto& [name, value] : root.items()) {
    if (name == "attacks") {
      if (!value.is_string()) refuse(file.string(), name, value.dump(), "a string, as --attack takes");
      scenario.attacks = parse_attacks(value.get<std::string>(), file.string());
      continue;
    }
    const auto* key = std::ranges::find(keys, name, &Key::name);
    if (key == std::end(keys)) refuse(file.string(), name, value.dump(), "a key of docs/scenario.md");
    assign(scenario, *key, value, file.string());
  }
  scenario.validate(file.string());
  return scenario;
}

void Scenario::validate(std::string_view origin) const {
  for (const Key& key : keys) {
    std::visit([&](auto member) { check(origin, key, static_cast<double>(this->*member)); }, key.member);
  }
  if (delay_min_us > delay_max_us) {
    refuse(origin, "delay_min_us", std::to_string(delay_min_us),
           "no more than delay_max_us, " + std::to_string(delay_max_us));
  }
  const double special = dead_share + late_share + stale_clock_share;
  if (special > 1) refuse(origin, "dead_share + late_share + stale_clock_share", number(special), "no more than 1");
}

std::string Scenario::to_json() const {
  ordered_json root;
  for (const Key& key : keys) {
    std::visit([&](auto member) { root[key.name] = this->*member; }, key.member);
  }
  std::string list;
  for (const Attack attack : attacks) list += (list.empty() ? "" : ",") + std::string(attack_name(attack));
  root["attacks"] = list.empty() ? "none" : list;
  return root.dump(2);
}

}  // namespace reveille::sim
