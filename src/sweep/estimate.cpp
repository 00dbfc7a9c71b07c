#include "sweep/estimate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/log.h"
#include "core/stop_signal.h"
#include "core/text.h"
#include "data/task.h"
#include "sweep/driver.h"
#include "sweep/process.h"

namespace hiddenkey {
namespace {

/// A folder that goes with the object.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "hiddenkey-estimate-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw IoError(cat(name, ": the folder cannot be made"));
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// A rate that is above 0 costs what any other does.
void level_rates(OrderedJson& json) {
  for (auto& [key, value] : json.items()) {
    if (value.is_object()) level_rates(value);
    if (key == "rate" && value.is_number()) value = value != 0;
  }
}

/// Equal for configs whose runs do the same amount of work.
std::string work_of(const RunConfig& config) {
  OrderedJson json = comparable_json(config);
  level_rates(json);
  json["dropout"].erase("scheme");
  for (const char* key : {"learning_rate", "weight_decay", "betas", "epsilon", "max_grad_norm", "warmup_ratio",
                          "warmup_steps", "schedule", "label_smoothing"})
    json["training"].erase(key);
  if (json.contains("lora")) {
    json["lora"].erase("alpha");
    json["lora"].erase("use_rslora");
  }
  if (json.contains("consistency")) json["consistency"].erase("weight");
  return json.dump();
}

std::vector<CostKind> kinds_of(const SweepPlan& plan) {
  std::vector<CostKind> kinds;
  std::map<std::string, std::size_t> places;
  for (const PlannedTrial& trial : plan.trials) {
    const auto [place, is_new] = places.emplace(work_of(trial.config), kinds.size());
    if (is_new) kinds.push_back({&trial, 0, 0, 0, {}});
    ++kinds[place->second].trials;
  }
  return kinds;
}

/// Nothing where a signal asked for a stop.
std::optional<ProcessEnd> wait_to_end(pid_t process) {
  for (;;) {
    if (const std::optional<ProcessEnd> end = poll_process(process)) return stop_requested() ? std::nullopt : end;
    if (stop_requested()) ::kill(process, SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool ask(const Share& share, CostKind& kind) {
  const ScratchFolder scratch;
  write_file_atomically(scratch / "config.yaml", to_yaml(kind.example->config));
  Command command;
  command.program = fs::read_symlink("/proc/self/exe");
  command.arguments = {"train", (scratch / "config.yaml").string(), "--dry-run", "--json", "--quiet"};
  command.environment = environment_of(share, kind.example->config);
  command.messages = scratch / "messages.txt";
  command.output = scratch / "plan.json";
  const std::optional<ProcessEnd> end = wait_to_end(start_process(command));
  if (!end) return false;
  if (end->exit_code != 0) {
    kind.error = reason_of(*end, command.messages);
    return true;
  }
  const OrderedJson plan = read_ordered_json_object(command.output);
  kind.seconds = plan.at("time").at("total_seconds");
  kind.memory_bytes = plan.at("memory").at("total");
  return true;
}

}  // namespace

std::optional<std::vector<CostKind>> estimate_costs(const SweepPlan& plan, const Share& share) {
  std::vector<CostKind> kinds = kinds_of(plan);
  log::info(cat("trying a few steps of ", kinds.size(), kinds.size() == 1 ? " kind" : " kinds", " of trial ..."));
  for (CostKind& kind : kinds) {
    if (!ask(share, kind)) return std::nullopt;
  }
  return kinds;
}

std::string describe_costs(const SweepPlan& plan, const std::vector<CostKind>& kinds) {
  double seconds = 0, longest = 0;
  int64_t memory = 0;
  for (const CostKind& kind : kinds) {
    if (!kind.error.empty()) return cat("time and memory are not known: ", kind.example->name, ": ", kind.error);
    seconds += kind.seconds * static_cast<double>(kind.trials);
    longest = std::max(longest, kind.seconds);
    memory = std::max(memory, kind.memory_bytes);
  }
  const auto workers = std::min(static_cast<double>(plan.workers), static_cast<double>(plan.trials.size()));
  const double by_clock = std::max(longest, seconds / workers);
  std::string text =
      cat("time: about ", format_duration(by_clock), workers > 1 ? cat(" with ", workers, " workers") : "",
          " as this machine is now; memory: at most ", format_bytes(static_cast<double>(memory)),
          workers > 1 ? cat(" each, ", format_bytes(static_cast<double>(memory) * workers), " together") : "");
  if (!plan.halving.rungs.empty()) text += "; halving saves a part of the time";
  if (is_generation(plan.trials.front().config.task.name)) text += "; the making of text is not in it";
  return text;
}

}  // namespace hiddenkey
