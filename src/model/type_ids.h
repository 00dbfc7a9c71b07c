#pragma once

#include "core/folder_files.h"

namespace hiddenkey {

struct Family;

/// Whether Transformers' tokenizer of a folder hands type ids to the model of a family: where model_input_names of
/// tokenizer_config.json names token_type_ids, or says nothing and the tokenizer is BERT's. A model that gets none
/// takes all tokens for type 0, whatever the tokenizer's template says. ModelError where the file is malformed, or asks
/// for type ids in a family that would add them in a way that is not supported.
bool gives_type_ids(const FolderFiles& files, const Family& family);

}  // namespace hiddenkey
