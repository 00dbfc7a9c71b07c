#include "kernels/reference/decode_attention.h"

#include <limits>

namespace hiddenkey::reference {

at::Tensor decode_attention(const at::Tensor& qkv_RW, const at::Tensor& kv_CW, const CachedRows& cached,
                            const AttentionShape& shape) {
  const int64_t rows = qkv_RW.size(0), longest = cached.longest, groups = shape.kv_heads, head = shape.head_size;
  const at::Tensor row_RS = cached.row_RS.narrow(1, 0, longest);
  const at::Tensor kv = kv_CW.index_select(0, row_RS.reshape({-1})).view({rows, longest, 2, groups, head});
  const at::Tensor k_RGSK = kv.select(2, 0).transpose(1, 2), v_RGSK = kv.select(2, 1).transpose(1, 2);
  // The heads that share a key stand where the queries of one head would, so no key is repeated.
  const at::Tensor q_RGQK = qkv_RW.narrow(1, 0, shape.heads * head).reshape({rows, groups, shape.heads / groups, head});
  const at::Tensor position_1S = at::arange(longest, cached.length_R.options()).unsqueeze(0);
  const at::Tensor length_R1 = cached.length_R.unsqueeze(1);
  at::Tensor hidden = position_1S.ge(length_R1);
  if (shape.reach > 0) hidden = hidden.bitwise_or_(position_1S.lt(length_R1 - 1 - shape.reach));
  const at::Tensor bias =
      at::zeros({rows, 1, 1, longest}, qkv_RW.options())
          .masked_fill_(hidden.view({rows, 1, 1, longest}), -std::numeric_limits<double>::infinity());
  const at::Tensor out_RGQK = at::scaled_dot_product_attention(q_RGQK, k_RGSK, v_RGSK, bias);
  return out_RGQK.reshape({rows, shape.heads * head});
}

}  // namespace hiddenkey::reference
