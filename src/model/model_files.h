#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/folder_files.h"
#include "model/hub_config.h"
#include "text/tokenizer.h"

namespace hiddenkey {

class GgufModel;
class WeightSource;

/// What stands beside the weights of a pretrained model, as it is written beside those of a model made of it.
struct ModelTexts {
  struct File {
    std::string name, text;
  };
  nlohmann::ordered_json config;  ///< config.json
  std::vector<File> tokenizer;    ///< and how to generate with the model
};

/// The files of a pretrained model: those of a Hugging Face folder, or a GGUF file. Each is opened when something of it
/// is first asked for, and once: what was read is kept until it is released. Weights and their checksum may be asked
/// for from another thread.
class ModelFiles {
 public:
  /// Nothing is opened yet.
  explicit ModelFiles(std::filesystem::path path);

  const std::filesystem::path& path() const { return small_.folder(); }
  /// Whether a model is there: a folder with config.json, or a GGUF file.
  bool is_there() const;

  /// What config.json, or the metadata of a GGUF file, says of a model that is used as `head` says. ModelError where
  /// there is no model, and as those of read_hub_config.
  HubConfig config(HeadUse head = HeadUse::kClassify) const;
  /// ModelError as text/tokenizer.h has it.
  Tokenizer tokenizer() const;
  /// The files of the folder beside the weights. A GGUF file has none.
  const FolderFiles& small() const { return small_; }
  /// ModelError where a GGUF file holds what such files cannot say.
  ModelTexts texts() const;

  /// ModelError as their readers have it.
  std::shared_ptr<const WeightSource> weights() const;
  /// SHA-256 over the checksums of the files that hold the weights. StoppedError as throw_if_stopped has it.
  std::string checksum() const;

  /// Outputs of the task head that the files hold; 0 where they hold none.
  int64_t head_outputs(const Architecture& architecture) const;

  /// Ends the hold on weights and on the bytes of other files, once a network and a tokenizer are made of them. Files
  /// that are asked for later are opened again; what the config says is known, and so are checksums.
  void release() const;

 private:
  const nlohmann::json& config_json() const;
  int64_t most_weights() const;
  std::shared_ptr<const GgufModel> gguf() const;

  FolderFiles small_;
  bool is_gguf_;
  mutable std::optional<nlohmann::json> gguf_config_;
  mutable std::optional<std::vector<double>> gguf_divisors_;
  mutable std::optional<int64_t> most_weights_;
  mutable std::recursive_mutex opening_;
  mutable std::shared_ptr<const GgufModel> gguf_;
  mutable std::shared_ptr<const WeightSource> weights_;
};

/// The names of the files in a model's folder that make its tokenizer, and say how to generate with it.
std::vector<std::string> tokenizer_file_names(const std::filesystem::path& folder);

}  // namespace hiddenkey
