#pragma once

#include <cstdint>
#include <filesystem>

namespace hiddenkey {

/// Whether the path names a GGUF file rather than a Hugging Face folder.
bool is_gguf(const std::filesystem::path& path);

/// Whether a pretrained model is there: a folder with config.json, or a GGUF file.
bool holds_model(const std::filesystem::path& path);

/// The largest number of weights that the files of a folder, or a GGUF file, can hold: one a bit, but never less than
/// some hundred million. INT64_MAX where there are no such files. ModelError where one is a pointer of git-lfs.
int64_t most_weights(const std::filesystem::path& path);

}  // namespace hiddenkey
