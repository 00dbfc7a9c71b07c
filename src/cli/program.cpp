#include "cli/program.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <system_error>

#include "cli/command.h"
#include "cli/path_options.h"
#include "cli/usage.h"
#include "core/error.h"
#include "core/log.h"
#include "core/standard_files.h"
#include "core/text.h"
#include "core/version.h"

namespace hiddenkey {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

int fail(ErrorKind kind, const std::string& message) {
  log::error(message);
  return static_cast<int>(kind);
}

int run_action(const Action& action) {
  try {
    return action();
  } catch (const StoppedError& stopped) {
    log::notice(stopped.what());  // what was asked for is no error
    return stopped.exit_code();
  } catch (const Error& error) {
    return fail(error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::kOutOfMemory, "out of memory");
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ErrorKind::kIo, cat(error.path1().string(), ": ", error.code().message()));
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::resource_unavailable_try_again)
      return fail(ErrorKind::kOutOfMemory, "the machine gives no more threads; `ulimit -u` shows the limit");
    return fail(ErrorKind::kIo, error.code().message());
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::kModel, cat("a JSON file does not hold what belongs there: ", first_line(error.what())));
  } catch (const std::exception& error) {
    return fail(ErrorKind::kBug, cat("this is a bug of hiddenkey: ", first_line(error.what())));
  }
}

/// What stands behind "--" of `hiddenkey sweep` is another program's. Gives the number of arguments that are this
/// one's.
int own_arguments(int argc, char** argv, CommonOptions& common) {
  if (argc < 2 || std::string_view(argv[1]) != "sweep") return argc;
  char** end = std::find_if(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--"; });
  if (end == argv + argc) return argc;
  common.passed_on.assign(end + 1, argv + argc);
  return static_cast<int>(end - argv);
}

void add_commands(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands) {
  add_train_command(program, common, action, commands);
  add_eval_command(program, common, action, commands);
  add_predict_command(program, common, action, commands);
  add_score_command(program, common, action);
  add_generate_command(program, common, action, commands);
  add_merge_command(program, common, action, commands);
  add_inspect_command(program, common, action, commands);
  add_validate_command(program, common, action);
  add_schema_command(program, common, action);
  add_sweep_command(program, common, action);
  add_report_command(program, common, action);
  add_recipes_command(program, common, action);
  add_completion_command(program, common, action);
  add_man_command(program, common, action);
}

}  // namespace

CLI::App* add_command(CLI::App& program, CommonOptions& common, const std::string& name, const std::string& purpose,
                      const std::string& example) {
  CLI::App* command = program.add_subcommand(name, purpose);
  command->footer("Example:\n  " + example);
  command->add_option("--log-level", common.log_level, "What is shown besides the result")
      ->type_name("{debug,info,warning,error,off}")
      ->capture_default_str()
      ->group("Output");
  command->add_flag("-q,--quiet", common.quiet, "No progress and no log lines below warnings")->group("Output");
  return command;
}

void add_json_flag(CLI::App& command, CommonOptions& common) {
  command.add_flag("--json", common.json, "Print the result as JSON")->group("Output");
}

void print(const std::string& text) {
  errno = 0;
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  const bool flushed = std::fflush(stdout) == 0;
  if ((!whole || !flushed) && errno != EPIPE)
    throw IoError(cat("the output cannot be written to stdout: ", std::strerror(errno)));
}

int run_program(int argc, char** argv, const TensorCommands& commands) {
  open_standard_files();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows too large is then an error of its write
  CLI::App program("Finetunes transformers with LoRA and the dropout schemes of HiddenKey.", "hiddenkey");
  program.set_version_flag("--version", cat("hiddenkey ", kVersion, " (", kCommit, "), LibTorch ", kLibTorchVersion));
  program.require_subcommand(1);
  program.footer("`hiddenkey COMMAND --help` tells more of a command.");
  CommonOptions common;
  Action action;
  add_commands(program, common, action, commands);
  keep_lists_from_overrides(program);
  expand_home_in_paths(program);
  try {
    program.parse(own_arguments(argc, argv, common), argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0)
      return fail(ErrorKind::kConfig, usage_message(program, error, {argv + 1, argv + argc}));
    std::ostringstream help;
    program.exit(error, help, help);
    return run_action([&] {
      print(help.str());
      return 0;
    });
  }
  return run_action([&] {
    log::set_level(common.quiet ? log::Level::kWarning : log::level_from_name(common.log_level));
    return action();
  });
}

}  // namespace hiddenkey
