#include "data/generation.h"
#include "data/sources/source.h"

namespace hiddenkey {
namespace {

/// Prompts and completions in a table of one's own.
class GenerationSource : public Source {
 public:
  explicit GenerationSource(const TaskConfig& config) : config_(config) {}

  std::filesystem::path file(const std::string& split) const override { return named_file(config_, split); }
  std::vector<TextExample> read(const std::string& split, TaskInfo& /*task*/, Notes& /*notes*/) const override {
    return read_generation(config_, file(split));
  }

 private:
  const TaskConfig& config_;
};

}  // namespace

std::unique_ptr<Source> open_generation(const TaskConfig& config) { return std::make_unique<GenerationSource>(config); }

}  // namespace hiddenkey
