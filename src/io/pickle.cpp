#include "io/pickle.h"

#include <variant>

#include "core/error.h"
#include "core/text.h"
#include "io/unpickler.h"

namespace hiddenkey {

std::map<std::string, PickledTensor> read_state_dict(std::string_view& bytes, const std::string& where) {
  Unpickler reader(bytes, where);
  const pickled::Value value = reader.read();
  const auto* mapping = std::get_if<pickled::Mapping*>(&value.is);
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
  const pickled::Value value = reader.read();
  const auto* list = std::get_if<pickled::Sequence*>(&value.is);
  if (list == nullptr) reader.fail("it holds no list of texts");
  std::vector<std::string> texts;
  for (const pickled::Value& item : (*list)->items) {
    const auto* text = std::get_if<std::string_view>(&item.is);
    if (text == nullptr) reader.fail("it holds no list of texts");
    texts.emplace_back(*text);
  }
  return texts;
}

void skip_pickle(std::string_view& bytes, const std::string& where) { Unpickler(bytes, where).read(); }

}  // namespace hiddenkey
