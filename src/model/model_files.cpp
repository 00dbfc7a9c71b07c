#include "model/model_files.h"

#include <algorithm>

#include "core/error.h"
#include "core/folder.h"
#include "core/json_file.h"
#include "core/text.h"
#include "model/gguf_model.h"
#include "model/gguf_tokenizer.h"
#include "model/type_ids.h"

namespace hiddenkey {
namespace {

constexpr const char* kConfig = "config.json";
/// The pointers of git-lfs, which a MappedFile refuses, are smaller.
constexpr uint64_t kPointerSize = 1024;

void check_no_pointer(const fs::path& path) { const MappedFile refuses_it(path); }

bool names_gguf(const fs::path& path) {
  std::error_code error;
  return path.extension() == ".gguf" && !fs::is_directory(path, error);
}

void check_folder(const FolderFiles& files) {
  std::error_code error;
  const std::string folder = files.folder().string();
  if (!fs::is_directory(folder, error)) {
    if (fs::exists(folder, error))
      throw ModelError(cat(folder, ": is a file, expected the folder of a model or a .gguf file"));
    throw ModelError(cat(folder, ": there is no such model folder", hub_hint(folder)));
  }
  if (!files.has(kConfig)) throw ModelError(cat(folder, ": has no config.json, so it is no model folder"));
}

/// The files with weights of a folder.
std::vector<fs::path> weight_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".safetensors" || extension == ".bin") files.push_back(entry->path());
  }
  return files;
}

/// The largest number of weights that files can hold: one a bit, but never less than some hundred million. INT64_MAX
/// where there are no such files. ModelError where one is a pointer of git-lfs.
int64_t most_weights_in(const std::vector<fs::path>& files) {
  // A model of this size is read in no time, and smaller files have better things said of them: that they are cut off.
  constexpr uint64_t kBits = 8, kLargest = INT64_MAX / kBits, kAlways = uint64_t{1} << 28;
  uint64_t bytes = 0;
  for (const fs::path& file : files) {
    std::error_code error;
    const uint64_t size = fs::file_size(file, error);
    if (error) continue;
    if (size < kPointerSize) check_no_pointer(file);
    bytes += std::min(size, kLargest - bytes);
  }
  return bytes == 0 ? INT64_MAX : static_cast<int64_t>(std::max(kBits * bytes, kAlways));
}

void divide(std::vector<double>& frequencies, const std::vector<double>& divisors, const fs::path& source) {
  if (divisors.size() != frequencies.size()) {
    throw ModelError(cat(source.string(), ": rope_freqs.weight: has ", divisors.size(), " divisors for ",
                         frequencies.size(), " frequencies"));
  }
  for (std::size_t i = 0; i < frequencies.size(); ++i) frequencies[i] /= divisors[i];
}

}  // namespace

ModelFiles::ModelFiles(fs::path path) : small_(std::move(path)), is_gguf_(names_gguf(small_.folder())) {}

bool ModelFiles::is_there() const { return is_gguf_ ? path_exists(path()) : small_.has(kConfig); }

std::shared_ptr<const GgufModel> ModelFiles::gguf() const {
  const std::scoped_lock lock(opening_);
  if (!gguf_) gguf_ = std::make_shared<const GgufModel>(path());
  return gguf_;
}

const nlohmann::json& ModelFiles::config_json() const {
  if (!is_gguf_) {
    check_folder(small_);
    return small_.object(kConfig);
  }
  if (!gguf_config_) {
    const std::scoped_lock lock(opening_);
    if (!gguf_ && !is_there()) throw ModelError(cat(path().string(), ": there is no such model file"));
    gguf_config_ = gguf()->config();
    gguf_divisors_ = gguf()->frequency_divisors();
  }
  return *gguf_config_;
}

int64_t ModelFiles::most_weights() const {
  if (!most_weights_) most_weights_ = most_weights_in(is_gguf_ ? std::vector{path()} : weight_files(path()));
  return *most_weights_;
}

HubConfig ModelFiles::config(HeadUse head) const {
  const nlohmann::json& json = config_json();
  const fs::path source = is_gguf_ ? path() : small_.path(kConfig);
  HubConfig hub = read_hub_config({json, source.string(), most_weights()}, head);
  Architecture& architecture = hub.architecture;
  if (gguf_divisors_) {
    for (std::vector<double>& frequencies : architecture.rotary) divide(frequencies, *gguf_divisors_, path());
  }
  if (!is_gguf_) architecture.reads_type_ids = gives_type_ids(small_, *architecture.family);
  return hub;
}

Tokenizer ModelFiles::tokenizer() const {
  return is_gguf_ ? Tokenizer::from_gguf(gguf()->vocabulary()) : Tokenizer::load(small_);
}

ModelTexts ModelFiles::texts() const {
  if (is_gguf_) {
    const nlohmann::json& config = config_json();
    if (gguf_divisors_)
      throw ModelError(
          cat(path().string(), ": rope_freqs.weight has no place in a config.json, so it cannot be written"));
    TokenizerFiles files = tokenizer_files_of(gguf()->vocabulary(), path().string());
    return {config,
            {{"tokenizer.json", std::move(files.tokenizer)}, {"tokenizer_config.json", std::move(files.config)}}};
  }
  ModelTexts texts{parse_ordered_json_object(small_.bytes(kConfig), small_.path(kConfig).string()), {}};
  for (const std::string& name : tokenizer_file_names(path())) texts.tokenizer.push_back({name, small_.bytes(name)});
  return texts;
}

void ModelFiles::release() const {
  const std::scoped_lock lock(opening_);
  gguf_.reset();
  weights_.reset();
  small_.release_bytes();
}

std::vector<std::string> tokenizer_file_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const char* name :
       {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "vocab.json", "merges.txt",
        "added_tokens.json", "tokenizer.model", "sentencepiece.bpe.model", "generation_config.json"}) {
    std::error_code error;
    if (fs::is_regular_file(folder / name, error)) names.emplace_back(name);
  }
  return names;
}

}  // namespace hiddenkey
