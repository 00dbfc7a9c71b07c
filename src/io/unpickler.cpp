#include "io/unpickler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <optional>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {

using namespace pickled;

namespace {

constexpr std::size_t kMostDimensions = 64;

struct StorageType {
  const char* name;
  at::ScalarType type;
};
constexpr std::array<StorageType, 10> kStorageTypes = {{{"torch.FloatStorage", at::kFloat},
                                                        {"torch.DoubleStorage", at::kDouble},
                                                        {"torch.HalfStorage", at::kHalf},
                                                        {"torch.BFloat16Storage", at::kBFloat16},
                                                        {"torch.LongStorage", at::kLong},
                                                        {"torch.IntStorage", at::kInt},
                                                        {"torch.ShortStorage", at::kShort},
                                                        {"torch.CharStorage", at::kChar},
                                                        {"torch.ByteStorage", at::kByte},
                                                        {"torch.BoolStorage", at::kBool}}};

constexpr std::array<const char*, 4> kFunctions = {"collections.OrderedDict", "torch._utils._rebuild_tensor_v2",
                                                   "torch._utils._rebuild_tensor", "torch._utils._rebuild_parameter"};

std::optional<at::ScalarType> storage_type(const std::string& name) {
  for (const StorageType& known : kStorageTypes) {
    if (name == known.name) return known.type;
  }
  return std::nullopt;
}

}  // namespace

/// The value is valid as long as the reader is there.
pickled::Value Unpickler::read() {
  while (!done_) {
    const auto code = static_cast<unsigned char>(take(1).front());
    const Instruction instruction = find_instruction(code);
    if (instruction == nullptr)
      fail(cat("it has the instruction ", static_cast<int>(code), ", which tensors have no need of"));
    instruction(*this);
  }
  if (stack_.size() != 1 || !marks_.empty()) fail("it does not end with one value");
  return pop();
}

void Unpickler::fail(const std::string& reason) const {
  throw ModelError(cat(where_, ": is no valid pickle of tensors: ", reason));
}

std::string_view Unpickler::take(std::size_t count) {
  if (count > bytes_.size()) fail("it is cut off");
  const std::string_view taken = bytes_.substr(0, count);
  bytes_.remove_prefix(count);
  return taken;
}

/// A number of `count` bytes, little endian.
uint64_t Unpickler::number(std::size_t count) {
  uint64_t value = 0;
  const std::string_view taken = take(count);
  for (std::size_t i = 0; i < count; ++i)
    value |= static_cast<uint64_t>(static_cast<unsigned char>(taken[i])) << (8 * i);
  return value;
}

std::string Unpickler::line() {
  const std::size_t end = bytes_.find('\n');
  if (end == std::string_view::npos) fail("it is cut off");
  std::string text(take(end));
  take(1);
  return text;
}

pickled::Value Unpickler::pop() {
  if (stack_.size() <= floor()) fail("it takes more values than there are");
  const Value value = stack_.back();
  stack_.pop_back();
  return value;
}

pickled::Value& Unpickler::top() {
  if (stack_.size() <= floor()) fail("it takes more values than there are");
  return stack_.back();
}

std::vector<pickled::Value> Unpickler::pop_marked() {
  if (marks_.empty()) fail("it takes values up to a mark that is not there");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Value> items(std::make_move_iterator(begin), std::make_move_iterator(stack_.end()));
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void Unpickler::push_sequence(std::vector<Value> items) {
  push({&sequences_.emplace_back(Sequence{std::move(items)})});
}
void Unpickler::push_last(std::size_t count) {
  std::vector<Value> items(count);
  for (std::size_t i = count; i > 0; --i) items[i - 1] = pop();
  push_sequence(std::move(items));
}

template <class T>
T& Unpickler::as(Value& value, const char* what) {
  T* found = std::get_if<T>(&value.is);
  if (found == nullptr) fail(cat("it has something else where ", what, " belongs"));
  return *found;
}

void Unpickler::set_items(const std::vector<Value>& items) {
  Mapping* mapping = as<Mapping*>(top(), "a dictionary");
  if (items.size() % 2 != 0) fail("a dictionary has a key without a value");
  for (std::size_t i = 0; i < items.size(); i += 2) mapping->items.emplace_back(items[i], items[i + 1]);
}

void Unpickler::append(std::vector<Value> items) {
  Sequence* list = as<Sequence*>(top(), "a list");
  std::move(items.begin(), items.end(), std::back_inserter(list->items));
}

void Unpickler::remember(uint64_t place) { memo_[place] = top(); }
void Unpickler::recall(uint64_t place) {
  const auto found = memo_.find(place);
  if (found == memo_.end()) fail("it recalls a value that it has not made");
  push(found->second);
}

void Unpickler::push_global(std::string name) {
  const bool known = storage_type(name) || std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
  if (!known)
    throw ModelError(
        cat(where_, ": asks for ", name.substr(0, 100),
            ", which plain tensors have no need of; nothing of it was run. Save the weights as safetensors"));
  push({Global{&names_.emplace_back(std::move(name))}});
}

/// ('storage', its type, key, device, count[, view]); the device does not matter.
void Unpickler::load_storage() {
  Value id = pop();
  std::vector<Value>& parts = as<Sequence*>(id, "the description of a storage")->items;
  if (parts.size() < 5) fail("the description of a storage is too short");
  if (as<std::string_view>(parts[0], "\"storage\"") != "storage")
    fail("it has something else where \"storage\" belongs");
  if (parts.size() > 5 && !std::holds_alternative<None>(parts[5].is)) fail("a storage is a part of another one");
  const std::optional<at::ScalarType> type = storage_type(*as<Global>(parts[1], "a storage's type").name);
  if (!type) fail("a storage has no type");
  const int64_t count = as<int64_t>(parts[4], "a storage's length");
  if (count < 0) fail("a storage has a negative length");
  const std::string key(as<std::string_view>(parts[2], "a storage's key"));
  push({&storages_.emplace_back(PickledStorage{key, *type, count})});
}

std::vector<int64_t> Unpickler::numbers(Value& value) {
  std::vector<Value>& items = as<Sequence*>(value, "a shape")->items;
  if (items.size() > kMostDimensions) fail(cat("a tensor has more than ", kMostDimensions, " dimensions"));
  std::vector<int64_t> list;
  for (Value& item : items) list.push_back(as<int64_t>(item, "a size"));
  return list;
}

void Unpickler::call() {
  Value arguments = pop(), function = pop();
  const std::string& name = *as<Global>(function, "a function").name;
  std::vector<Value>& given = as<Sequence*>(arguments, "a function's arguments")->items;
  if (name == "collections.OrderedDict") {
    if (!given.empty()) fail("an OrderedDict is made of arguments");
    push({&mappings_.emplace_back()});
  } else if (name == "torch._utils._rebuild_parameter") {
    if (given.empty()) fail("a parameter has no tensor");
    push({as<const PickledTensor*>(given[0], "a parameter's tensor")});
  } else if (storage_type(name)) {
    fail("a storage is called as a function");
  } else {
    if (given.size() < 4) fail("a tensor has too few parts");
    PickledTensor tensor{*as<const PickledStorage*>(given[0], "a tensor's storage"),
                         as<int64_t>(given[1], "a tensor's offset"), numbers(given[2]), numbers(given[3])};
    push({&tensors_.emplace_back(std::move(tensor))});
  }
}

/// Attributes of a dictionary, such as a state dict's _metadata, change none of its tensors.
void Unpickler::set_state() {
  pop();
  as<Mapping*>(top(), "a dictionary");
}

void Unpickler::push_long() {
  const std::size_t size = number(1);
  if (size > 8) {
    take(size);
    push({BigNumber{}});
    return;
  }
  const uint64_t value = number(size);
  const unsigned shift = static_cast<unsigned>(64 - 8 * size);
  push({size == 0 ? int64_t{0} : static_cast<int64_t>(value << shift) >> shift});
}

void Unpickler::push_double() {
  uint64_t bits = 0;
  for (const char byte : take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
  push({std::bit_cast<double>(bits)});
}

void Unpickler::set_item() {
  const Value value = pop(), key = pop();
  set_items({key, value});
}

void Unpickler::push_stacked_global() {
  Value name = pop(), module = pop();
  push_global(cat(as<std::string_view>(module, "a module's name"), ".", as<std::string_view>(name, "a name")));
}

/// As Python's pickletools lists them.
Unpickler::Instruction Unpickler::find_instruction(unsigned char code) {
  using U = Unpickler;
  static const std::unordered_map<unsigned char, Instruction> kInstructions = {
      {0x80, [](U& u) { u.take(1); }},                                            // PROTO
      {0x95, [](U& u) { u.take(8); }},                                            // FRAME
      {'.', [](U& u) { u.done_ = true; }},                                        // STOP
      {'(', [](U& u) { u.marks_.push_back(u.stack_.size()); }},                   // MARK
      {'0', [](U& u) { u.pop(); }},                                               // POP
      {'N', [](U& u) { u.push({None{}}); }},                                      // NONE
      {0x88, [](U& u) { u.push({true}); }},                                       // NEWTRUE
      {0x89, [](U& u) { u.push({false}); }},                                      // NEWFALSE
      {'J', [](U& u) { u.push({int64_t{static_cast<int32_t>(u.number(4))}}); }},  // BININT
      {'K', [](U& u) { u.push({static_cast<int64_t>(u.number(1))}); }},           // BININT1
      {'M', [](U& u) { u.push({static_cast<int64_t>(u.number(2))}); }},           // BININT2
      {0x8a, [](U& u) { u.push_long(); }},                                        // LONG1
      {'G', [](U& u) { u.push_double(); }},                                       // BINFLOAT
      {'X', [](U& u) { u.push({u.take(u.number(4))}); }},                         // BINUNICODE
      {'T', [](U& u) { u.push({u.take(u.number(4))}); }},                         // BINSTRING
      {'B', [](U& u) { u.push({u.take(u.number(4))}); }},                         // BINBYTES
      {0x8c, [](U& u) { u.push({u.take(u.number(1))}); }},                        // SHORT_BINUNICODE
      {'U', [](U& u) { u.push({u.take(u.number(1))}); }},                         // SHORT_BINSTRING
      {'C', [](U& u) { u.push({u.take(u.number(1))}); }},                         // SHORT_BINBYTES
      {']', [](U& u) { u.push_sequence({}); }},                                   // EMPTY_LIST
      {')', [](U& u) { u.push_sequence({}); }},                                   // EMPTY_TUPLE
      {'t', [](U& u) { u.push_sequence(u.pop_marked()); }},                       // TUPLE
      {0x85, [](U& u) { u.push_last(1); }},                                       // TUPLE1
      {0x86, [](U& u) { u.push_last(2); }},                                       // TUPLE2
      {0x87, [](U& u) { u.push_last(3); }},                                       // TUPLE3
      {'}', [](U& u) { u.push({&u.mappings_.emplace_back()}); }},                 // EMPTY_DICT
      {'s', [](U& u) { u.set_item(); }},                                          // SETITEM
      {'u', [](U& u) { u.set_items(u.pop_marked()); }},                           // SETITEMS
      {'a', [](U& u) { u.append({u.pop()}); }},                                   // APPEND
      {'e', [](U& u) { u.append(u.pop_marked()); }},                              // APPENDS
      {'q', [](U& u) { u.remember(u.number(1)); }},                               // BINPUT
      {'r', [](U& u) { u.remember(u.number(4)); }},                               // LONG_BINPUT
      {0x94, [](U& u) { u.remember(u.memo_.size()); }},                           // MEMOIZE
      {'h', [](U& u) { u.recall(u.number(1)); }},                                 // BINGET
      {'j', [](U& u) { u.recall(u.number(4)); }},                                 // LONG_BINGET
      {'c',
       [](U& u) {
         const std::string module = u.line();
         u.push_global(cat(module, ".", u.line()));
       }},                                            // GLOBAL
      {0x93, [](U& u) { u.push_stacked_global(); }},  // STACK_GLOBAL
      {'Q', [](U& u) { u.load_storage(); }},          // BINPERSID
      {'R', [](U& u) { u.call(); }},                  // REDUCE
      {'b', [](U& u) { u.set_state(); }},             // BUILD
  };
  const auto found = kInstructions.find(code);
  return found == kInstructions.end() ? nullptr : found->second;
}

}  // namespace hiddenkey
