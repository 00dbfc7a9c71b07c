#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "core/error.h"
#include "core/program_folder.h"
#include "core/text.h"
#include "settings/run_config.h"

namespace hiddenkey {
namespace {

/// Where the recipes are: beside the installed program, or in the source that a build folder belongs to.
fs::path recipes_folder() {
  const fs::path of_source = program_folder().parent_path().parent_path() / "configs";
  fs::path folder = shared_folder("configs").value_or(of_source);
  std::error_code error;
  if (!fs::is_directory(folder, error)) throw IoError(cat(folder.string(), ": the recipes are not there"));
  return folder;
}

/// glue/rte and so on, in order.
std::vector<std::string> recipe_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    names.push_back(entry.path().lexically_relative(folder).replace_extension().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The file's lines, without the one that tells an editor where the schema is.
std::vector<std::string> lines_of(const fs::path& folder, const std::string& name) {
  std::vector<std::string> lines = split(read_file(folder / (name + ".yaml")), '\n');
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("# yaml-language-server"); });
  return lines;
}

std::string list(const fs::path& folder) {
  const std::vector<std::string> names = recipe_names(folder);
  std::size_t width = 0;
  for (const std::string& name : names) width = std::max(width, name.size());
  std::string text;
  for (const std::string& name : names) {
    const std::string first = lines_of(folder, name).front();
    text += cat(name, std::string(width + 2 - name.size(), ' '), first.substr(first.find_first_not_of("# ")), "\n");
  }
  return text;
}

/// A sweep's base is beside it, and is named as a whole where the sweep may lie anywhere.
std::string sweep_recipe(const fs::path& folder, const std::string& name) {
  constexpr std::string_view kBase = "base: ";
  std::vector<std::string> lines = lines_of(folder, name);
  for (std::string& line : lines) {
    if (line.starts_with(kBase))
      line = cat(kBase, (folder / "sweeps" / line.substr(kBase.size())).lexically_normal().string());
  }
  return join(lines, "\n");
}

std::string recipe(const fs::path& folder, const std::string& name) {
  const std::vector<std::string> names = recipe_names(folder);
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw ConfigError(
        cat("there is no recipe \"", name, "\"", did_you_mean(name, names), "; `hiddenkey recipes` lists them"));
  if (fs::path(name).parent_path() == "sweeps") return sweep_recipe(folder, name);
  write_schema_file();
  return schema_modeline() + join(lines_of(folder, name), "\n");
}

}  // namespace

void add_recipes_command(CLI::App& program, CommonOptions& common, Action& action) {
  const auto name = std::make_shared<std::string>();
  CLI::App* command = add_command(program, common, "recipes", "The configs that come with the program, or one of them",
                                  "hiddenkey recipes glue/rte > rte.yaml");
  command->add_option("NAME", *name, "Which one to print; otherwise they are listed");
  command->callback([name, &action] {
    action = [name] {
      const fs::path folder = recipes_folder();
      print(name->empty() ? list(folder) : recipe(folder, *name));
      return 0;
    };
  });
}

}  // namespace hiddenkey
