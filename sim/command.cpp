// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <map>

namespace reveille::sim {

void add_engine_option(CLI::App& app, EngineKind& engine) {
  static const std::map<std::string, EngineKind> names = {
      {"rtl", EngineKind::rtl}, {"model", EngineKind::model}, {"lockstep", EngineKind::lockstep}};
  // CLI11 would take the enumeration's numbers as well, and print them in the help.
  app.add_option_function<std::string>(
         "--engine", [&engine](const std::string& name) { engine = names.at(name); },
         "rtl (the Verilated core), model (the cycle-accurate model), lockstep (both, compared); default lockstep")
      ->check(CLI::IsMember({"rtl", "model", "lockstep"}))
      ->type_name("ENGINE");
}

}  // namespace reveille::sim
