#include "model/network.h"

#include "core/error.h"
#include "core/text.h"
#include "nn/checkpoint.h"

namespace hiddenkey {
namespace {

using Weights = std::unordered_map<std::string, at::Tensor>;

const at::Tensor& weight(const Weights& weights, const std::string& name) {
  const auto found = weights.find(name);
  if (found == weights.end()) throw Error(ErrorKind::kBug, cat("the model is built without its weight ", name));
  return found->second;
}

at::Tensor optional_weight(const Weights& weights, const std::string& name) {
  const auto found = weights.find(name);
  return found == weights.end() ? at::Tensor() : found->second;
}

/// Layers that share their input, as one matrix.
Linear make_linear(const Weights& weights, const std::vector<std::string>& names) {
  Linear linear;
  std::vector<at::Tensor> matrices, biases;
  for (const std::string& name : names) {
    matrices.push_back(weight(weights, name + ".weight"));
    linear.widths.push_back(matrices.back().size(0));
    if (const at::Tensor bias = optional_weight(weights, name + ".bias"); bias.defined()) biases.push_back(bias);
  }
  linear.weight_OI = names.size() == 1 ? matrices.front() : at::cat(matrices);
  if (!biases.empty()) linear.bias_O = names.size() == 1 ? biases.front() : at::cat(biases);
  return linear;
}

LayerNorm make_norm(const Weights& weights, const std::string& name, double epsilon) {
  return {weight(weights, name + ".weight"), weight(weights, name + ".bias"), epsilon};
}

const std::vector<std::string> kProjections = {"query", "key", "value"};

std::string layer_name(std::size_t layer, const std::string& rest) { return cat("layers.", layer, ".", rest); }

/// The linear layers of a block with the names of what stands in each.
template <class BlockType, class Visit>
void visit_linears(BlockType& block, std::size_t layer, const Visit& visit) {
  std::vector<std::string> projections;
  for (const std::string& name : kProjections) projections.push_back(layer_name(layer, "attention." + name));
  visit(block.qkv, layer_name(layer, "attention.qkv"), projections);
  visit(block.output, layer_name(layer, "attention.output"), std::vector{layer_name(layer, "attention.output")});
  visit(block.up, layer_name(layer, "mlp.up"), std::vector{layer_name(layer, "mlp.up")});
  visit(block.down, layer_name(layer, "mlp.down"), std::vector{layer_name(layer, "mlp.down")});
}

at::Tensor drop_site(const at::Tensor& x, const DropoutScope& scope, const std::optional<Site>& site, Position position,
                     Rows rows) {
  return site ? drop_units(x, scope, *site, static_cast<uint32_t>(position), 0, rows) : x;
}

std::optional<Site> pretrained_site(const DropoutScope& scope) {
  if (scope.plan == nullptr || scope.plan->pretrained <= 0) return std::nullopt;
  return Site{scope.plan->pretrained, Pattern::kElement};
}

at::Tensor doubled(const at::Tensor& x) { return x.defined() ? at::cat({x, x}) : x; }

}  // namespace

at::Tensor Head::forward(const at::Tensor& first_BD, const DropoutScope& scope) const {
  const std::optional<Site> output = scope.plan == nullptr ? std::nullopt : scope.plan->output;
  const std::optional<Site> pretrained = pretrained_site(scope);
  at::Tensor x = first_BD.to(at::kFloat);
  if (first_BD.scalar_type() == at::kDouble) x = first_BD;
  if (kind == Kind::kDense) {
    x = drop_site(x, scope, output, Position::kOutput, Rows::kFirst);
    x = drop_site(x, scope, pretrained, Position::kPretrainedHead, Rows::kFirst);
  }
  x = at::tanh(dense.forward(x, scope, 0, Rows::kFirst));
  if (kind == Kind::kPooled) x = drop_site(x, scope, output, Position::kOutput, Rows::kFirst);
  x = drop_site(x, scope, pretrained,
                kind == Kind::kPooled ? Position::kPretrainedHead : Position::kPretrainedHeadOutput, Rows::kFirst);
  return classifier.forward(x, scope, 0, Rows::kFirst);
}

Prefix Prefix::twice() const {
  Prefix result = *this;
  result.x_ND = doubled(x_ND);
  if (projected)
    result.projected = Projected{doubled(projected->x_ND), doubled(projected->q_MD), doubled(projected->qkv_NW)};
  return result;
}

Network::Network(const Architecture& architecture, const Weights& weights) : architecture_(architecture) {
  const double epsilon = architecture.norm_epsilon;
  token_VD_ = weight(weights, "embeddings.token.weight");
  position_PD_ = weight(weights, "embeddings.position.weight");
  type_YD_ = optional_weight(weights, "embeddings.type.weight");
  embedding_norm_ = make_norm(weights, "embeddings.norm", epsilon);
  for (std::size_t i = 0; i < static_cast<std::size_t>(architecture.num_layers); ++i) {
    Block block;
    block.shape = {architecture.num_heads, architecture.head_size, architecture.causal};
    block.activation = architecture.activation;
    visit_linears(block, i, [&](Linear& linear, const std::string&, const std::vector<std::string>& names) {
      linear = make_linear(weights, names);
    });
    block.attention_norm = make_norm(weights, layer_name(i, "attention.norm"), epsilon);
    block.mlp_norm = make_norm(weights, layer_name(i, "mlp.norm"), epsilon);
    blocks.push_back(std::move(block));
  }
  head.kind = weights.contains("head.pooler.weight") ? Head::Kind::kPooled : Head::Kind::kDense;
  const bool pooled = head.kind == Head::Kind::kPooled;
  head.dense = make_linear(weights, {pooled ? "head.pooler" : "head.dense"});
  head.classifier = make_linear(weights, {pooled ? "head.classifier" : "head.out_proj"});
}

at::Tensor Network::embed(const DeviceBatch& batch) const {
  at::Tensor x_ND = at::embedding(token_VD_, batch.ids_N) +
                    at::embedding(position_PD_, batch.layout.position_N + architecture_.position_offset);
  if (type_YD_.defined()) x_ND = x_ND + at::embedding(type_YD_, batch.type_ids_N);
  return embedding_norm_.forward(x_ND);
}

Prefix Network::prefix(const DeviceBatch& batch, const DropoutPlan* plan) const {
  const int64_t last = architecture_.num_layers - 1;
  Prefix prefix;
  prefix.x_ND = embed(batch);
  if (plan != nullptr && plan->drops_input()) {
    prefix.embeddings = true;
    return prefix;
  }
  const bool lora_drops = plan != nullptr && plan->lora > 0;
  prefix.layer = plan == nullptr ? last : std::min(last, lora_drops ? 0 : plan->first_active_layer());
  const DropoutScope plain;
  for (int64_t i = 0; i < prefix.layer; ++i) {
    const Projected projected = blocks[i].project(prefix.x_ND, plain, batch.layout, i, Rows::kAll);
    prefix.x_ND = blocks[i].attend(projected, plain, batch.layout, batch.layout, i, Rows::kAll);
  }
  if (!lora_drops) {
    const Rows rows = prefix.layer == last ? Rows::kFirst : Rows::kAll;
    prefix.projected = blocks[prefix.layer].project(prefix.x_ND, plain, batch.layout, prefix.layer, rows);
  }
  return prefix;
}

at::Tensor Network::finish(const Prefix& prefix, const DropoutScope& scope, const PackedLayout& layout,
                           bool checkpointing) const {
  const int64_t last = architecture_.num_layers - 1;
  const PackedLayout firsts = first_rows(layout);
  at::Tensor x_ND = prefix.x_ND;
  if (prefix.embeddings && scope.plan != nullptr) {
    x_ND = drop_site(x_ND, scope, scope.plan->input, Position::kInput, Rows::kAll);
    x_ND = drop_site(x_ND, scope, pretrained_site(scope), Position::kPretrainedEmbedding, Rows::kAll);
  }
  for (int64_t i = prefix.layer; i <= last; ++i) {
    const Rows rows = i == last ? Rows::kFirst : Rows::kAll;
    const PackedLayout& queries = i == last ? firsts : layout;
    if (i == prefix.layer && prefix.projected) {
      x_ND = blocks[i].attend(*prefix.projected, scope, queries, layout, i, rows);
      continue;
    }
    const auto run = [this, scope, &layout, queries, i, rows](const at::Tensor& x) {
      return blocks[i].attend(blocks[i].project(x, scope, layout, i, rows), scope, queries, layout, i, rows);
    };
    x_ND = checkpointing ? checkpoint(run, x_ND) : run(x_ND);
  }
  return x_ND;
}

at::Tensor Network::evaluate(const DeviceBatch& batch) const {
  const DropoutScope plain;
  return head.forward(finish(prefix(batch, nullptr), plain, batch.layout, false), plain);
}

std::vector<NamedTensor> Network::leaves() const {
  std::vector<NamedTensor> result{{"embeddings.token.weight", token_VD_}, {"embeddings.position.weight", position_PD_}};
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    if (tensor.defined()) result.push_back({name, tensor});
  };
  const auto add_norm = [&](const std::string& name, const LayerNorm& norm) {
    add(name + ".weight", norm.weight_D);
    add(name + ".bias", norm.bias_D);
  };
  const auto add_linear = [&](const Linear& linear, const std::string& name, const std::vector<std::string>&) {
    add(name + ".weight", linear.weight_OI);
    add(name + ".bias", linear.bias_O);
  };
  add("embeddings.type.weight", type_YD_);
  add_norm("embeddings.norm", embedding_norm_);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    visit_linears(blocks[i], i, add_linear);
    add_norm(layer_name(i, "attention.norm"), blocks[i].attention_norm);
    add_norm(layer_name(i, "mlp.norm"), blocks[i].mlp_norm);
  }
  const bool pooled = head.kind == Head::Kind::kPooled;
  add_linear(head.dense, pooled ? "head.pooler" : "head.dense", {});
  add_linear(head.classifier, pooled ? "head.classifier" : "head.out_proj", {});
  return result;
}

std::vector<NamedTensor> Network::tensors() const {
  std::vector<NamedTensor> result;
  for (const NamedTensor& leaf : leaves()) {
    const std::size_t fused = leaf.name.find("attention.qkv.");
    if (fused == std::string::npos) {
      result.push_back(leaf);
      continue;
    }
    const std::string layer = leaf.name.substr(0, fused + 10), kind = leaf.name.substr(leaf.name.rfind('.'));
    const std::vector<at::Tensor> parts = leaf.tensor.chunk(static_cast<int64_t>(kProjections.size()));
    for (std::size_t i = 0; i < parts.size(); ++i) result.push_back({cat(layer, kProjections[i], kind), parts[i]});
  }
  return result;
}

std::pair<Linear*, int64_t> Network::find_linear(const std::string& module) {
  std::pair<Linear*, int64_t> found{nullptr, 0};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    visit_linears(blocks[i], i, [&](Linear& linear, const std::string&, const std::vector<std::string>& names) {
      for (std::size_t part = 0; part < names.size(); ++part) {
        if (names[part] == module) found = {&linear, static_cast<int64_t>(part)};
      }
    });
  }
  if (module == "head.pooler" && head.kind == Head::Kind::kPooled) found = {&head.dense, 0};
  return found;
}

}  // namespace hiddenkey
