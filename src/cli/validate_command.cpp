#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "settings/check_files.h"
#include "settings/run_config.h"
#include "sweep/sweep_file.h"

namespace hiddenkey {
namespace {

struct Options {
  std::string config;
  std::vector<std::string> overrides;
};

bool is_warning(const Problem& problem) { return problem.severity == Severity::kWarning; }

int validate(const Options& options, const CommonOptions& common) {
  Problems problems;
  validate_run_config(options.config, options.overrides, problems);
  const std::size_t errors = count_errors(problems);
  if (common.json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Problem& problem : problems) {
      list.push_back({{"file", problem.where.source ? *problem.where.source : ""},
                      {"line", problem.where.line},
                      {"column", problem.where.column},
                      {"key", problem.key},
                      {"problem", problem.text},
                      {"severity", is_warning(problem) ? "warning" : "error"}});
    }
    print(list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } else {
    for (const Problem& problem : problems) (is_warning(problem) ? log::warning : log::error)(to_line(problem));
    if (errors == 0) print(cat(options.config, ": ok\n"));
  }
  return errors == 0 ? 0 : static_cast<int>(ErrorKind::kConfig);
}

}  // namespace

void add_validate_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(program, common, "validate", "Every problem of a config at once; no weights are read",
                                  "hiddenkey validate configs/glue/rte.yaml");
  command->add_option("CONFIG", options->config, "YAML or JSON file")->required();
  command->add_option("key=value", options->overrides, "Overrides, such as dropout.hidden.rate=0.2");
  add_json_flag(*command, common);
  command->callback(
      [options, &common, &action] { action = [options, &common] { return validate(*options, common); }; });
}

void add_schema_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto of_sweep = std::make_shared<bool>(false);
  CLI::App* command = add_command(program, common, "schema", "The config's JSON Schema, for editors",
                                  "hiddenkey schema > hiddenkey.schema.json");
  command->add_flag("--sweep", *of_sweep, "That of a sweep file");
  command->callback([of_sweep, &action] {
    action = [of_sweep] {
      print((*of_sweep ? sweep_schema() : run_config_schema()) + "\n");
      return 0;
    };
  });
}

}  // namespace hiddenkey
