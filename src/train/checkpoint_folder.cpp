#include "train/checkpoint_folder.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/log.h"
#include "core/text.h"
#include "train/run_folder.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTrained = "trained.safetensors";
constexpr const char* kOptimizer = "optimizer.safetensors";
constexpr const char* kState = "state.json";

Json to_json(const RunState& state) {
  return {{"step", state.step},
          {"logged_step", state.logged_step},
          {"evaluated_step", state.evaluated_step},
          {"measured_step", state.measured_step},
          {"metrics_size", state.metrics_size},
          {"best_metric", state.best_metric ? Json(*state.best_metric) : Json(nullptr)},
          {"best_step", state.best_step},
          {"evaluations_without_best", state.evaluations_without_best},
          {"tokens", state.tokens},
          {"seconds", state.seconds},
          {"data_checksum", state.data_checksum}};
}

RunState from_json(const Json& json) {
  RunState state;
  state.step = json.at("step");
  state.logged_step = json.at("logged_step");
  state.evaluated_step = json.at("evaluated_step");
  state.measured_step = json.value("measured_step", int64_t{0});
  state.metrics_size = json.at("metrics_size");
  if (!json.at("best_metric").is_null()) state.best_metric = json.at("best_metric").get<double>();
  state.best_step = json.at("best_step");
  state.evaluations_without_best = json.at("evaluations_without_best");
  state.tokens = json.at("tokens");
  state.seconds = json.at("seconds");
  state.data_checksum = json.at("data_checksum");
  return state;
}

std::string folder_name(int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "step-%06lld", static_cast<long long>(step));
  return name;
}

/// The finished checkpoints, newest first; leftovers of an interrupted save have other names.
std::vector<fs::path> finished(const fs::path& folder) {
  std::vector<std::pair<long long, fs::path>> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    long long step = 0;
    char rest = 0;
    const std::string name = entry.path().filename().string();
    if (std::sscanf(name.c_str(), "step-%lld%c", &step, &rest) == 1) found.emplace_back(step, entry.path());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<fs::path> paths;
  for (const auto& [step, path] : found) paths.push_back(path);
  return paths;
}

/// One line a file: its checksum and its name, as sha256sum prints and checks it.
std::string manifest(const fs::path& folder) {
  std::string text;
  for (const char* name : {kTrained, kOptimizer, kState}) text += sha256_of_file(folder / name) + "  " + name + "\n";
  return text;
}

FoundCheckpoint read_checkpoint(const fs::path& path) {
  if (read_file(path / "MANIFEST") != manifest(path))
    throw ModelError(cat(path.string(), ": the files do not fit the checksums of MANIFEST"));
  FoundCheckpoint found;
  found.path = path;
  const Json json = Json::parse(read_file(path / kState), nullptr, false);
  if (!json.is_object()) throw ModelError(cat((path / kState).string(), ": is no valid JSON"));
  found.state = from_json(json);
  for (const auto& [name, target] : {std::pair{kTrained, &found.trained}, {kOptimizer, &found.optimizer}}) {
    const SafeTensors file(path / name);
    for (const auto& [tensor, entry] : file.entries()) target->emplace(tensor, file.read(tensor));
  }
  return found;
}

}  // namespace

void write_checkpoint(const fs::path& folder, const RunState& state, const CheckpointTensors& tensors, int64_t keep) {
  make_writable_folder(folder);
  const fs::path unfinished = folder / cat(".", folder_name(state.step), ".tmp");
  std::error_code error;
  fs::remove_all(unfinished, error);
  try {
    make_writable_folder(unfinished);
    write_safetensors(unfinished / kTrained, tensors.trained);
    write_safetensors(unfinished / kOptimizer, tensors.optimizer);
    write_file_atomically(unfinished / kState, to_json(state).dump(2) + "\n");
    write_file_atomically(unfinished / "MANIFEST", manifest(unfinished));
    replace_folder(unfinished, folder / folder_name(state.step));
  } catch (...) {
    fs::remove_all(unfinished, error);
    throw;
  }
  const std::vector<fs::path> all = finished(folder);
  for (std::size_t i = static_cast<std::size_t>(keep); i < all.size(); ++i) fs::remove_all(all[i], error);
}

std::optional<FoundCheckpoint> find_checkpoint(const fs::path& folder) {
  for (const fs::path& path : finished(folder)) {
    try {
      return read_checkpoint(path);
    } catch (const std::exception& failure) {
      log::warning(cat(path.string(), ": is damaged and passed over (", failure.what(), ")"));
    }
  }
  return std::nullopt;
}

}  // namespace hiddenkey
