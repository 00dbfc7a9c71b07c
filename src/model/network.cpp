#include "model/network.h"

#include "model/families/family.h"
#include "nn/checkpoint.h"

namespace hiddenkey {
namespace {

/// At a position that is in no layer.
at::Tensor drop_site(const at::Tensor& x, const LayerPass& pass, Position position) {
  const DropoutPlan* plan = pass.scope.plan;
  if (plan == nullptr || !plan->sites[position]) return x;
  return drop_units(x, pass, {position}, *plan->sites[position]);
}

at::Tensor drop_pretrained(const at::Tensor& x, const LayerPass& pass, Position position) {
  const DropoutPlan* plan = pass.scope.plan;
  if (plan == nullptr || plan->pretrained <= 0) return x;
  return drop_units(x, pass, {position}, Site{plan->pretrained, Pattern::kElement});
}

/// The masks of what is no layer have their addresses in layer 0.
LayerPass head_pass(const DropoutScope& scope) { return {scope, 0, Rows::kPicked}; }

at::Tensor doubled(const at::Tensor& x) { return x.defined() ? at::cat({x, x}) : x; }

}  // namespace

at::Tensor Head::enter(const at::Tensor& picked_PD, const DropoutScope& scope) const {
  const at::Tensor x = keeps_type || picked_PD.scalar_type() == at::kDouble ? picked_PD : picked_PD.to(at::kFloat);
  return is_pretrained ? x : drop_site(x, head_pass(scope), Position::kOutput);
}

at::Tensor Head::forward(const at::Tensor& picked_PD, const DropoutScope& scope) const {
  const LayerPass pass = head_pass(scope);
  at::Tensor x = enter(picked_PD, scope);
  if (drops_input) x = drop_pretrained(x, pass, Position::kPretrainedHead);
  if (dense.weight_OI.defined()) {
    x = activate(dense.forward(x, pass), activation);
    if (norm) x = norm->forward(x);
    if (is_pretrained) x = drop_site(x, pass, Position::kOutput);
    x = drop_pretrained(x, pass, drops_input ? Position::kPretrainedHeadOutput : Position::kPretrainedHead);
  }
  return classifier.forward(x, pass);
}

Prefix Prefix::twice() const {
  Prefix result = *this;
  result.x_ND = doubled(x_ND);
  if (projected)
    result.projected = Projected{doubled(projected->x_ND), doubled(projected->q_MD), doubled(projected->qkv_NW)};
  return result;
}

Network::Network(const Architecture& architecture, Weights weights)
    : architecture_(architecture), slots_(make_slots(WeightNames(architecture))) {
  for (int64_t i = 0; i < architecture.num_layers; ++i) {
    Block block;
    block.shape = {architecture.num_heads, architecture.num_kv_heads, architecture.head_size, architecture.causal,
                   architecture.layer(i).reach};
    block.activation = architecture.activation;
    block.norm_first = architecture.norm_first;
    block.gated = architecture.gated_mlp;
    blocks.push_back(std::move(block));
  }
  const FamilyHead& own = architecture.family->head_of(architecture.head);
  const bool language = architecture.head == HeadUse::kLanguage;
  head.keeps_type = language;
  head.activation = architecture.head_activation;
  head.is_pretrained = !language && own.is_pretrained;
  head.drops_input = !language && own.drops_input;
  for (const Slot& slot : slots_) place(slot, weights);
  if (language && architecture.tied_head)
    head.classifier = Linear{token_VD_, at::Tensor(), {architecture.vocab_size}, {}};
  for (const std::vector<double>& frequencies : architecture.rotary)
    frequency_K_.push_back(at::tensor(frequencies, at::kFloat).to(token_VD_.device()));
}

at::Tensor Network::embed(const DeviceBatch& batch) const {
  // As Transformers has it: a padding token's embedding stays what it is.
  at::Tensor x_ND =
      at::embedding(token_VD_, batch.ids_N, architecture_.family->keeps_padding_row ? architecture_.pad_id : -1);
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

at::Tensor Network::project(const at::Tensor& embedded_NE, const DropoutScope& scope) const {
  // The layer of its adapters' draws is that of no block.
  return projection_.weight_OI.defined() ? projection_.forward(embedded_NE, {scope, -1}) : embedded_NE;
}

at::Tensor Network::read_by_head(const at::Tensor& x_ND, const PackedLayout& layout) const {
  const bool mean = architecture_.pools_mean();
  const at::Tensor read = architecture_.reads_any_row() && !mean ? x_ND.index_select(0, layout.picked_P) : x_ND;
  at::Tensor normed = final_norm_ ? final_norm_->forward(read) : read;
  if (!mean) return normed;
  const at::Tensor x_BTD =
      normed.index_select(0, layout.row_BT.flatten()).view({layout.sequences(), layout.longest, -1});
  const at::Tensor padding_BT1 = layout.valid_BT.bitwise_not().unsqueeze(2);
  return x_BTD.masked_fill(padding_BT1, 0).sum(1) / layout.length_B.unsqueeze(1).to(x_BTD.scalar_type());
}

std::vector<Rotation> Network::rotations(const PackedLayout& layout) const {
  std::vector<Rotation> result;
  for (const at::Tensor& frequency_K : frequency_K_) result.push_back(rotation_at(layout.position_N, frequency_K));
  return result;
}

const Rotation* Network::rotation_of(int64_t layer, const std::vector<Rotation>& rotations) const {
  return rotations.empty() ? nullptr : &rotations[architecture_.layer(layer).rotary];
}

Prefix Network::prefix(const DeviceBatch& batch, const DropoutPlan* plan, bool checkpointing) const {
  const int64_t last = architecture_.num_layers - 1;
  Prefix prefix;
  prefix.x_ND = embed(batch);
  const bool lora_drops = plan != nullptr && plan->lora > 0;
  if (plan != nullptr && (plan->drops_input() || (lora_drops && !projection_.adapters.empty()))) {
    prefix.embeddings = true;
    return prefix;
  }
  prefix.x_ND = project(prefix.x_ND, DropoutScope());
  prefix.layer = plan == nullptr ? last : std::min(last, lora_drops ? 0 : plan->first_active_layer());
  const DropoutScope plain;
  const std::vector<Rotation> turns = rotations(batch.layout);
  for (int64_t i = 0; i < prefix.layer; ++i) {
    const auto run = [this, plain, layout = batch.layout, turns, i](const at::Tensor& x) {
      const LayerPass pass{plain, i};
      return blocks[i].attend(blocks[i].project(x, rotation_of(i, turns), layout, pass), layout, layout, pass);
    };
    prefix.x_ND = checkpointing ? checkpoint(run, prefix.x_ND) : run(prefix.x_ND);
  }
  if (!lora_drops) {
    const LayerPass pass{plain, prefix.layer, rows_of_layer(prefix.layer)};
    prefix.projected = blocks[prefix.layer].project(prefix.x_ND, rotation_of(prefix.layer, turns), batch.layout, pass);
  }
  return prefix;
}

at::Tensor Network::finish(const Prefix& prefix, const DropoutScope& scope, const PackedLayout& layout,
                           bool checkpointing) const {
  const int64_t last = architecture_.num_layers - 1;
  const PackedLayout last_queries = architecture_.causal || architecture_.reads_any_row() ? layout : *layout.firsts;
  const std::vector<Rotation> turns = rotations(layout);
  at::Tensor x_ND = prefix.x_ND;
  if (prefix.embeddings) {
    const LayerPass pass{scope};
    x_ND = drop_site(x_ND, pass, Position::kInput);
    x_ND = drop_pretrained(x_ND, pass, Position::kPretrainedEmbedding);
    x_ND = project(x_ND, scope);
  }
  for (int64_t i = prefix.layer; i <= last; ++i) {
    const Rows rows = rows_of_layer(i);
    const PackedLayout& queries = i == last ? last_queries : layout;
    if (i == prefix.layer && prefix.projected) {
      x_ND = blocks[i].attend(*prefix.projected, queries, layout, {scope, i, rows});
      continue;
    }
    // Run again in the backward pass, when the caller's layout may be gone.
    const auto run = [this, scope, layout, turns, queries, i, rows](const at::Tensor& x) {
      const LayerPass pass{scope, i, rows};
      return blocks[i].attend(blocks[i].project(x, rotation_of(i, turns), layout, pass), queries, layout, pass);
    };
    x_ND = checkpointing ? checkpoint(run, x_ND) : run(x_ND);
  }
  return read_by_head(x_ND, layout);
}

Rows Network::rows_of_layer(int64_t layer) const {
  const bool last = layer == architecture_.num_layers - 1;
  return last && !architecture_.reads_any_row() ? Rows::kPicked : Rows::kAll;
}

at::Tensor Network::representations(const DeviceBatch& batch) const {
  return finish(prefix(batch, nullptr), DropoutScope(), batch.layout, false);
}

void Network::untie_head() {
  architecture_.tied_head = false;
  slots_ = make_slots(WeightNames(architecture_));
  head.classifier.weight_OI = token_VD_.clone();
}

}  // namespace hiddenkey
