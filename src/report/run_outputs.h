#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace hiddenkey {

/// What a run predicted for each split, of its predictions-SPLIT.tsv: of a classification how often each label was
/// taken for each, and of tagged words each tag ("labels", "counts" as [label, prediction, number]), of a regression
/// some pairs of a label and its prediction ("pairs"). Damaged lines are counted ("damaged"). An empty list where there
/// are no such files, and where an example has several labels, of which none is taken for another.
nlohmann::ordered_json predictions_json(const std::filesystem::path& run);

/// Some of the texts that a run made, of its generations-dev.jsonl: "id", "prompt", "text", "references"; empty where
/// there are none.
nlohmann::ordered_json generations_json(const std::filesystem::path& run);

}  // namespace hiddenkey
