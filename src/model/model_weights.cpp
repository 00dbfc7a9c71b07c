// What ModelFiles says of weights, which takes tensors.

#include <algorithm>

#include "core/stop_signal.h"
#include "io/checkpoint_reader.h"
#include "model/gguf_weights.h"
#include "model/model_files.h"
#include "model/weight_names.h"

namespace hiddenkey {

std::shared_ptr<const WeightSource> ModelFiles::weights() const {
  const std::scoped_lock lock(opening_);
  if (!weights_ && is_gguf_) weights_ = std::make_shared<const GgufWeights>(gguf());
  if (!weights_) weights_ = std::make_shared<const CheckpointReader>(path());
  return weights_;
}

int64_t ModelFiles::head_outputs(const WeightNames& names) const {
  const WeightNames::Module* output = names.output_module();
  if (output == nullptr) return 0;
  const std::shared_ptr<const WeightSource> source = weights();
  const std::vector<std::string> held = source->names();
  const std::string name = output->theirs + ".weight";
  return std::find(held.begin(), held.end(), name) != held.end() ? source->shape(name)[0] : 0;
}

std::string ModelFiles::checksum() const {
  const std::shared_ptr<const WeightSource> source = weights();
  std::string sums;
  for (const MappedFile* file : source->files()) {
    throw_if_stopped();
    sums += sha256_of_bytes({reinterpret_cast<const char*>(file->data()), file->size()});
  }
  return sha256_of_bytes(sums);
}

}  // namespace hiddenkey
