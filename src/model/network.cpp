#include "model/network.h"

#include "core/error.h"
#include "core/text.h"
#include "model/weight_names.h"
#include "nn/checkpoint.h"

namespace hiddenkey {
namespace {

using Weights = std::unordered_map<std::string, at::Tensor>;

/// Takes a weight out of the table: what is made one matrix with others is not held twice.
at::Tensor take_optional(Weights& weights, const std::string& name) {
  const auto found = weights.extract(name);
  return found ? found.mapped() : at::Tensor();
}

at::Tensor take(Weights& weights, const std::string& name) {
  at::Tensor found = take_optional(weights, name);
  if (!found.defined()) throw Error(ErrorKind::kBug, cat("the model is built without its weight ", name));
  return found;
}

/// Layers that share their input, as one matrix.
Linear make_linear(Weights& weights, const std::vector<std::string>& names) {
  Linear linear;
  std::vector<at::Tensor> matrices, biases;
  for (const std::string& name : names) {
    matrices.push_back(take(weights, name + ".weight"));
    linear.widths.push_back(matrices.back().size(0));
    if (const at::Tensor bias = take_optional(weights, name + ".bias"); bias.defined()) biases.push_back(bias);
  }
  linear.weight_OI = names.size() == 1 ? matrices.front() : at::cat(matrices);
  if (!biases.empty()) linear.bias_O = names.size() == 1 ? biases.front() : at::cat(biases);
  return linear;
}

Norm make_norm(Weights& weights, const std::string& name, const Architecture& a) {
  return {take(weights, name + ".weight"), a.rms_norm ? at::Tensor() : take(weights, name + ".bias"), a.norm_epsilon};
}

std::optional<Norm> optional_norm(Weights& weights, const std::string& name, const Architecture& a) {
  return weights.contains(name + ".weight") ? std::make_optional(make_norm(weights, name, a)) : std::nullopt;
}

std::string layer_name(std::size_t layer, const std::string& rest) { return cat("layers.", layer, ".", rest); }

/// The linear layers of a block with the names of what stands in each. GPT-2 has query, key and value as one module.
template <class BlockType, class Visit>
void visit_linears(BlockType& block, const Architecture& a, std::size_t layer, const Visit& visit) {
  const auto names = [&](std::initializer_list<const char*> own) {
    std::vector<std::string> result;
    for (const char* name : own) result.push_back(layer_name(layer, name));
    return result;
  };
  visit(block.qkv, layer_name(layer, "attention.qkv"),
        a.family == "gpt2" ? names({"attention.qkv"}) : names({"attention.query", "attention.key", "attention.value"}));
  visit(block.output, layer_name(layer, "attention.output"), names({"attention.output"}));
  visit(block.up, layer_name(layer, a.gated_mlp ? "mlp.gate_up" : "mlp.up"),
        a.gated_mlp ? names({"mlp.gate", "mlp.up"}) : names({"mlp.up"}));
  visit(block.down, layer_name(layer, "mlp.down"), names({"mlp.down"}));
}

/// Likewise of the head.
template <class HeadType, class Visit>
void visit_head(HeadType& head, bool tied, const Visit& visit) {
  const auto visit_one = [&](auto& linear, const std::string& name) { visit(linear, name, std::vector{name}); };
  switch (head.kind) {
    case Head::Kind::kPooled:
      visit_one(head.dense, "head.pooler");
      return visit_one(head.classifier, "head.classifier");
    case Head::Kind::kDense:
      visit_one(head.dense, "head.dense");
      return visit_one(head.classifier, "head.out_proj");
    case Head::Kind::kScore:
      return visit_one(head.classifier, "head.score");
    case Head::Kind::kLanguage:
      // A tied head is the table of token embeddings, which is visited as that.
      if (!tied) visit_one(head.classifier, "lm_head");
      return;
  }
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

at::Tensor Head::enter(const at::Tensor& picked_PD, const DropoutScope& scope) const {
  const bool keeps_type = kind == Kind::kLanguage || picked_PD.scalar_type() == at::kDouble;
  const at::Tensor x = keeps_type ? picked_PD : picked_PD.to(at::kFloat);
  const std::optional<Site> output = scope.plan == nullptr ? std::nullopt : scope.plan->output;
  return kind == Kind::kPooled ? x : drop_site(x, scope, output, Position::kOutput, Rows::kPicked);
}

at::Tensor Head::forward(const at::Tensor& picked_PD, const DropoutScope& scope) const {
  const std::optional<Site> output = scope.plan == nullptr ? std::nullopt : scope.plan->output;
  const std::optional<Site> pretrained = pretrained_site(scope);
  const auto drop = [&](const at::Tensor& x, const std::optional<Site>& site, Position position) {
    return drop_site(x, scope, site, position, Rows::kPicked);
  };
  at::Tensor x = enter(picked_PD, scope);
  if (kind == Kind::kScore || kind == Kind::kLanguage) return classifier.forward(x, scope, 0, Rows::kPicked);
  if (kind == Kind::kDense) x = drop(x, pretrained, Position::kPretrainedHead);
  x = at::tanh(dense.forward(x, scope, 0, Rows::kPicked));
  if (kind == Kind::kPooled) x = drop(x, output, Position::kOutput);
  x = drop(x, pretrained, kind == Kind::kPooled ? Position::kPretrainedHead : Position::kPretrainedHeadOutput);
  return classifier.forward(x, scope, 0, Rows::kPicked);
}

Prefix Prefix::twice() const {
  Prefix result = *this;
  result.x_ND = doubled(x_ND);
  if (projected)
    result.projected = Projected{doubled(projected->x_ND), doubled(projected->q_MD), doubled(projected->qkv_NW)};
  return result;
}

Network::Network(const Architecture& architecture, Weights weights) : architecture_(architecture) {
  token_VD_ = take(weights, "embeddings.token.weight");
  position_TD_ = take_optional(weights, "embeddings.position.weight");
  type_YD_ = take_optional(weights, "embeddings.type.weight");
  if (!architecture.rotary.empty()) frequency_K_ = at::tensor(architecture.rotary, at::kFloat).to(token_VD_.device());
  embedding_norm_ = optional_norm(weights, "embeddings.norm", architecture);
  final_norm_ = optional_norm(weights, "final_norm", architecture);
  const auto make = [&](Linear& linear, const std::string&, const std::vector<std::string>& names) {
    linear = make_linear(weights, names);
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(architecture.num_layers); ++i) {
    Block block;
    block.shape = {architecture.num_heads, architecture.num_kv_heads, architecture.head_size, architecture.causal};
    block.activation = architecture.activation;
    block.norm_first = architecture.norm_first;
    block.gated = architecture.gated_mlp;
    visit_linears(block, architecture, i, make);
    block.attention_norm = make_norm(weights, layer_name(i, "attention.norm"), architecture);
    block.mlp_norm = make_norm(weights, layer_name(i, "mlp.norm"), architecture);
    blocks.push_back(std::move(block));
  }
  if (architecture.head == HeadUse::kLanguage) {
    head.kind = Head::Kind::kLanguage;
    if (architecture.tied_head) head.classifier = Linear{token_VD_, at::Tensor(), {architecture.vocab_size}, {}};
  } else if (architecture.causal) {
    head.kind = Head::Kind::kScore;
  } else {
    head.kind = weights.contains("head.pooler.weight") ? Head::Kind::kPooled : Head::Kind::kDense;
  }
  visit_head(head, architecture.tied_head, make);
}

at::Tensor Network::embed(const DeviceBatch& batch) const {
  // As Transformers has it: a padding token's embedding stays what it is.
  at::Tensor x_ND = at::embedding(token_VD_, batch.ids_N, architecture_.family == "gpt2" ? -1 : architecture_.pad_id);
  if (position_TD_.defined()) x_ND = x_ND + at::embedding(position_TD_, table_positions(batch), position_padding());
  if (type_YD_.defined())
    x_ND = x_ND + (architecture_.reads_type_ids ? at::embedding(type_YD_, batch.type_ids_N) : type_YD_.narrow(0, 0, 1));
  return embedding_norm_ ? embedding_norm_->forward(x_ND) : x_ND;
}

at::Tensor Network::table_positions(const DeviceBatch& batch) const {
  const PackedLayout& layout = batch.layout;
  if (architecture_.position_offset == 0) return layout.position_N;
  // RoBERTa counts the tokens that are no padding from pad + 1 on; padding that stands in a text has position pad.
  const at::Tensor real_N = batch.ids_N.ne(architecture_.pad_id).to(at::kLong);
  const at::Tensor before_N = real_N.cumsum(0) - real_N;
  const at::Tensor start_N = before_N.index_select(0, layout.first_B).index_select(0, layout.sequence_N);
  return (before_N - start_N + 1) * real_N + architecture_.pad_id;
}

int64_t Network::position_padding() const { return architecture_.position_offset > 0 ? architecture_.pad_id : -1; }

std::optional<Rotation> Network::rotation(const PackedLayout& layout) const {
  if (!frequency_K_.defined()) return std::nullopt;
  return rotation_at(layout.position_N, frequency_K_);
}

Prefix Network::prefix(const DeviceBatch& batch, const DropoutPlan* plan, bool checkpointing) const {
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
  const std::optional<Rotation> turn = rotation(batch.layout);
  for (int64_t i = 0; i < prefix.layer; ++i) {
    const auto run = [this, plain, layout = batch.layout, turn, i](const at::Tensor& x) {
      const Projected projected = blocks[i].project(x, turn, plain, layout, i, Rows::kAll);
      return blocks[i].attend(projected, plain, layout, layout, i, Rows::kAll);
    };
    prefix.x_ND = checkpointing ? checkpoint(run, prefix.x_ND) : run(prefix.x_ND);
  }
  if (!lora_drops) {
    const Rows rows = prefix.layer == last ? Rows::kPicked : Rows::kAll;
    prefix.projected = blocks[prefix.layer].project(prefix.x_ND, turn, plain, batch.layout, prefix.layer, rows);
  }
  return prefix;
}

at::Tensor Network::finish(const Prefix& prefix, const DropoutScope& scope, const PackedLayout& layout,
                           bool checkpointing) const {
  const int64_t last = architecture_.num_layers - 1;
  const PackedLayout last_queries = architecture_.causal ? layout : *layout.firsts;
  const std::optional<Rotation> turn = rotation(layout);
  at::Tensor x_ND = prefix.x_ND;
  if (prefix.embeddings && scope.plan != nullptr) {
    x_ND = drop_site(x_ND, scope, scope.plan->input, Position::kInput, Rows::kAll);
    x_ND = drop_site(x_ND, scope, pretrained_site(scope), Position::kPretrainedEmbedding, Rows::kAll);
  }
  for (int64_t i = prefix.layer; i <= last; ++i) {
    const Rows rows = i == last ? Rows::kPicked : Rows::kAll;
    const PackedLayout& queries = i == last ? last_queries : layout;
    if (i == prefix.layer && prefix.projected) {
      x_ND = blocks[i].attend(*prefix.projected, scope, queries, layout, i, rows);
      continue;
    }
    // Run again in the backward pass, when the caller's layout may be gone.
    const auto run = [this, scope, layout, turn, queries, i, rows](const at::Tensor& x) {
      return blocks[i].attend(blocks[i].project(x, turn, scope, layout, i, rows), scope, queries, layout, i, rows);
    };
    x_ND = checkpointing ? checkpoint(run, x_ND) : run(x_ND);
  }
  return final_norm_ ? final_norm_->forward(x_ND) : x_ND;
}

at::Tensor Network::representations(const DeviceBatch& batch) const {
  return finish(prefix(batch, nullptr), DropoutScope(), batch.layout, false);
}

void Network::untie_head() {
  architecture_.tied_head = false;
  head.classifier.weight_OI = token_VD_.clone();
}

std::vector<NamedTensor> Network::leaves() const {
  std::vector<NamedTensor> result;
  const auto add = [&](const std::string& name, const at::Tensor& tensor) {
    if (tensor.defined()) result.push_back({name, tensor});
  };
  const auto add_norm = [&](const std::string& name, const Norm& norm) {
    add(name + ".weight", norm.weight_D);
    add(name + ".bias", norm.bias_D);
  };
  const auto add_linear = [&](const Linear& linear, const std::string& name, const std::vector<std::string>&) {
    add(name + ".weight", linear.weight_OI);
    add(name + ".bias", linear.bias_O);
  };
  add("embeddings.token.weight", token_VD_);
  add("embeddings.position.weight", position_TD_);
  add("embeddings.type.weight", type_YD_);
  if (embedding_norm_) add_norm("embeddings.norm", *embedding_norm_);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    visit_linears(blocks[i], architecture_, i, add_linear);
    add_norm(layer_name(i, "attention.norm"), blocks[i].attention_norm);
    add_norm(layer_name(i, "mlp.norm"), blocks[i].mlp_norm);
  }
  if (final_norm_) add_norm("final_norm", *final_norm_);
  visit_head(head, architecture_.tied_head, add_linear);
  return result;
}

std::vector<NamedTensor> Network::parts(const NamedTensor& leaf) const {
  std::vector<NamedTensor> result;
  const auto split = [&](const Linear& linear, const std::string& name, const std::vector<std::string>& names) {
    const std::string kind = leaf.name.substr(leaf.name.rfind('.'));
    if (leaf.name != name + kind) return;
    for (std::size_t part = 0; part < names.size(); ++part) {
      const auto place = static_cast<int64_t>(part);
      result.push_back({names[part] + kind, leaf.tensor.narrow(0, linear.offset_of(place), linear.widths[part])});
    }
  };
  for (std::size_t i = 0; i < blocks.size(); ++i) visit_linears(blocks[i], architecture_, i, split);
  return result.empty() ? std::vector{leaf} : result;
}

std::vector<NamedTensor> Network::tensors() const {
  std::vector<NamedTensor> result;
  for (const NamedTensor& leaf : leaves()) {
    for (NamedTensor& part : parts(leaf)) result.push_back(std::move(part));
  }
  return result;
}

LinearPart Network::find_linear(const std::string& module) {
  LinearPart found;
  const auto look = [&](Linear& linear, const std::string&, const std::vector<std::string>& names) {
    for (std::size_t part = 0; part < names.size(); ++part) {
      const auto place = static_cast<int64_t>(part);
      if (names[part] == module) found = {&linear, linear.offset_of(place), linear.widths[part]};
    }
  };
  for (std::size_t i = 0; i < blocks.size(); ++i) visit_linears(blocks[i], architecture_, i, look);
  visit_head(head, architecture_.tied_head, look);
  const WeightNames names(architecture_);
  for (const WeightNames::Slice& slice : names.slices()) {
    if (slice.module.ours != module) continue;
    found = find_linear(slice.whole);
    found.outputs /= slice.count;
    found.offset += slice.number * found.outputs;
  }
  return found;
}

}  // namespace hiddenkey
