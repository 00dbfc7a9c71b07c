#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "config/parse.h"
#include "config/tree_builder.h"
#include "config/utf8.h"

namespace hiddenkey {
namespace {

TreeBuilder::Mark mark_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

/// Hands yaml-cpp's events on. Its own node tree is not used: it would write out aliases and recurse into cycles.
class YamlEvents : public YAML::EventHandler {
 public:
  explicit YamlEvents(TreeBuilder& builder) : builder_(builder) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) builder_.stop(mark_of(mark), "holds a second document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    builder_.scalar(Value::Kind::kNull, "", mark_of(mark), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override { builder_.alias(anchor, mark_of(mark)); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    const bool quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    builder_.scalar(quoted ? Value::Kind::kQuoted : Value::Kind::kPlain, value, mark_of(mark), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    builder_.begin(Value::Kind::kList, mark_of(mark), anchor);
  }
  void OnSequenceEnd() override { builder_.end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    builder_.begin(Value::Kind::kMap, mark_of(mark), anchor);
  }
  void OnMapEnd() override { builder_.end(); }

 private:
  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    const bool known = tag.empty() || tag == "?" || tag == "!" || tag.rfind("tag:yaml.org,2002:", 0) == 0;
    if (!known) builder_.stop(mark_of(mark), "the tag " + tag + " has no meaning here");
  }

  TreeBuilder& builder_;
  int documents_ = 0;
};

}  // namespace

std::optional<Value> parse_yaml(std::string_view bytes, const std::string& source, Problems& problems) {
  TreeBuilder builder(source, problems);
  try {
    check_utf8(bytes, builder);
    std::istringstream stream{std::string(bytes)};
    YAML::Parser parser(stream);
    YamlEvents events(builder);
    while (parser.HandleNextDocument(events)) {
    }
    return builder.take();
  } catch (const ParseStop& stop) {
    problems.push_back(stop.problem);
  } catch (const YAML::Exception& error) {
    const Place where{std::make_shared<const std::string>(source), error.mark.line + 1, error.mark.column + 1};
    problems.push_back({where, "", "is no valid YAML: " + error.msg});
  }
  return std::nullopt;
}

}  // namespace hiddenkey
