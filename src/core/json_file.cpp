#include "core/json_file.h"

#include <algorithm>
#include <utility>

#include "core/file.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/text.h"

namespace hiddenkey {
namespace {

[[noreturn]] void fail_as(ErrorKind kind, const std::string& message) {
  if (kind == ErrorKind::kModel) throw ModelError(message);
  if (kind == ErrorKind::kData) throw DataError(message);
  if (kind == ErrorKind::kConfig) throw ConfigError(message);
  throw Error(kind, message);
}

std::string place_in(std::string_view bytes, std::size_t offset) {
  const std::string_view before = bytes.substr(0, std::min(offset, bytes.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_end = before.rfind('\n');
  const std::size_t column = line_end == std::string_view::npos ? before.size() + 1 : before.size() - line_end;
  return cat("line ", line, ", column ", column);
}

/// Where the text opens more lists and objects than is allowed.
std::optional<std::size_t> too_deep_at(std::string_view bytes) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMostJsonLevels) return i;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return std::nullopt;
}

/// Makes the value out of the parser's events.
template <class Json>
class JsonBuilder : public nlohmann::json_sax<Json> {
 public:
  JsonBuilder(std::string_view bytes, std::string source, ErrorKind kind)
      : bytes_(bytes), source_(std::move(source)), kind_(kind) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(typename Json::number_integer_t value) override { return add(value); }
  bool number_unsigned(typename Json::number_unsigned_t value) override { return add(value); }
  bool number_float(typename Json::number_float_t value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(typename Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    const std::size_t before = open_.back()->size();
    value_of_key_ = &(*open_.back())[name];
    if (open_.back()->size() == before && !std::exchange(warned_, true))
      log::warning(cat(source_, ": the key \"", name, "\" stands twice in an object; the last one counts"));
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token, const nlohmann::detail::exception& error) override {
    const std::size_t offset = position == 0 ? 0 : position - 1;
    constexpr int kNumberOverflow = 406;
    if (error.id == kNumberOverflow) fail(offset + 1 - token.size(), cat("the number ", token, " is too large"));
    for (const char* word : {"NaN", "Infinity"}) {
      if (bytes_.substr(std::min(offset, bytes_.size())).starts_with(word))
        fail(offset, cat("is no valid JSON: ", word, " is no number there"));
    }
    const bool at_end = offset >= bytes_.size();
    fail(offset, at_end ? "is no valid JSON: it ends too early" : "is no valid JSON from here on");
    return false;
  }

  Json take() { return std::move(root_); }

  [[noreturn]] void fail(std::size_t offset, const std::string& reason) const {
    fail_as(kind_, cat(source_, ": ", place_in(bytes_, offset), ": ", reason));
  }

 private:
  Json* place(Json value) {
    Json* made = &root_;
    if (!open_.empty() && open_.back()->is_array()) {
      open_.back()->push_back(nullptr);
      made = &open_.back()->back();
    } else if (!open_.empty()) {
      made = value_of_key_;
    }
    *made = std::move(value);
    return made;
  }
  bool add(Json value) {
    place(std::move(value));
    return true;
  }
  bool open(Json value) {
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view bytes_;
  std::string source_;
  ErrorKind kind_;
  Json root_;
  std::vector<Json*> open_;
  Json* value_of_key_ = nullptr;
  bool warned_ = false;
};

template <class Json>
Json parse(std::string_view bytes, const std::string& source, ErrorKind kind) {
  JsonBuilder<Json> builder(bytes, source, kind);
  if (const auto place = too_deep_at(bytes))
    builder.fail(*place, cat("is nested deeper than ", kMostJsonLevels, " levels"));
  Json::sax_parse(bytes.begin(), bytes.end(), &builder);
  return builder.take();
}

template <class Json>
Json parse_object(std::string_view bytes, const std::string& source, ErrorKind kind) {
  Json json = parse<Json>(bytes, source, kind);
  if (!json.is_object()) fail_as(kind, cat(source, ": holds a JSON ", json.type_name(), ", expected an object"));
  return json;
}

}  // namespace

nlohmann::json parse_json_text(std::string_view bytes, const std::string& source, ErrorKind kind) {
  return parse<nlohmann::json>(bytes, source, kind);
}

nlohmann::json parse_json_object(std::string_view bytes, const std::string& source, ErrorKind kind) {
  return parse_object<nlohmann::json>(bytes, source, kind);
}

nlohmann::ordered_json parse_ordered_json_object(std::string_view bytes, const std::string& source, ErrorKind kind) {
  return parse_object<nlohmann::ordered_json>(bytes, source, kind);
}

nlohmann::json read_json_object(const fs::path& path, ErrorKind kind) {
  return parse_json_object(read_file(path), path.string(), kind);
}

nlohmann::ordered_json read_ordered_json_object(const fs::path& path, ErrorKind kind) {
  return parse_ordered_json_object(read_file(path), path.string(), kind);
}

std::optional<nlohmann::json> read_json_object_if_there(const fs::path& path, ErrorKind kind) {
  if (!path_exists(path)) return std::nullopt;
  return read_json_object(path, kind);
}

}  // namespace hiddenkey
