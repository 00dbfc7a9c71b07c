#include "kernels/cpu/attention.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/attention_rows.h"
#include "kernels/cpu/softmax_rows.h"

/// The BLAS that LibTorch brings, in Fortran's column-major convention.
extern "C" void sgemm_(const char* transa, const char* transb, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc);

namespace hiddenkey::cpu {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// A row-major matrix inside a wider one.
struct Block {
  const float* data;
  int64_t stride;
};
enum class Side { kPlain, kTransposed };

/// c [m,n] = alpha * a b + beta * c, row-major: column-major BLAS sees every matrix transposed and the order turned.
void gemm(Side a_side, Side b_side, int64_t m, int64_t n, int64_t k, float alpha, Block a, Block b, float beta,
          float* c, int64_t c_stride) {
  const char a_op = a_side == Side::kPlain ? 'N' : 'T', b_op = b_side == Side::kPlain ? 'N' : 'T';
  const int rows = static_cast<int>(m), columns = static_cast<int>(n), inner = static_cast<int>(k);
  const int lda = static_cast<int>(a.stride), ldb = static_cast<int>(b.stride), ldc = static_cast<int>(c_stride);
  sgemm_(&b_op, &a_op, &columns, &rows, &inner, &alpha, b.data, &ldb, a.data, &lda, &beta, c, &ldc);
}

/// One (sequence, head) of the work: its sizes and where its rows start.
struct Task {
  int64_t b, h;
  int64_t kv_head;  ///< the head of the keys and values that head h reads
  bool first;       ///< of the heads that share it
  int64_t queries, size, query_row, key_row;
};

/// Heads that share a key run one after the other on one thread, so that its gradient has one writer.
template <class Work>
void for_each_head(const PackedLayout& queries, const PackedLayout& keys, const AttentionShape& shape,
                   const Work& work) {
  const int64_t group = shape.heads / shape.kv_heads;
  at::parallel_for(0, keys.sequences() * shape.kv_heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * group; i < end * group; ++i) {
      const int64_t b = i / shape.heads, h = i % shape.heads;
      work(Task{b, h, h / group, h % group == 0, queries.offsets[b + 1] - queries.offsets[b],
                keys.offsets[b + 1] - keys.offsets[b], queries.offsets[b], keys.offsets[b]});
    }
  });
}

/// Fewer queries than these would leave the products too thin to be worth their call.
constexpr int64_t kLeastQueries = 32;

/// The whole sequence is one band where every key is seen.
template <class Visit>
void for_each_band(const AttentionShape& shape, const Task& task, const Visit& visit) {
  const int64_t most = shape.reach == 0 ? task.queries : std::max(shape.reach, kLeastQueries);
  for (int64_t query = 0; query < task.queries; query += most)
    visit(band_of(shape, query, most, task.queries, task.size));
}

/// Where the heads of a tensor lie: rows of `stride` floats, the part of head h at column + h*K.
struct Columns {
  float* data;
  int64_t stride, column, head_size;
  Columns(const at::Tensor& tensor, int64_t first, int64_t size)
      : data(tensor.data_ptr<float>()), stride(tensor.stride(0)), column(first), head_size(size) {}
  float* at(int64_t row, int64_t h) const { return data + row * stride + column + h * head_size; }
  Block block(int64_t row, int64_t h) const { return {at(row, h), stride}; }
};

struct Inputs {
  Columns q, k, v;
  Inputs(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape)
      : q(q_MD.defined() ? q_MD : qkv_NW, 0, shape.head_size),
        k(qkv_NW, qkv_NW.size(1) - 2 * shape.kv_heads * shape.head_size, shape.head_size),
        v(qkv_NW, qkv_NW.size(1) - shape.kv_heads * shape.head_size, shape.head_size) {}
};

/// What a thread needs beside the tensors, kept from one band to the next.
struct Scratch {
  std::vector<float> weights, grad, seen_row;
  std::vector<uint8_t> seen, kept;
  void resize(const Band& band) {
    weights.resize(band.queries * band.keys);
    seen.resize(band.keys);
    kept.resize(band.keys);
  }
  void resize_with_gradient(const Band& band) {
    resize(band);
    grad.resize(band.queries * band.keys);
    seen_row.resize(band.keys);
  }
};

/// What both directions share. `sums` holds the log of the summed exponentials of each (head, query): over the kept
/// keys, and behind them over the seen ones where they differ.
struct Call {
  const AttentionShape& shape;
  const RowMask& mask;
  Inputs in;
  Columns out;
  float* sums;
  int64_t rows;  ///< M, of the queries
  float scale = 1.0F / std::sqrt(static_cast<float>(shape.head_size));

  float& kept_sum(int64_t h, int64_t row) const { return sums[h * rows + row]; }
  float& seen_sum(int64_t h, int64_t row) const { return sums[(shape.heads + h) * rows + row]; }
};

void forward_band(const Call& call, const Task& task, const Band& band, Scratch& scratch) {
  const int64_t head = call.shape.head_size, first = task.query_row + band.query, key_row = task.key_row + band.key;
  scratch.resize(band);
  uint8_t *seen = scratch.seen.data(), *kept = scratch.kept.data();
  const bool drops_weights = call.mask.drops_weights();
  gemm(Side::kPlain, Side::kTransposed, band.queries, band.keys, head, call.scale, call.in.q.block(first, task.h),
       call.in.k.block(key_row, task.kv_head), 0, scratch.weights.data(), band.keys);
  for (int64_t t = 0; t < band.queries; ++t) {
    float* row = scratch.weights.data() + t * band.keys;
    call.mask.fill(task.b, task.h, band, t, seen, kept);
    if (drops_weights) call.seen_sum(task.h, first + t) = log_sum_exp(row, seen, band.keys);
    call.kept_sum(task.h, first + t) = softmax_kept(row, drops_weights ? kept : seen, band.keys);
  }
  gemm(Side::kPlain, Side::kPlain, band.queries, head, band.keys, 1, {scratch.weights.data(), band.keys},
       call.in.v.block(key_row, task.kv_head), 0, call.out.at(first, task.h), call.out.stride);
}

/// Into scratch: the weights of the band's queries, and the gradient of their logits.
void weights_and_gradient(const Call& call, const Columns& dout, const Task& task, const Band& band, Scratch& scratch) {
  const int64_t head = call.shape.head_size, first = task.query_row + band.query, key_row = task.key_row + band.key;
  uint8_t *seen = scratch.seen.data(), *kept = scratch.kept.data();
  const bool drops_weights = call.mask.drops_weights();
  gemm(Side::kPlain, Side::kTransposed, band.queries, band.keys, head, call.scale, call.in.q.block(first, task.h),
       call.in.k.block(key_row, task.kv_head), 0, scratch.weights.data(), band.keys);
  gemm(Side::kPlain, Side::kTransposed, band.queries, band.keys, head, 1, dout.block(first, task.h),
       call.in.v.block(key_row, task.kv_head), 0, scratch.grad.data(), band.keys);
  for (int64_t t = 0; t < band.queries; ++t) {
    float* row = scratch.weights.data() + t * band.keys;
    call.mask.fill(task.b, task.h, band, t, seen, kept);
    const float *dy_row = dout.at(first + t, task.h), *y_row = call.out.at(first + t, task.h);
    float dot = 0;
    for (int64_t c = 0; c < head; ++c) dot += dy_row[c] * y_row[c];
    const float* seen_weights = row;
    if (drops_weights) {
      std::copy_n(row, band.keys, scratch.seen_row.data());
      weights_from_logits(scratch.seen_row.data(), seen, call.seen_sum(task.h, first + t), band.keys);
      seen_weights = scratch.seen_row.data();
    }
    weights_from_logits(row, drops_weights ? kept : seen, call.kept_sum(task.h, first + t), band.keys);
    softmax_gradient(row, seen_weights, dot, call.scale, scratch.grad.data() + t * band.keys, band.keys);
  }
}

/// `beta`: 0 writes the gradient of the band's keys and values, 1 adds to it.
void backward_band(const Call& call, const Inputs& din, const Columns& dout, const Task& task, const Band& band,
                   float beta, Scratch& scratch) {
  const int64_t head = call.shape.head_size, first = task.query_row + band.query, key_row = task.key_row + band.key;
  scratch.resize_with_gradient(band);
  weights_and_gradient(call, dout, task, band, scratch);
  const Block weights{scratch.weights.data(), band.keys}, grad{scratch.grad.data(), band.keys};
  gemm(Side::kTransposed, Side::kPlain, band.keys, head, band.queries, 1, weights, dout.block(first, task.h), beta,
       din.v.at(key_row, task.kv_head), din.v.stride);
  gemm(Side::kTransposed, Side::kPlain, band.keys, head, band.queries, 1, grad, call.in.q.block(first, task.h), beta,
       din.k.at(key_row, task.kv_head), din.k.stride);
  gemm(Side::kPlain, Side::kPlain, band.queries, head, band.keys, 1, grad, call.in.k.block(key_row, task.kv_head), 0,
       din.q.at(first, task.h), din.q.stride);
}

/// Bands overlap: each adds to what is zero at first.
void zero_key_gradient(const Inputs& din, const Task& task) {
  for (int64_t row = task.key_row; row < task.key_row + task.size; ++row) {
    std::fill_n(din.k.at(row, task.kv_head), din.k.head_size, 0.0F);
    std::fill_n(din.v.at(row, task.kv_head), din.v.head_size, 0.0F);
  }
}

class CpuAttention : public torch::autograd::Function<CpuAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const std::optional<at::Tensor>& own_q_MD, const at::Tensor& qkv_NW,
                            const AttentionShape& shape, const PackedLayout* queries, const PackedLayout* keys,
                            const AttentionDropout& dropout) {
    const at::Tensor q_MD = own_q_MD.value_or(at::Tensor());
    at::Tensor out_MD = at::empty({queries->rows(), shape.heads * shape.head_size}, qkv_NW.options());
    const RowMask mask(shape, dropout, *keys);
    const at::Tensor sums = at::empty({mask.drops_weights() ? 2 : 1, shape.heads, queries->rows()}, qkv_NW.options());
    const Call call{
        shape,          mask, Inputs(q_MD, qkv_NW, shape), Columns(out_MD, 0, shape.head_size), sums.data_ptr<float>(),
        queries->rows()};
    for_each_head(*queries, *keys, shape, [&](const Task& task) {
      thread_local Scratch scratch;
      for_each_band(shape, task, [&](const Band& band) { forward_band(call, task, band, scratch); });
    });
    ctx->save_for_backward({q_MD, qkv_NW, out_MD, sums, dropout.logits_keep, dropout.weights_keep});
    ctx->saved_data["heads"] = shape.heads;
    ctx->saved_data["kv_heads"] = shape.kv_heads;
    ctx->saved_data["head_size"] = shape.head_size;
    ctx->saved_data["causal"] = shape.causal;
    ctx->saved_data["reach"] = shape.reach;
    ctx->saved_data["grad_through_norm"] = dropout.grad_through_norm;
    ctx->saved_data["query_offsets"] = queries->offsets;
    ctx->saved_data["key_offsets"] = keys->offsets;
    return out_MD;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &q_MD = saved[0], &qkv_NW = saved[1], &out_MD = saved[2], &sums = saved[3];
    const AttentionShape shape{ctx->saved_data["heads"].toInt(), ctx->saved_data["kv_heads"].toInt(),
                               ctx->saved_data["head_size"].toInt(), ctx->saved_data["causal"].toBool(),
                               ctx->saved_data["reach"].toInt()};
    PackedLayout queries, keys;  // the kernel reads the offsets alone
    queries.offsets = ctx->saved_data["query_offsets"].toIntVector();
    keys.offsets = ctx->saved_data["key_offsets"].toIntVector();
    const int64_t kv_width = shape.kv_heads * shape.head_size;
    const at::Tensor dout_MD = grads[0].contiguous();
    const at::Tensor dq_MD = q_MD.defined() ? at::empty_like(q_MD, at::MemoryFormat::Contiguous) : at::Tensor();
    const at::Tensor dqkv_NW = at::empty_like(qkv_NW, at::MemoryFormat::Contiguous);
    if (q_MD.defined() && qkv_NW.size(1) > 2 * kv_width) dqkv_NW.narrow(1, 0, qkv_NW.size(1) - 2 * kv_width).zero_();
    const RowMask mask(shape, {saved[4], saved[5], ctx->saved_data["grad_through_norm"].toBool(), {}}, keys);
    const Call call{
        shape,         mask, Inputs(q_MD, qkv_NW, shape), Columns(out_MD, 0, shape.head_size), sums.data_ptr<float>(),
        queries.rows()};
    const Inputs din(dq_MD, dqkv_NW, shape);
    const Columns dout(dout_MD, 0, shape.head_size);
    for_each_head(queries, keys, shape, [&](const Task& task) {
      thread_local Scratch scratch;
      const bool banded = shape.reach > 0;
      if (banded && task.first) zero_key_gradient(din, task);
      const float beta = task.first && !banded ? 0 : 1;
      for_each_band(shape, task, [&](const Band& band) { backward_band(call, din, dout, task, band, beta, scratch); });
    });
    return {dq_MD, dqkv_NW, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor attention(const at::Tensor& q_MD, const at::Tensor& qkv_NW, const AttentionShape& shape,
                     const PackedLayout& queries, const PackedLayout& keys, const AttentionDropout& dropout) {
  AttentionDropout contiguous = dropout;
  if (dropout.logits_keep.defined()) contiguous.logits_keep = dropout.logits_keep.contiguous();
  if (dropout.weights_keep.defined()) contiguous.weights_keep = dropout.weights_keep.contiguous();
  // An undefined tensor is not a legal input of a tape's node.
  const std::optional<at::Tensor> own_q_MD = q_MD.defined() ? std::make_optional(q_MD) : std::nullopt;
  return CpuAttention::apply(own_q_MD, qkv_NW, shape, &queries, &keys, contiguous);
}

}  // namespace hiddenkey::cpu
