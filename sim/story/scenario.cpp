// SPDX-License-Identifier: Apache-2.0
#include "story/scenario.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <variant>

#include "json_file.hpp"
#include "number.hpp"
#include "reveille/common/error.hpp"

namespace reveille::sim {

namespace {

using nlohmann::ordered_json;
using Destination = policy::ServerConfig::Destination;

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
    {Attack::holes, "holes"},
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
    {"rekey_after_us", &Scenario::rekey_after_us, 0, minutes_us},
    {"signalling_interval_us", &Scenario::signalling_interval_us, 0, minutes_us},
    {"call_packets", &Scenario::call_packets, 0, 10000},
    {"call_packet_us", &Scenario::call_packet_us, 1, minutes_us},
    {"flood_share", &Scenario::flood_share, 0, 1},
};

std::string number(double value) {
  std::ostringstream text;
  text.precision(16);
  text << value;
  return text.str();
}

bool is_real(const Key& key) { return std::holds_alternative<double Scenario::*>(key.member); }

/// `where`: the option, or the file and the key.
[[noreturn]] void refuse(const std::string& where, const std::string& value, const std::string& expected) {
  throw Error(ErrorKind::bad_input, where + ": " + value + ": expected " + expected);
}

[[noreturn]] void refuse(const std::string& where, const std::string& value, const Key& key) {
  refuse(where, value,
         (is_real(key) ? "a number from " : "a whole number from ") + number(key.low) + " to " + number(key.high));
}

/// Puts a value in its place if it is within the key's range; `shown` is how it was written.
template <typename Number>
void assign(Scenario& scenario, const Key& key, Number value, const std::string& shown, const std::string& where) {
  // Not in double: 2^53 + 1 would be 2^53.
  if (!(value >= static_cast<Number>(key.low) && value <= static_cast<Number>(key.high))) refuse(where, shown, key);
  std::visit(
      [&](auto member) {
        using Member = std::remove_reference_t<decltype(scenario.*member)>;
        scenario.*member = static_cast<Member>(value);
      },
      key.member);
}

void assign(Scenario& scenario, const Key& key, const nlohmann::json& value, const std::string& where) {
  if (is_real(key) && value.is_number()) {
    assign(scenario, key, value.get<double>(), excerpt(value), where);
  } else if (!is_real(key) && value.is_number_unsigned()) {
    assign(scenario, key, value.get<std::uint64_t>(), excerpt(value), where);
  } else {
    refuse(where, excerpt(value), key);
  }
}

const Key* find_key(std::string_view name) {
  const auto* key = std::ranges::find(keys, name, &Key::name);
  return key == std::end(keys) ? nullptr : key;
}

/// The wait of a controller between two sessions with one client, rounded up (docs/scenario.md, `wake_rounds`).
constexpr std::uint64_t wake_retry_us = 1'000;
/// For the five exchanges of signalling around what is said in a call, some of which are lost.
constexpr std::uint64_t call_signalling_us = 15'000;

/// Until the CTA that is woken last, should it be dead, has had all its sessions; and until the controller, which opens
/// one AP Request at a time, has opened as many as there are CTAs, and who was not established then has had the rest of
/// his sessions; and then until the last Rekey has been answered, and a call is over. In whole milliseconds.
std::uint64_t whole_story_us(const Scenario& scenario) {
  const std::uint64_t session =
      scenario.wake_interval_us * ((std::uint64_t{1} << scenario.wake_tries) - 1) + wake_retry_us;
  const std::uint64_t last_woken = scenario.ctas * scenario.wake_spacing_us + scenario.wake_rounds * session;
  const std::uint64_t last_opened = scenario.ctas * scenario.host_service_us + (scenario.wake_rounds - 1) * session;
  const std::uint64_t rekeyed = scenario.rekey_after_us == 0 ? 0 : scenario.rekey_after_us + session;
  const std::uint64_t end = std::max(last_woken, last_opened) + rekeyed + scenario.late_us + scenario.call_us();
  return std::min((end + 999) / 1'000 * 1'000, static_cast<std::uint64_t>(minutes_us));
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

std::set<Attack> parse_attacks(std::string_view list, const std::string& where) {
  if (list == "all") return {all_attacks().begin(), all_attacks().end()};
  std::set<Attack> attacks;
  if (list == "none") return attacks;
  std::istringstream words((std::string(list)));
  std::string text;
  do {
    std::getline(words, text, ',');
    const auto* found = std::ranges::find(attack_names, std::string_view(text), &AttackName::name);
    if (text == "all" || text == "none") refuse(where, excerpt(list), '"' + text + "\" alone, or names");
    if (found == std::end(attack_names)) {
      std::string expected = "all, none";
      for (const AttackName& entry : attack_names) expected += ", " + std::string(entry.name);
      refuse(where, excerpt(text), "one of " + expected);
    }
    attacks.insert(found->attack);
  } while (!words.eof());
  return attacks;
}

Scenario Scenario::load(const std::filesystem::path& file) {
  const nlohmann::json root = read_json_file(file);
  if (!root.is_object()) throw Error(ErrorKind::bad_input, file.string() + ": expected a JSON object");
  Scenario scenario;
  for (const auto& [name, value] : root.items()) {
    const std::string where = file.string() + ": " + key_excerpt(name);
    if (name == "attacks") {
      if (!value.is_string()) refuse(where, excerpt(value), "a string, as --attack takes");
      scenario.attacks = parse_attacks(value.get<std::string>(), where);
      continue;
    }
    if (name == "destination") {
      if (value != "any" && value != "listed") refuse(where, excerpt(value), R"("any" or "listed")");
      scenario.destination = value == "any" ? Destination::any : Destination::listed;
      continue;
    }
    const Key* key = find_key(name);
    if (key == nullptr) refuse(where, excerpt(value), "a key of docs/scenario.md");
    assign(scenario, *key, value, where);
  }
  scenario.validate(file.string());
  return scenario;
}

void Scenario::set(std::string_view name, const std::string& text, const std::string& where) {
  const Key& key = *find_key(name);
  const std::string shown = '"' + text + '"';
  if (is_real(key)) {
    const std::optional<double> value = parse_number<double>(text);
    if (!value) refuse(where, shown, key);
    assign(*this, key, *value, shown, where);
  } else {
    const std::optional<std::uint64_t> value = parse_number<std::uint64_t>(text);
    if (!value) refuse(where, shown, key);
    assign(*this, key, *value, shown, where);
  }
}

void Scenario::validate(const std::string& where) const {
  if (delay_min_us > delay_max_us) {
    refuse(where + ": delay_min_us", std::to_string(delay_min_us),
           "no more than delay_max_us, " + std::to_string(delay_max_us));
  }
  const double special = dead_share + late_share + stale_clock_share;
  if (special > 1) refuse(where + ": dead_share + late_share + stale_clock_share", number(special), "no more than 1");
}

std::uint64_t Scenario::call_us() const {
  return call_packets == 0 ? 0 : call_signalling_us + call_packets * call_packet_us;
}

Scenario Scenario::whole() const {
  Scenario scenario = *this;
  if (duration_us == 0) scenario.duration_us = whole_story_us(*this);
  return scenario;
}

std::string Scenario::to_json() const {
  ordered_json root;
  for (const Key& key : keys) {
    std::visit([&, scenario = whole()](auto member) { root[key.name] = scenario.*member; }, key.member);
  }
  std::string list;
  for (const Attack attack : attacks) list += (list.empty() ? "" : ",") + std::string(attack_name(attack));
  root["attacks"] = list.empty() ? "none" : list;
  root["destination"] = destination == Destination::any ? "any" : "listed";
  return root.dump(2);
}

}  // namespace reveille::sim
