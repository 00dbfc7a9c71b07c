#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/file.h"

namespace hiddenkey {

/// The weights of a pretrained model under Hugging Face's names, wherever they lie. Only known names may be asked for.
class WeightSource {
 public:
  WeightSource() = default;
  virtual ~WeightSource() = default;
  WeightSource(const WeightSource&) = delete;
  WeightSource& operator=(const WeightSource&) = delete;

  /// The folder or file, for messages.
  virtual const fs::path& path() const = 0;
  /// The files that hold the weights, by their names.
  virtual std::vector<const MappedFile*> files() const = 0;
  virtual std::vector<std::string> names() const = 0;
  virtual const std::vector<int64_t>& shape(const std::string& name) const = 0;
  /// How the numbers are stored: Float, BFloat16, Q4_K.
  virtual std::string type(const std::string& name) const = 0;
  /// A copy of its own, on the CPU.
  virtual at::Tensor read(const std::string& name) const = 0;
};

}  // namespace hiddenkey
