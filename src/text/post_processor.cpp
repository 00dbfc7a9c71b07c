#include "core/error.h"
#include "core/text.h"
#include "text/tokenizer_json_parts.h"

namespace hiddenkey {
namespace {

using Json = nlohmann::json;
using Kind = TemplatePart::Kind;

int32_t known_id(const Json& id, const std::string& source, const TokenizerSpec& spec) {
  if (!id.is_number_integer() || spec.token_of(id.get<int32_t>()) == nullptr)
    throw ModelError(cat(source, ": post_processor: the id ", id.dump(), " is not in the vocabulary"));
  return id.get<int32_t>();
}

Template template_of(const Json& parts, const Json& specials, const std::string& source, const TokenizerSpec& spec) {
  Template result;
  for (const Json& part : parts) {
    TemplatePart made;
    if (part.contains("Sequence")) {
      const Json& sequence = part["Sequence"];
      made.kind = sequence.at("id") == "B" ? Kind::kSecond : Kind::kFirst;
      made.type_id = sequence.value("type_id", 0);
      result.push_back(made);
      continue;
    }
    const Json& token = part.at("SpecialToken");
    made.kind = Kind::kToken;
    made.type_id = token.value("type_id", 0);
    for (const Json& id : specials.at(token.at("id").get<std::string>()).at("ids")) {
      made.id = known_id(id, source, spec);
      result.push_back(made);
    }
  }
  return result;
}

}  // namespace

Template encoder_single(int32_t cls, int32_t sep) {
  return {{Kind::kToken, cls, 0}, {Kind::kFirst, 0, 0}, {Kind::kToken, sep, 0}};
}

Template encoder_pair(int32_t cls, int32_t sep, bool roberta) {
  const int32_t second = roberta ? 0 : 1;
  Template pair = encoder_single(cls, sep);
  if (roberta) pair.push_back({Kind::kToken, sep, 0});
  pair.push_back({Kind::kSecond, 0, second});
  pair.push_back({Kind::kToken, sep, second});
  return pair;
}

void read_post_processor(const Json& post, const std::string& source, TokenizerSpec& spec) {
  const std::string type = part_type(post);
  if (type.empty() || type == "ByteLevel") {
    if (!spec.single.empty()) return;
    spec.single = framed_single({}, {});
    spec.pair = framed_pair({}, {});
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    const int32_t cls = known_id(post.at("cls").at(1), source, spec),
                  sep = known_id(post.at("sep").at(1), source, spec);
    spec.single = encoder_single(cls, sep);
    spec.pair = encoder_pair(cls, sep, type == "RobertaProcessing");
  } else if (type == "TemplateProcessing") {
    spec.single = template_of(post.at("single"), post.at("special_tokens"), source, spec);
    spec.pair = template_of(post.at("pair"), post.at("special_tokens"), source, spec);
  } else if (type == "Sequence") {
    for (const Json& processor : post.at("processors")) read_post_processor(processor, source, spec);
  } else {
    throw ModelError(cat(source, ": post_processor.type: \"", type, "\" is not supported"));
  }
}

}  // namespace hiddenkey
