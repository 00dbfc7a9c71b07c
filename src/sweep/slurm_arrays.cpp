#include "sweep/slurm_arrays.h"

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

std::optional<SlurmArray> array_of(const std::string& line) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  try {
    return SlurmArray{json.at("job"), json.value("cluster", ""), json.at("time"), json.at("trials")};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::string to_line(const SlurmArray& array) {
  Json json = {{"job", array.job}, {"time", array.time}, {"trials", array.trials}};
  if (!array.cluster.empty()) json["cluster"] = array.cluster;
  return json.dump() + "\n";
}

}  // namespace

fs::path SlurmFolder::output(const SlurmArray& array, std::size_t task) const {
  return path_ / cat(array.job, '_', task, ".txt");
}

std::vector<SlurmArray> read_slurm_arrays(const SlurmFolder& folder) {
  std::vector<SlurmArray> arrays;
  if (!path_exists(folder.arrays())) return arrays;
  std::size_t damaged = 0;
  for (const std::string& line : split(read_file(folder.arrays()), '\n')) {
    if (line.empty()) continue;
    if (std::optional<SlurmArray> array = array_of(line)) {
      arrays.push_back(std::move(*array));
    } else {
      ++damaged;
    }
  }
  if (damaged > 0)
    log::warning(
        cat(folder.arrays().string(), ": ", damaged, damaged > 1 ? " lines are" : " line is", " damaged and skipped"));
  return arrays;
}

void add_slurm_array(const SlurmFolder& folder, const SlurmArray& array) {
  try {
    const std::string before = path_exists(folder.arrays()) ? read_file(folder.arrays()) : "";
    const bool ends_inside_a_line = !before.empty() && before.back() != '\n';
    write_file_atomically(folder.arrays(), cat(before, ends_inside_a_line ? "\n" : "", to_line(array)));
  } catch (const IoError& error) {
    throw IoError(cat(error.what(), "; Slurm has taken the trials as job ", array.job, ", which `scancel ", array.job,
                      "` takes back"));
  }
}

}  // namespace hiddenkey
