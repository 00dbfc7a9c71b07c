#pragma once

#include "task/task.h"

namespace hiddenkey {

/// A kind of task whose head reads one row of each text, or pair of texts.
class TextTask : public Task {
 public:
  using Task::Task;

  Dataset tokenize(const std::vector<TextExample>& examples, const Tokenizer& tokenizer, int64_t max_length,
                   const std::string& split) const override;

  /// The head reads what its family's pooling says; add_labels does the rest.
  void add_targets(const PackedBatch& packed, const Architecture& architecture, DeviceBatch& batch) const override;

 protected:
  /// Adds to a batch on its device what the loss compares the rows with, where the split has labels.
  virtual void add_labels(const PackedBatch& packed, DeviceBatch& batch) const = 0;
};

}  // namespace hiddenkey
