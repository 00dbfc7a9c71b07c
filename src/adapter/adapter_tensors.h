#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapter/adapter_file.h"

namespace hiddenkey {

/// The tensors of an adapter's file while they find their places: each is taken once, and what is wrong with them is
/// told together at the end.
class AdapterTensors {
 public:
  /// `type` is float32, or float64 where the base is.
  AdapterTensors(const AdapterFile& file, at::ScalarType type);

  /// The names that nothing has taken yet.
  const std::set<std::string>& rest() const { return rest_; }
  bool contains(const std::string& name) const { return file_.tensors.contains(name); }

  /// A copy in the wanted type; nothing, and a line for the report, where the file lacks it or has another shape. Sizes
  /// are compared before anything is allocated. ModelError where it holds no real numbers.
  std::optional<at::Tensor> take(const std::string& name, const std::vector<int64_t>& shape);
  /// Of a name that changes nothing.
  void pass_over(const std::string& name) { rest_.erase(name); }
  void miss(const std::string& name) { missing_.push_back(name); }

  /// ModelError where a tensor is missing, has another shape, or was taken by nothing.
  void report() const;
  [[noreturn]] void fail(const std::string& reason) const;

 private:
  const AdapterFile& file_;
  at::ScalarType type_;
  std::set<std::string> rest_;
  std::vector<std::string> missing_, misshapen_;
};

/// The most that a message names.
constexpr std::size_t kNamedTensors = 6;

}  // namespace hiddenkey
