// SPDX-License-Identifier: Apache-2.0
#include "manual.hpp"

#include <filesystem>
#include <memory>

#include "output_file.hpp"

namespace reveille::sim {

namespace {

/// Those that --help shows.
std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

/// `-h`, `--help`, as they are typed.
std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return !option.get_type_name().empty(); }

/// `a`, `b` of an option whose type ends with `{a,b}`; else nothing.
std::vector<std::string> values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  if (open == std::string::npos || type.back() != '}') return {};
  return CLI::detail::split(type.substr(open + 1, type.size() - open - 2), ',');
}

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string qualified_name(const CLI::App& app, const char* between) {
  return (app.get_parent() != nullptr ? qualified_name(*app.get_parent(), between) + between : "") + app.get_name();
}

/// `app` itself, the commands in it, and those in them.
std::vector<const CLI::App*> whole_family(const CLI::App& app) {
  std::vector<const CLI::App*> family = {&app};
  for (const CLI::App* command : commands_of(app)) {
    const auto inner = whole_family(*command);
    family.insert(family.end(), inner.begin(), inner.end());
  }
  return family;
}

/// Text as roff takes it for itself.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
  return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

/// An entry of a list: its head, already roff, and what it means.
std::string entry(const std::string& head, const std::string& description) {
  return ".TP\n" + head + "\n" + roff(description) + "\n";
}

std::string synopsis(const CLI::App& app) {
  std::string text = ".B " + roff(qualified_name(app, " ")) + "\n";
  if (!commands_of(app).empty()) text += ".RI [ option ]\n.I command\n.RI [ argument \" ...]\"\n";
  if (commands_of(app).empty()) text += ".RI [ option \" ...]\"\n";
  for (const CLI::Option* option : options_of(app))
    if (option->get_positional()) text += ".I " + roff(option->get_name(true)) + "\n";
  return text;
}

std::string option_entry(const CLI::Option& option) {
  std::string head = option.get_positional() ? "\\fI" + roff(option.get_name(true)) + "\\fR"
                                             : "\\fB" + roff(joined(names_of(option), ", ")) + "\\fR";
  if (takes_value(option)) head += " \\fI" + roff(option.get_type_name()) + "\\fR";
  const std::string preset = option.get_default_str();
  return entry(head, option.get_description() + (preset.empty() ? "" : " (" + preset + ")"));
}

std::string words(const std::vector<std::string>& list) { return "\"" + joined(list, " ") + "\""; }

/// A case of bash's: what to offer where `condition`'s text is `pattern`.
std::string completion_case(const std::string& pattern, const std::string& list) {
  return "        " + pattern + ") mapfile -t COMPREPLY < <(compgen -W " + list + " -- \"$current\") ;;\n";
}

}  // namespace

std::string manual_page(const CLI::App& app) {
  std::string text = ".TH " + roff(CLI::detail::to_lower(qualified_name(app, "-"))) + " 1\n.SH NAME\n" +
                     roff(qualified_name(app, "-")) + " \\- " + roff(app.get_description()) + "\n.SH SYNOPSIS\n" +
                     synopsis(app) + ".SH OPTIONS\n";
  for (const CLI::Option* option : options_of(app)) text += option_entry(*option);
  if (const auto commands = commands_of(app); !commands.empty()) {
    text += ".SH COMMANDS\n";
    for (const CLI::App* command : commands)
      text += entry("\\fB" + roff(command->get_name()) + "\\fR", command->get_description());
  }
  return text;
}

std::string bash_completion(const CLI::App& app) {
  std::string paths;
  std::string leaves;
  std::string values;
  std::string options;
  for (const CLI::App* each : whole_family(app)) {
    // What stands behind the program's name: "", "kdc", "kdc principal".
    const std::string name = qualified_name(*each, " ");
    const std::string path = each == &app ? "" : name.substr(app.get_name().size() + 1);
    const auto add_case = [&path](std::string& to) { to += (to.empty() ? "\"" : "|\"") + path + "\""; };
    if (each != &app) add_case(paths);
    if (commands_of(*each).empty()) add_case(leaves);
    std::vector<std::string> offered;
    for (const CLI::App* command : commands_of(*each)) offered.push_back(command->get_name());
    for (const CLI::Option* option : options_of(*each)) {
      const std::vector<std::string> names = names_of(*option);
      offered.insert(offered.end(), names.begin(), names.end());
      if (const auto list = values_of(*option); !list.empty() && !names.empty())
        values += completion_case("\"" + path + " \"" + names.back(), words(list));
      else if (takes_value(*option) && !names.empty())
        values += "        \"" + path + " \"" + names.back() + ") compopt -o default ;;\n";
    }
    options += completion_case("\"" + path + "\"", words(offered));
  }
  const std::string function = "_" + app.get_name();
  return "# bash completion of " + app.get_name() + "\n" + function +
         "() {\n    local current=$2 previous=$3 command= word\n"
         "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "        case \"${command:+$command }$word\" in\n            " +
         paths + ") command=${command:+$command }$word ;;\n        esac\n    done\n" +
         "    COMPREPLY=()\n    case \"$command $previous\" in\n" + values +
         "        *)\n            if [[ $current != -* ]]; then\n                case $command in\n                " +
         leaves +
         ") compopt -o default; return ;;\n                esac\n            fi\n            case $command in\n" +
         options + "            esac ;;\n    esac\n}\ncomplete -F " + function + " " + app.get_name() + "\n";
}

void add_manual_command(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("manual", "Write manual pages and completion");
  command->group("");  // not in --help
  const auto folder = std::make_shared<std::filesystem::path>();
  command->add_option("FOLDER", *folder, "where to")->required()->type_name("DIR");
  command->callback([folder, &app, &action] {
    action = [folder, &app] {
      for (const CLI::App* each : whole_family(app))
        write_text(*folder / (qualified_name(*each, "-") + ".1"), manual_page(*each));
      write_text(*folder / (app.get_name() + ".bash"), bash_completion(app));
      return exit_success;
    };
  });
}

}  // namespace reveille::sim
