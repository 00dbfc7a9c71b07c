#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "io/pickle.h"

namespace hiddenkey {

/// What a pickle of tensors is made of.
namespace pickled {

struct Value;
struct Sequence {
  std::vector<Value> items;
};
struct Mapping {
  std::vector<std::pair<Value, Value>> items;
};
/// A function or class, by its full name.
struct Global {
  const std::string* name;
};
struct None {};
/// A whole number too long for int64_t: only the older form's first pickle has one.
struct BigNumber {};

/// All that is larger than a number lies in the reader or in the pickle's bytes: a pickle may recall a value as often
/// as it likes, and nest or contain itself, without taking more memory.
struct Value {
  std::variant<None, bool, int64_t, double, BigNumber, std::string_view, Global, Sequence*, Mapping*,
               const PickledStorage*, const PickledTensor*>
      is;
};

}  // namespace pickled

/// The machine that a pickle is a program of. It knows the instructions for protocols 2 to 4 that plain tensors take.
class Unpickler {
 public:
  /// `bytes` is moved behind what is read; `where` stands in front of errors.
  Unpickler(std::string_view& bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  /// The value is valid as long as the reader is there.
  pickled::Value read();

  [[noreturn]] void fail(const std::string& reason) const;

 private:
  using Value = pickled::Value;
  using Instruction = void (*)(Unpickler&);

  static Instruction find_instruction(unsigned char code);

  std::string_view take(std::size_t count);
  uint64_t number(std::size_t count);
  std::string line();
  void push(Value value) { stack_.push_back(value); }
  Value pop();
  Value& top();
  /// The values above the last mark are taken together.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<Value> pop_marked();
  void push_sequence(std::vector<Value> items);
  void push_last(std::size_t count);
  template <class T>
  T& as(Value& value, const char* what);
  std::vector<int64_t> numbers(Value& value);

  void set_item();
  void set_items(const std::vector<Value>& items);
  void append(std::vector<Value> items);
  void remember(uint64_t place);
  void recall(uint64_t place);
  void push_global(std::string name);
  void push_stacked_global();
  void load_storage();
  void call();
  void set_state();
  void push_long();
  void push_double();

  std::string_view& bytes_;
  const std::string& where_;
  bool done_ = false;
  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<uint64_t, Value> memo_;
  std::deque<std::string> names_;
  std::deque<pickled::Sequence> sequences_;
  std::deque<pickled::Mapping> mappings_;
  std::deque<PickledStorage> storages_;
  std::deque<PickledTensor> tensors_;
};

}  // namespace hiddenkey
