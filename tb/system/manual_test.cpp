// SPDX-License-Identifier: Apache-2.0
// --help, the manual pages and the completion of bash name the same commands and options.
#include <regex>
#include <set>

#include "catch.hpp"
#include "system/program.hpp"

using namespace reveille;
using namespace reveille::sim::test;

namespace {

using Words = std::set<std::string>;

/// Every match of the pattern's first group.
Words matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern, std::regex::ECMAScript | std::regex::multiline);
  Words words;
  for (std::sregex_iterator match(text.begin(), text.end(), regex), end; match != end; ++match)
    words.insert((*match)[1]);
  return words;
}

/// What bash would offer behind these words of a command line.
Words offered(const TemporaryFolder& folder, const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += " '" + word + "'";
  const std::string previous = words.size() > 1 ? words[words.size() - 2] : "";
  write_file(folder / "ask.bash", "compopt() { printf 'FILES\n'; }\nsource '" + (folder / "reveille.bash").string() +
                                      "'\nCOMP_WORDS=(" + line + ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n" +
                                      "_reveille reveille '" + words.back() + "' '" + previous +
                                      "'\nprintf '%s\n' \"${COMPREPLY[@]}\"\n");
  const auto out = folder / "offered";
  REQUIRE(std::system(("bash -eu '" + (folder / "ask.bash").string() + "' >'" + out.string() + "'").c_str()) == 0);
  return matches(read_file(out), "^(.+)$");
}

struct Written {
  TemporaryFolder folder;
  Written() { REQUIRE(run_program(folder, {"manual", folder.path().string()}).status == 0); }
};

}  // namespace

TEST_CASE("--help, manual page and completion have the same options, and the same commands") {
  const Written written;
  const TemporaryFolder& folder = written.folder;
  const std::string help = run_program(folder, {"--help"}).out;
  const Words commands = matches(help.substr(help.find("Subcommands:")), "^  ([a-z]+) ");
  for (const char* command : {"bench", "controller", "cta", "drive", "kdc", "live", "replay", "run"})
    CHECK(commands.contains(command));
  CHECK(matches(read_file(folder / "reveille.1"), R"(^\\fB([a-z]+)\\fR$)") == commands);
  for (const std::string& command : commands) {
    INFO(command);
    const Words options = matches(run_program(folder, {command, "--help"}).out, "^  (?:-h,)?(--[a-z-]+)");
    CHECK(options.size() >= 3);
    std::string page = read_file(folder / ("reveille-" + command + ".1"));
    for (std::size_t at = 0; (at = page.find("\\-", at)) != std::string::npos;) page.erase(at, 1);
    CHECK(matches(page, R"(^\\fB(?:-h, )?(--[a-z-]+)\\fR)") == options);
    CHECK(offered(folder, {"reveille", command, "--"}) == options);
  }
  Words first = offered(folder, {"reveille", ""});
  for (const char* option : {"-h", "--help", "--version"}) first.erase(option);
  CHECK(first == commands);
  CHECK(matches(help, R"(\b(manual)\b)").empty());
}

TEST_CASE("Completion offers the values that an option takes, and files where it takes any") {
  const Written written;
  CHECK(offered(written.folder, {"reveille", "replay", "--engine", ""}) == Words{"lockstep", "model", "rtl"});
  CHECK(offered(written.folder, {"reveille", "replay", "--engine", "l"}) == Words{"lockstep"});
  CHECK(offered(written.folder, {"reveille", "run", "--kdc", ""}) == Words{"mit", "model"});
  CHECK(offered(written.folder, {"reveille", "replay", "--sessions", ""}) == Words{"FILES"});
  CHECK(offered(written.folder, {"reveille", "replay", "my"}) == Words{"FILES"});
  CHECK(offered(written.folder, {"reveille", "re"}) == Words{"replay"});
  CHECK(offered(written.folder, {"reveille", "kdc", "--log", ""}) == Words{"json", "text"});
  CHECK(offered(written.folder, {"reveille", "kdc", "p"}) == Words{"principal"});
  CHECK(offered(written.folder, {"reveille", "kdc", "--config", "file", "principal", "r"}) == Words{"remove"});
  CHECK(offered(written.folder, {"reveille", "kdc", "principal", "add", "--n"}) == Words{"--new-keys"});
  CHECK(offered(written.folder, {"reveille", "kdc", "principal", "keytab", "--out", ""}) == Words{"FILES"});
  CHECK(offered(written.folder, {"reveille", "replay", "kdc", "--s"}) == Words{"--server", "--sessions"});
}

TEST_CASE("A manual page holds the requests of roff that are meant, and no text is taken for one") {
  const Written written;
  const Words known = {".B", ".I", ".RI", ".SH", ".TH", ".TP"};
  for (const char* page :
       {"reveille.1", "reveille-run.1", "reveille-replay.1", "reveille-live.1", "reveille-drive.1", "reveille-bench.1",
        "reveille-kdc.1", "reveille-kdc-principal.1", "reveille-kdc-principal-add.1"}) {
    INFO(page);
    const std::string text = read_file(written.folder / page);
    CHECK(text.starts_with(".TH reveille"));
    for (const std::string& request : matches(text, "^([.'][^ \n]*)")) {
      INFO(request);
      CHECK(known.contains(request));
    }
  }
}

TEST_CASE("A folder that is not there is named, and nothing is written") {
  TemporaryFolder folder;
  const ProgramResult result = run_program(folder, {"manual", (folder / "none").string()});
  CHECK(result.status == 2);
  CHECK_THAT(result.err, ContainsSubstring("none/reveille.1: cannot be written"));
}
