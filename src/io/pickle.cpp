#include "io/pickle.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "core/error.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

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

/// The machine that a pickle is a program of.
class Unpickler {
 public:
  Unpickler(std::string_view& bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  /// The value is valid as long as the reader is there.
  Value read() {
    while (!done_) step(static_cast<unsigned char>(take(1).front()));
    if (stack_.size() != 1 || !marks_.empty()) fail("it does not end with one value");
    return pop();
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw ModelError(cat(where_, ": is no valid pickle of tensors: ", reason));
  }

 private:
  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) fail("it is cut off");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  /// A number of `count` bytes, little endian.
  uint64_t number(std::size_t count) {
    uint64_t value = 0;
    const std::string_view taken = take(count);
    for (std::size_t i = 0; i < count; ++i)
      value |= static_cast<uint64_t>(static_cast<unsigned char>(taken[i])) << (8 * i);
    return value;
  }
  std::string line() {
    const std::size_t end = bytes_.find('\n');
    if (end == std::string_view::npos) fail("it is cut off");
    const std::string text(take(end));
    take(1);
    return text;
  }

  void push(Value value) { stack_.push_back(std::move(value)); }
  Value pop() {
    if (stack_.size() <= floor()) fail("it takes more values than there are");
    Value value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }
  Value& top() {
    if (stack_.size() <= floor()) fail("it takes more values than there are");
    return stack_.back();
  }
  /// The values above the last mark are taken together.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<Value> pop_marked() {
    if (marks_.empty()) fail("it takes values up to a mark that is not there");
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Value> items(std::make_move_iterator(begin), std::make_move_iterator(stack_.end()));
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }
  void push_sequence(std::vector<Value> items) { push({&sequences_.emplace_back(Sequence{std::move(items)})}); }
  void push_last(std::size_t count) {
    std::vector<Value> items(count);
    for (std::size_t i = count; i > 0; --i) items[i - 1] = pop();
    push_sequence(std::move(items));
  }

  template <class T>
  T& as(Value& value, const char* what) {
    T* found = std::get_if<T>(&value.is);
    if (found == nullptr) fail(cat("it has something else where ", what, " belongs"));
    return *found;
  }

  void set_items(const std::vector<Value>& items) {
    Mapping* mapping = as<Mapping*>(top(), "a dictionary");
    if (items.size() % 2 != 0) fail("a dictionary has a key without a value");
    for (std::size_t i = 0; i < items.size(); i += 2) mapping->items.emplace_back(items[i], items[i + 1]);
  }
  void append(std::vector<Value> items) {
    Sequence* list = as<Sequence*>(top(), "a list");
    std::move(items.begin(), items.end(), std::back_inserter(list->items));
  }

  void remember(uint64_t place) { memo_[place] = top(); }
  void recall(uint64_t place) {
    const auto found = memo_.find(place);
    if (found == memo_.end()) fail("it recalls a value that it has not made");
    push(found->second);
  }

  void push_global(std::string name) {
    const bool known = storage_type(name) || std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end();
    if (!known)
      throw ModelError(
          cat(where_, ": asks for ", name.substr(0, 100),
              ", which plain tensors have no need of; nothing of it was run. Save the weights as safetensors"));
    push({Global{&names_.emplace_back(std::move(name))}});
  }

  /// ('storage', its type, key, device, count[, view]); the device does not matter.
  void load_storage() {
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

  std::vector<int64_t> numbers(Value& value) {
    std::vector<Value>& items = as<Sequence*>(value, "a shape")->items;
    if (items.size() > kMostDimensions) fail(cat("a tensor has more than ", kMostDimensions, " dimensions"));
    std::vector<int64_t> list;
    for (Value& item : items) list.push_back(as<int64_t>(item, "a size"));
    return list;
  }

  void call() {
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
  void set_state() {
    pop();
    as<Mapping*>(top(), "a dictionary");
  }

  void push_long() {
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
  void push_double() {
    uint64_t bits = 0;
    for (const char byte : take(8)) bits = bits << 8 | static_cast<unsigned char>(byte);
    push({std::bit_cast<double>(bits)});
  }

  // The instructions are those that Python's pickletools lists for protocols 2 to 4.
  void step(unsigned char code) {
    switch (code) {
      case 0x80:
        take(1);
        break;  // PROTO
      case 0x95:
        take(8);
        break;  // FRAME
      case '.':
        done_ = true;
        break;  // STOP
      case '(':
        marks_.push_back(stack_.size());
        break;  // MARK
      case '0':
        pop();
        break;  // POP
      case 'N':
        push({None{}});
        break;  // NONE
      case 0x88:
        push({true});
        break;  // NEWTRUE
      case 0x89:
        push({false});
        break;  // NEWFALSE
      case 'J':
        push({int64_t{static_cast<int32_t>(number(4))}});
        break;  // BININT
      case 'K':
        push({static_cast<int64_t>(number(1))});
        break;  // BININT1
      case 'M':
        push({static_cast<int64_t>(number(2))});
        break;  // BININT2
      case 0x8a:
        push_long();
        break;  // LONG1
      case 'G':
        push_double();
        break;   // BINFLOAT
      case 'X':  // BINUNICODE
      case 'T':  // BINSTRING
      case 'B':
        push({take(number(4))});
        break;    // BINBYTES
      case 0x8c:  // SHORT_BINUNICODE
      case 'U':   // SHORT_BINSTRING
      case 'C':
        push({take(number(1))});
        break;  // SHORT_BINBYTES
      default:
        step_container(code);
    }
  }
  void step_container(unsigned char code) {
    switch (code) {
      case ']':  // EMPTY_LIST
      case ')':
        push_sequence({});
        break;  // EMPTY_TUPLE
      case 't':
        push_sequence(pop_marked());
        break;  // TUPLE
      case 0x85:
        push_last(1);
        break;  // TUPLE1
      case 0x86:
        push_last(2);
        break;  // TUPLE2
      case 0x87:
        push_last(3);
        break;  // TUPLE3
      case '}':
        push({&mappings_.emplace_back()});
        break;     // EMPTY_DICT
      case 's': {  // SETITEM
        Value value = pop(), key = pop();
        set_items({std::move(key), std::move(value)});
        break;
      }
      case 'u':
        set_items(pop_marked());
        break;  // SETITEMS
      case 'a':
        append({pop()});
        break;  // APPEND
      case 'e':
        append(pop_marked());
        break;  // APPENDS
      default:
        step_object(code);
    }
  }
  void step_object(unsigned char code) {
    switch (code) {
      case 'q':
        remember(number(1));
        break;  // BINPUT
      case 'r':
        remember(number(4));
        break;  // LONG_BINPUT
      case 0x94:
        remember(memo_.size());
        break;  // MEMOIZE
      case 'h':
        recall(number(1));
        break;  // BINGET
      case 'j':
        recall(number(4));
        break;     // LONG_BINGET
      case 'c': {  // GLOBAL
        const std::string module = line();
        push_global(cat(module, ".", line()));
        break;
      }
      case 0x93: {  // STACK_GLOBAL
        Value name = pop(), module = pop();
        push_global(cat(as<std::string_view>(module, "a module's name"), ".", as<std::string_view>(name, "a name")));
        break;
      }
      case 'Q':
        load_storage();
        break;  // BINPERSID
      case 'R':
        call();
        break;  // REDUCE
      case 'b':
        set_state();
        break;  // BUILD
      default:
        fail(cat("it has the instruction ", static_cast<int>(code), ", which tensors have no need of"));
    }
  }

  std::string_view& bytes_;
  const std::string& where_;
  bool done_ = false;
  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<uint64_t, Value> memo_;
  std::deque<std::string> names_;
  std::deque<Sequence> sequences_;
  std::deque<Mapping> mappings_;
  std::deque<PickledStorage> storages_;
  std::deque<PickledTensor> tensors_;
};

}  // namespace

std::map<std::string, PickledTensor> read_state_dict(std::string_view& bytes, const std::string& where) {
  Unpickler reader(bytes, where);
  const Value value = reader.read();
  const auto* mapping = std::get_if<Mapping*>(&value.is);
  if (mapping == nullptr) reader.fail("it holds no dictionary of tensors");
  std::map<std::string, PickledTensor> tensors;
  for (const auto& [key, item] : (*mapping)->items) {
    const auto* name = std::get_if<std::string_view>(&key.is);
    if (name == nullptr) reader.fail("a key of the dictionary is no text");
    const auto* tensor = std::get_if<const PickledTensor*>(&item.is);
    if (tensor == nullptr)
      throw ModelError(
          cat(where, ": \"", name->substr(0, 200), "\" is no tensor; a dictionary of tensors is expected"));
    tensors[std::string(*name)] = **tensor;
  }
  return tensors;
}

std::vector<std::string> read_text_list(std::string_view& bytes, const std::string& where) {
  Unpickler reader(bytes, where);
  const Value value = reader.read();
  const auto* list = std::get_if<Sequence*>(&value.is);
  if (list == nullptr) reader.fail("it holds no list of texts");
  std::vector<std::string> texts;
  for (const Value& item : (*list)->items) {
    const auto* text = std::get_if<std::string_view>(&item.is);
    if (text == nullptr) reader.fail("it holds no list of texts");
    texts.emplace_back(*text);
  }
  return texts;
}

void skip_pickle(std::string_view& bytes, const std::string& where) { Unpickler(bytes, where).read(); }

}  // namespace hiddenkey
