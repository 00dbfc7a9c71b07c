#pragma once

#include "model/families/family.h"

/// What BERT's descendants share with it.
namespace hiddenkey {

inline constexpr ModuleName kBertOutside[] = {{"embeddings.token", "embeddings.word_embeddings"},
                                              {"embeddings.position", "embeddings.position_embeddings"},
                                              {"embeddings.type", "embeddings.token_type_embeddings"},
                                              {"embeddings.norm", "embeddings.LayerNorm"}};
inline constexpr ModuleName kBertLayer[] = {{"attention.query", "attention.self.query"},
                                            {"attention.key", "attention.self.key"},
                                            {"attention.value", "attention.self.value"},
                                            {"attention.output", "attention.output.dense"},
                                            {"attention.norm", "attention.output.LayerNorm"},
                                            {"mlp.up", "intermediate.dense"},
                                            {"mlp.down", "output.dense"},
                                            {"mlp.norm", "output.LayerNorm"}};
inline constexpr const char* kBertTargets[] = {"query", "value"};

/// The fields of BERT's config but for the width of the embeddings; the sizes are not checked yet. `padding` is
/// pad_token_id where it is absent.
Architecture read_bert_fields(const ConfigFields& fields, const Family& family, int64_t padding);

/// Lets positions count from behind the padding token, as RoBERTa does. ModelError where there is none, or where that
/// leaves no position.
void offset_positions(Architecture& architecture, const ConfigFields& fields);

}  // namespace hiddenkey
