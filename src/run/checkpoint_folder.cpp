#include "run/checkpoint_folder.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTrained = "trained.safetensors";
constexpr const char* kOptimizer = "optimizer.safetensors";
constexpr const char* kState = "state.json";
constexpr const char* kTask = "hiddenkey.json";
constexpr const char* kManifest = "MANIFEST";
constexpr const char* kBest = "BEST";

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
          {"interval_tokens", state.interval_tokens},
          {"interval_label_tokens", state.interval_label_tokens},
          {"interval_seconds", state.interval_seconds},
          {"micro_batch_size", state.micro_batch_size},
          {"identity", state.identity}};
}

/// A JSON library would cast any number.
int64_t whole(const Json& json, const char* name) {
  const Json& value = json.at(name);
  if (!value.is_number_integer()) throw ModelError(cat(kState, ": ", name, ": expected an integer"));
  return value.get<int64_t>();
}

/// Of a field that checkpoints of the first version lack: 0 there.
int64_t whole_if_there(const Json& json, const char* name) { return json.contains(name) ? whole(json, name) : 0; }

RunState from_json(const Json& json) {
  RunState state;
  state.step = whole(json, "step");
  state.logged_step = whole(json, "logged_step");
  state.evaluated_step = whole(json, "evaluated_step");
  state.measured_step = whole_if_there(json, "measured_step");
  state.metrics_size = whole(json, "metrics_size");
  if (!json.at("best_metric").is_null()) state.best_metric = json.at("best_metric").get<double>();
  state.best_step = whole(json, "best_step");
  state.evaluations_without_best = whole(json, "evaluations_without_best");
  state.tokens = whole(json, "tokens");
  state.seconds = json.at("seconds");
  state.interval_tokens = whole_if_there(json, "interval_tokens");
  state.interval_label_tokens = whole_if_there(json, "interval_label_tokens");
  state.interval_seconds = json.value("interval_seconds", 0.0);
  state.micro_batch_size = whole_if_there(json, "micro_batch_size");
  state.identity = json.value("identity", RunIdentity());
  return state;
}

std::string folder_name(int64_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "step-%06lld", static_cast<long long>(step));
  return name;
}

/// The step of a checkpoint of ours, finished but maybe damaged; -1 for everything else.
int64_t step_of(const fs::path& folder) {
  long long step = -1;
  std::error_code error;
  const std::string name = folder.filename().string();
  const bool named = std::sscanf(name.c_str(), "step-%lld", &step) == 1 && step >= 0 && folder_name(step) == name;
  const bool ours = named && fs::symlink_status(folder, error).type() == fs::file_type::directory &&
                    fs::is_regular_file(fs::symlink_status(folder / kManifest, error));
  return ours ? step : -1;
}

struct FinishedCheckpoint {
  int64_t step;
  fs::path path;
};

/// Newest first; leftovers of an interrupted save have other names.
std::vector<FinishedCheckpoint> finished(const fs::path& folder) {
  std::vector<FinishedCheckpoint> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (const int64_t step = step_of(entry.path()); step >= 0) found.push_back({step, entry.path()});
  }
  std::sort(found.begin(), found.end(),
            [](const FinishedCheckpoint& a, const FinishedCheckpoint& b) { return a.step > b.step; });
  return found;
}

/// One line a file: its checksum and its name, as sha256sum prints and checks it.
std::string manifest(const fs::path& folder) {
  std::string text;
  for (const char* name : {kTrained, kOptimizer, kState, kTask}) {
    const bool optional = name == kTask;  // checkpoints of earlier versions lack it
    if (!optional || path_exists(folder / name)) text += sha256_of_file(folder / name) + "  " + name + "\n";
  }
  return text;
}

void check_manifest(const fs::path& path) {
  if (read_file(path / kManifest) != manifest(path))
    throw ModelError(cat(path.string(), ": the files do not fit the checksums of MANIFEST"));
}

FoundCheckpoint read_checkpoint(const fs::path& path) {
  check_manifest(path);
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

std::optional<FoundCheckpoint> find_checkpoint(const fs::path& folder) {
  for (const FinishedCheckpoint& entry : finished(folder)) {
    try {
      return read_checkpoint(entry.path);
    } catch (const std::exception& failure) {
      log::warning(cat(entry.path.string(), ": is damaged and passed over (", failure.what(), ")"));
    }
  }
  return std::nullopt;
}

std::vector<std::string> checkpoint_files(const fs::path& folder) {
  if (step_of(folder) < 0) return {};
  return {kTrained, kOptimizer, kState, kTask, kBest, kManifest};
}

void CheckpointFolder::write(const RunState& state, const CheckpointTensors& tensors, const SavedTask& task) {
  make_writable_folder(folder_);
  const fs::path place = folder_ / folder_name(state.step);
  write_folder_atomically(place, [&](const fs::path& unfinished) {
    write_safetensors(unfinished / kTrained, tensors.trained);
    write_safetensors(unfinished / kOptimizer, tensors.optimizer);
    write_file_atomically(unfinished / kState, to_json(state).dump(2) + "\n");
    write_saved_task(unfinished, task);
    write_file_atomically(unfinished / kManifest, manifest(unfinished));
  });
  whole_[place] = true;
  remove_old(state);
}

bool CheckpointFolder::is_whole(const fs::path& checkpoint) {
  const auto known = whole_.find(checkpoint);
  if (known != whole_.end()) return known->second;
  bool whole = true;
  try {
    check_manifest(checkpoint);
  } catch (const Error&) {
    whole = false;
  }
  return whole_[checkpoint] = whole;
}

void CheckpointFolder::remove_old(const RunState& state) {
  int64_t kept = 0;
  for (const FinishedCheckpoint& entry : finished(folder_)) {
    if (entry.step > state.step || !is_whole(entry.path)) continue;
    if (++kept <= keep_ || entry.step == state.best_step) continue;
    std::error_code error;
    // Without MANIFEST it is no checkpoint any more, should this be cut short.
    fs::remove(entry.path / kManifest, error);
    for (const char* name : {kTrained, kOptimizer, kState, kTask, kBest}) fs::remove(entry.path / name, error);
    fs::remove(entry.path, error);  // stays where somebody has put a file into it
    whole_.erase(entry.path);
  }
}

void CheckpointFolder::mark_best(int64_t step, const std::string& text) const {
  for (const FinishedCheckpoint& entry : finished(folder_)) {
    std::error_code error;
    if (entry.step == step) {
      write_file_atomically(entry.path / kBest, text);
    } else {
      fs::remove(entry.path / kBest, error);
    }
  }
}

}  // namespace hiddenkey
