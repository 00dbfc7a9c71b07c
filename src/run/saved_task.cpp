#include "run/saved_task.h"

#include <cstring>

#include "core/error.h"
#include "core/file.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"
#include "core/version.h"
#include "data/task.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::ordered_json;

template <class Number>
void append(std::string& bytes, const Number& number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace

fs::path saved_task_file(const fs::path& folder) { return folder / "hiddenkey.json"; }

void write_saved_task(const fs::path& folder, const SavedTask& task) {
  const Json json = {{"format", 1},
                     {"hiddenkey_version", kVersion},
                     {"task",
                      {{"name", task.config.name},
                       {"kind", name_of(task.info.kind)},
                       {"labels", task.info.labels},
                       {"pair", task.info.pair},
                       {"text_columns", task.config.text_columns},
                       {"label_column", task.config.label_column}}},
                     {"max_length", task.max_length},
                     {"base", {{"path", task.base}, {"sha256", task.base_checksum}}},
                     {"training", task.training}};
  write_file_atomically(saved_task_file(folder), json.dump(2) + "\n");
}

std::optional<SavedTask> read_saved_task(const fs::path& folder) {
  const fs::path path = saved_task_file(folder);
  if (!path_exists(path)) return std::nullopt;
  try {
    const Json json = read_ordered_json_object(path);
    const Json& task = json.at("task");
    SavedTask saved;
    saved.config.name = task.at("name");
    saved.config.text_columns = task.at("text_columns").get<std::vector<std::string>>();
    saved.config.label_column = task.at("label_column");
    saved.config.labels = task.at("labels").get<std::vector<std::string>>();
    saved.info = task_info(saved.config);
    saved.info.labels = saved.config.labels;
    saved.info.pair = task.at("pair");
    if (!json.at("max_length").is_number_integer()) throw ModelError(cat(path.string(), ": max_length: is no integer"));
    saved.max_length = json.at("max_length");
    saved.base = json.at("base").at("path");
    saved.base_checksum = json.at("base").at("sha256");
    saved.training = json.at("training");
    return saved;
  } catch (const Json::exception&) {
    throw ModelError(cat(path.string(), ": is no description of a task that this version can read"));
  }
}

std::string dataset_checksum(const Dataset& dataset) {
  std::string bytes;
  for (const TokenExample& example : dataset.examples) {
    append(bytes, example.ids.size());
    bytes.append(reinterpret_cast<const char*>(example.ids.data()), example.ids.size() * sizeof(int32_t));
    bytes.append(reinterpret_cast<const char*>(example.type_ids.data()), example.type_ids.size() * sizeof(int32_t));
    append(bytes, example.label.value_or(-1));
    append(bytes, example.prompt_length);
    for (const int32_t label : example.labels.value_or(std::vector<int32_t>())) append(bytes, label);
  }
  return sha256_of_bytes(bytes);
}

}  // namespace hiddenkey
