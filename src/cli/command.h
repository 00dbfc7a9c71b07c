#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cli/tensor_commands.h"

namespace hiddenkey {

/// What every command takes.
struct CommonOptions {
  std::string log_level = "info";
  bool quiet = false;
  bool json = false;
  std::vector<std::string> passed_on;  ///< what stands behind "--", of a command that has another program run
};

/// A parsed command: runs it and gives the exit code.
using Action = std::function<int()>;

// Each adds its subcommand to the program, and sets `action` when it is the one on the command line.
void add_train_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands);
void add_eval_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands);
void add_predict_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands);
void add_score_command(CLI::App& program, CommonOptions& common, Action& action);
void add_generate_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands);
void add_merge_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands);
void add_inspect_command(CLI::App& program, CommonOptions& common, Action& action, const TensorCommands& commands);
void add_validate_command(CLI::App& program, CommonOptions& common, Action& action);
void add_schema_command(CLI::App& program, CommonOptions& common, Action& action);
void add_sweep_command(CLI::App& program, CommonOptions& common, Action& action);
void add_report_command(CLI::App& program, CommonOptions& common, Action& action);
void add_recipes_command(CLI::App& program, CommonOptions& common, Action& action);
void add_completion_command(CLI::App& program, CommonOptions& common, Action& action);
void add_man_command(CLI::App& program, CommonOptions& common, Action& action);

/// A subcommand with --log-level and --quiet, and a runnable example below its options.
CLI::App* add_command(CLI::App& program, CommonOptions& common, const std::string& name, const std::string& purpose,
                      const std::string& example);
/// --json, for commands that print a result.
void add_json_flag(CLI::App& command, CommonOptions& common);

/// Results go to stdout. IoError where it cannot take them (a full disk; a reader that has gone is no error).
void print(const std::string& text);

}  // namespace hiddenkey
