#pragma once

namespace hiddenkey {

/// What a pretrained model is used for.
enum class HeadUse {
  kClassify,  ///< classes or a score for each sequence
  kTokens,    ///< classes for each token that is asked for
  kLanguage,  ///< the next token
};

}  // namespace hiddenkey
