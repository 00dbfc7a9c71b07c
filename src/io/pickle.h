#pragma once

#include <ATen/core/ScalarType.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hiddenkey {

/// The numbers that tensors of a torch.save file share.
struct PickledStorage {
  std::string key;
  at::ScalarType type = at::kFloat;
  int64_t numel = 0;
};

/// A view of a storage; offset and strides count numbers.
struct PickledTensor {
  PickledStorage storage;
  int64_t offset = 0;
  std::vector<int64_t> sizes, strides;
};

// A pickle is a program, and Python runs whatever functions it names. These readers know the instructions that lists,
// dictionaries, texts and numbers take, and the handful of functions that tensors are made with; they call nothing.
// They take memory in proportion to the pickle's bytes. Each throws ModelError, with `where` in front, for a pickle
// that is cut off or damaged, and for one that names anything else.

/// A dictionary of tensors by name, as state_dict() gives it. `bytes` begins at the pickle and is moved behind it.
std::map<std::string, PickledTensor> read_state_dict(std::string_view& bytes, const std::string& where);

/// A list of texts, such as the keys of the storages in a file of the older form.
std::vector<std::string> read_text_list(std::string_view& bytes, const std::string& where);

/// A pickle that is not needed: it is checked like the others and passed over.
void skip_pickle(std::string_view& bytes, const std::string& where);

}  // namespace hiddenkey
