// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>

#include "bench/bench.hpp"
#include "drive.hpp"
#include "interrupt.hpp"
#include "live.hpp"
#include "manual.hpp"
#include "output_file.hpp"
#include "programs/programs.hpp"
#include "replay.hpp"
#include "run.hpp"
#include "usage.hpp"
#include "version.hpp"

namespace {

/// A closed standard stream would give its number to the next file opened, and our text to that file. What takes its
/// place can be read, and not written.
void hold_standard_streams() {
  while (true) {
    const int descriptor = open("/dev/null", O_RDONLY);
    if (descriptor > STDERR_FILENO) {
      close(descriptor);
      return;
    }
    if (descriptor < 0) return;
  }
}

/// On one line of its own, and with nothing in it that a terminal would obey: a name from outside may hold anything.
void complain(std::string_view text) {
  std::cerr << "reveille: ";
  for (const char character : text) {
    if (static_cast<unsigned char>(character) >= 0x20 && character != 0x7F) {
      std::cerr << character;
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(character)));
      std::cerr << escape;
    }
  }
  std::cerr << '\n';
}

/// As `run, replay or bench`: those that --help shows.
std::string commands(const CLI::App& app) {
  const auto shown = app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
  std::string listed;
  for (const CLI::App* command : shown) {
    listed += (listed.empty() ? "" : command == shown.back() ? " or " : ", ") + command->get_name();
  }
  return listed;
}

/// A word where a command should stand is none: CLI11 would only say that it did not expect it.
void require_command(const CLI::App& app, int argc, char** argv) {
  const std::string word = argc < 2 ? "-" : argv[1];
  for (const CLI::App* command : app.get_subcommands({}))
    if (word == command->get_name()) return;
  if (word.starts_with('-')) return;
  throw CLI::RuntimeError(word + ": no such command: " + commands(app) + " expected", reveille::sim::exit_bad_input);
}

/// The status, unless what was to be read on standard output has not got there.
int with_standard_output(int status) {
  using namespace reveille::sim;
  try {
    require_standard_output();
    return status;
  } catch (const reveille::Error& error) {
    complain(error.what());
    return status == exit_success ? exit_bad_input : status;
  }
}

}  // namespace

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): only out of memory gets past the handlers
  using namespace reveille;
  hold_standard_streams();
  // A reader that has gone away is a stream that cannot be written, and so is a file that may not become longer.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("Server-initiated Kerberos key management, judged by a circuit", "reveille");
  app.set_version_flag("--version", "reveille " + std::string(sim::version()) + ", revision " +
                                        std::string(sim::revision()) + ", configuration " +
                                        std::string(sim::configuration()));
  app.require_subcommand(0, 1);  // none is found below: CLI11 would say so of a misspelt one, too
  sim::Action action;
  sim::add_run_command(app, action);
  sim::add_replay_command(app, action);
  sim::add_live_command(app, action);
  sim::add_drive_command(app, action);
  sim::add_bench_command(app, action);
  sim::add_kdc_command(app, action);
  sim::add_cta_command(app, action);
  sim::add_controller_command(app, action);
  sim::add_manual_command(app, action);
  try {
    require_command(app, argc, argv);
    app.parse(argc, argv);
    if (!action) throw CLI::RequiredError("A command (" + commands(app) + ")");
    sim::catch_interrupts();
    return with_standard_output(action());
  } catch (const CLI::ParseError& error) {
    // --help comes this way too, and is no error.
    if (error.get_exit_code() == 0) return with_standard_output(app.exit(error));
    complain(sim::usage_error(app, error));
    return sim::exit_bad_input;
  } catch (const Error& error) {
    complain(error.what());
    return error.kind() == ErrorKind::bad_input ? sim::exit_bad_input : sim::exit_internal;
  } catch (const std::exception& error) {
    complain(error.what());
    return sim::exit_internal;
  }
}
