#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "model/gguf_weights.h"

// SmolLM2 against Transformers' own conversion of the same file (scripts/make_gguf_goldens.py), weight by weight.

namespace hiddenkey {
namespace {

TEST(Smollm2, WeightsAreThoseOfTransformers) {
  const fs::path file = cache_folder() / "models" / "smollm2.gguf";
  const fs::path sums = fs::path(std::getenv("HIDDENKEY_GOLDENS")) / "smollm2.json";
  if (!fs::exists(file) || !fs::exists(sums)) GTEST_SKIP() << "scripts/setup.sh --references fetches SmolLM2";
  const auto expected = nlohmann::json::parse(read_file(sums)).get<std::map<std::string, std::string>>();
  const GgufWeights model(std::make_shared<GgufModel>(file));
  ASSERT_EQ(model.names().size(), expected.size());
  for (const std::string& name : model.names()) {
    const at::Tensor tensor = model.read(name);
    ASSERT_TRUE(expected.contains(name)) << name;
    EXPECT_EQ(sha256_of_bytes({static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()}), expected.at(name))
        << name;
  }
}

}  // namespace
}  // namespace hiddenkey
