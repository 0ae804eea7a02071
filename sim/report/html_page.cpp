// SPDX-License-Identifier: Apache-2.0
#include "report/html_page.hpp"

#include <kainjow/mustache.hpp>

#include "report/page_files.hpp"
#include "report/text.hpp"
#include "reveille/common/error.hpp"
#include "version.hpp"

namespace reveille::sim::html {

namespace {

using Data = kainjow::mustache::data;

/// To Mustache, an empty text is as good as none: its section is left out.
Data mustache_data(const Json& json) {
  if (json.is_object()) {
    kainjow::mustache::object object;
    for (const auto& [key, value] : json.items()) object.emplace(key, mustache_data(value));
    return object;
  }
  if (json.is_array()) {
    kainjow::mustache::list list;
    for (const Json& value : json) list.push_back(mustache_data(value));
    return list;
  }
  if (json.is_boolean()) return Data(json.get<bool>());
  if (json.is_null() || json == "") return Data(false);
  return Data(json.is_string() ? json.get<std::string>() : json.dump());
}

/// As it may stand inside a script element: no text of it ends that.
std::string embeddable(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace

std::string fill(const std::string& name, const Json& data) {
  Data root = mustache_data(data);
  for (const auto& [file, text] : page_files) {
    root.set(file, Data(kainjow::mustache::partial([&text = text] { return text; })));
  }
  kainjow::mustache::mustache filled(page_files.at(name));
  if (!filled.is_valid()) throw Error(ErrorKind::internal, name + ": " + filled.error_message());
  return filled.render(root);
}

std::string page(const std::string& name, Json data, const Json& embedded) {
  data["version"] = version();
  data["revision"] = revision();
  data["configuration"] = configuration();
  data["embedded"] = embeddable(embedded);
  return fill(name, data);
}

Json tile(const std::string& value, const std::string& meaning, const char* mood) {
  return {{"value", value}, {"meaning", meaning}, {"mood", mood}};
}

Cell text(std::string_view value) { return {.text = std::string(value)}; }
Cell text(std::string_view value, std::string_view small) {
  return {.text = std::string(value), .small = std::string(small)};
}
Cell count(std::uint64_t value) { return number(grouped(value)); }
Cell number(std::string_view value) { return {.text = std::string(value), .number = true}; }
Cell filter(std::string_view value) { return {.text = std::string(value), .is_filter = true}; }
Cell verdict(Verdict verdict) { return {.text = std::string(name(verdict)), .dot = std::string(fate(verdict))}; }

Json table(const std::string& title, const std::vector<std::string>& heads,
           const std::vector<std::vector<Cell>>& rows) {
  Json json = {{"title", title}, {"has_heads", !heads.empty() && !rows.empty()}, {"heads", Json::array()}};
  for (std::size_t i = 0; i < heads.size() && !rows.empty(); ++i)
    json["heads"].push_back({{"text", heads[i]}, {"number", rows.front()[i].number}});
  json["rows"] = Json::array();
  for (const auto& row : rows) {
    Json cells = Json::array();
    // Every key in every cell: Mustache would look for it further out.
    for (const Cell& cell : row) {
      cells.push_back({{"text", cell.text},
                       {"number", cell.number},
                       {"small", cell.small},
                       {"dot", cell.dot},
                       {"link", cell.link},
                       {"is_filter", cell.is_filter},
                       {"is_plain", cell.link.empty() && !cell.is_filter}});
    }
    json["rows"].push_back({{"cells", std::move(cells)}});
  }
  return json;
}

std::string_view fate(Verdict verdict) {
  if (is_pass(verdict)) return "passed";
  return kind(verdict) == VerdictKind::session ? "session" : "form";
}

}  // namespace reveille::sim::html
