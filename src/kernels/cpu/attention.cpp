#include "kernels/cpu/attention.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

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

/// A dropout mask as the kernel reads it: one row of S bytes for each (sequence, head, query).
class KeepRows {
 public:
  KeepRows(const at::Tensor& keep, const PackedLayout& keys) : keys_(keys) {
    if (!keep.defined()) return;
    data_ = static_cast<const uint8_t*>(keep.const_data_ptr());
    element_ = keep.dim() == 4;
    heads_ = element_ ? keep.size(1) : keep.size(0);
    longest_ = element_ ? keep.size(3) : 0;
  }
  bool on() const { return data_ != nullptr; }
  bool element() const { return element_; }
  const uint8_t* row(int64_t b, int64_t h, int64_t t) const {
    if (element_) return data_ + ((b * heads_ + h) * longest_ + t) * longest_;
    return data_ + h * keys_.rows() + keys_.offsets[b];
  }

 private:
  const PackedLayout& keys_;
  const uint8_t* data_ = nullptr;
  bool element_ = false;
  int64_t heads_ = 0, longest_ = 0;
};

/// Fills `seen` (keys after the logits' draw) and `kept` (after the weights' draw too) for query t of T.
class RowMask {
 public:
  RowMask(const KeepRows& logits, const KeepRows& weights, bool causal, bool grad_through_norm)
      : logits_(logits), weights_(weights), causal_(causal), grad_through_norm_(grad_through_norm) {}

  void fill(int64_t b, int64_t h, int64_t t, int64_t queries, int64_t size, uint8_t* seen, uint8_t* kept) const {
    const int64_t own = causal_ ? size - queries + t : -1;
    draw(logits_, b, h, t, own, size, seen);
    if (causal_) std::fill(seen + own + 1, seen + size, uint8_t{0});
    if (!weights_.on()) return;
    draw(weights_, b, h, t, own, size, kept);
    uint8_t any = 0;
    for (int64_t s = 0; s < size; ++s) any |= kept[s] = kept[s] & seen[s];
    if (any == 0) std::copy_n(seen, size, kept);
    if (grad_through_norm_) std::copy_n(kept, size, seen);
  }
  /// Whether `kept` differs from `seen`.
  bool drops_weights() const { return weights_.on() && !grad_through_norm_; }

 private:
  static void draw(const KeepRows& keep, int64_t b, int64_t h, int64_t t, int64_t own, int64_t size, uint8_t* out) {
    if (!keep.on()) {
      std::fill_n(out, size, uint8_t{1});
      return;
    }
    std::copy_n(keep.row(b, h, t), size, out);
    if (own >= 0 && !keep.element()) out[own] = 1;
  }
  const KeepRows& logits_;
  const KeepRows& weights_;
  bool causal_, grad_through_norm_;
};

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

/// Where the heads of a tensor lie: rows of `stride` floats, the part of head h at column + h*K.
struct Columns {
  float* data;
  int64_t stride, column;
  Columns(const at::Tensor& tensor, int64_t first)
      : data(tensor.data_ptr<float>()), stride(tensor.stride(0)), column(first) {}
  float* at(int64_t row, int64_t h, int64_t head_size) const { return data + row * stride + column + h * head_size; }
};

struct Inputs {
  Columns q, k, v;
  Inputs(const at::Tensor& q_MD, const at::Tensor& qkv_NW, int64_t kv_width)
      : q(q_MD.defined() ? q_MD : qkv_NW, 0),
        k(qkv_NW, qkv_NW.size(1) - 2 * kv_width),
        v(qkv_NW, qkv_NW.size(1) - kv_width) {}
};

class CpuAttention : public torch::autograd::Function<CpuAttention> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const std::optional<at::Tensor>& own_q_MD, const at::Tensor& qkv_NW,
                            const AttentionShape& shape, const PackedLayout* queries, const PackedLayout* keys,
                            const AttentionDropout& dropout) {
    const at::Tensor q_MD = own_q_MD.value_or(at::Tensor());
    const int64_t width = shape.heads * shape.head_size;
    at::Tensor out_MD = at::empty({queries->rows(), width}, qkv_NW.options());
    const KeepRows logits_keep(dropout.logits_keep, *keys), weights_keep(dropout.weights_keep, *keys);
    const RowMask mask(logits_keep, weights_keep, shape.causal, dropout.grad_through_norm);
    const bool drops_weights = mask.drops_weights();
    const at::Tensor sums = at::empty({drops_weights ? 2 : 1, shape.heads, queries->rows()}, qkv_NW.options());
    const Inputs in(q_MD, qkv_NW, shape.kv_heads * shape.head_size);
    const float scale = 1.0F / std::sqrt(static_cast<float>(shape.head_size));
    float* sum_out = sums.data_ptr<float>();
    const Columns out(out_MD, 0);
    for_each_head(*queries, *keys, shape, [&](const Task& task) {
      const int64_t head = shape.head_size;
      thread_local std::vector<float> logits;
      thread_local std::vector<uint8_t> seen, kept;
      logits.resize(task.queries * task.size);
      seen.resize(task.size);
      kept.resize(task.size);
      gemm(Side::kPlain, Side::kTransposed, task.queries, task.size, head, scale,
           {in.q.at(task.query_row, task.h, head), in.q.stride},
           {in.k.at(task.key_row, task.kv_head, head), in.k.stride}, 0, logits.data(), task.size);
      float* kept_sum = sum_out + task.h * queries->rows() + task.query_row;
      for (int64_t t = 0; t < task.queries; ++t) {
        float* row = logits.data() + t * task.size;
        mask.fill(task.b, task.h, t, task.queries, task.size, seen.data(), kept.data());
        if (drops_weights) kept_sum[shape.heads * queries->rows() + t] = log_sum_exp(row, seen.data(), task.size);
        kept_sum[t] = softmax_kept(row, drops_weights ? kept.data() : seen.data(), task.size);
      }
      gemm(Side::kPlain, Side::kPlain, task.queries, head, task.size, 1, {logits.data(), task.size},
           {in.v.at(task.key_row, task.kv_head, head), in.v.stride}, 0, out.at(task.query_row, task.h, head),
           out.stride);
    });
    ctx->save_for_backward({q_MD, qkv_NW, out_MD, sums, dropout.logits_keep, dropout.weights_keep});
    ctx->saved_data["heads"] = shape.heads;
    ctx->saved_data["kv_heads"] = shape.kv_heads;
    ctx->saved_data["head_size"] = shape.head_size;
    ctx->saved_data["causal"] = shape.causal;
    ctx->saved_data["grad_through_norm"] = dropout.grad_through_norm;
    ctx->saved_data["query_offsets"] = queries->offsets;
    ctx->saved_data["key_offsets"] = keys->offsets;
    return out_MD;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &q_MD = saved[0], &qkv_NW = saved[1], &out_MD = saved[2], &sums = saved[3];
    const AttentionShape shape{ctx->saved_data["heads"].toInt(), ctx->saved_data["kv_heads"].toInt(),
                               ctx->saved_data["head_size"].toInt(), ctx->saved_data["causal"].toBool()};
    PackedLayout queries, keys;  // the kernel reads the offsets alone
    queries.offsets = ctx->saved_data["query_offsets"].toIntVector();
    keys.offsets = ctx->saved_data["key_offsets"].toIntVector();
    const int64_t kv_width = shape.kv_heads * shape.head_size;
    const at::Tensor dout_MD = grads[0].contiguous();
    const at::Tensor dq_MD = q_MD.defined() ? at::empty_like(q_MD, at::MemoryFormat::Contiguous) : at::Tensor();
    const at::Tensor dqkv_NW = at::empty_like(qkv_NW, at::MemoryFormat::Contiguous);
    if (q_MD.defined() && qkv_NW.size(1) > 2 * kv_width) dqkv_NW.narrow(1, 0, qkv_NW.size(1) - 2 * kv_width).zero_();
    const Inputs in(q_MD, qkv_NW, kv_width), din(dq_MD, dqkv_NW, kv_width);
    const KeepRows logits_keep(saved[4], keys), weights_keep(saved[5], keys);
    const RowMask mask(logits_keep, weights_keep, shape.causal, ctx->saved_data["grad_through_norm"].toBool());
    const bool drops_weights = mask.drops_weights();
    const float scale = 1.0F / std::sqrt(static_cast<float>(shape.head_size));
    const float* sum_in = sums.const_data_ptr<float>();
    const Columns out(out_MD, 0), dout(dout_MD, 0);
    for_each_head(queries, keys, shape, [&](const Task& task) {
      const int64_t head = shape.head_size, size = task.size;
      thread_local std::vector<float> weights, grad, seen_row;
      thread_local std::vector<uint8_t> seen, kept;
      weights.resize(task.queries * size);
      grad.resize(task.queries * size);
      seen_row.resize(size);
      seen.resize(size);
      kept.resize(size);
      const Block q{in.q.at(task.query_row, task.h, head), in.q.stride},
          k{in.k.at(task.key_row, task.kv_head, head), in.k.stride};
      const Block v{in.v.at(task.key_row, task.kv_head, head), in.v.stride};
      const Block dy{dout.at(task.query_row, task.h, head), dout.stride};
      gemm(Side::kPlain, Side::kTransposed, task.queries, size, head, scale, q, k, 0, weights.data(), size);
      gemm(Side::kPlain, Side::kTransposed, task.queries, size, head, 1, dy, v, 0, grad.data(), size);
      const float* kept_sum = sum_in + task.h * queries.rows() + task.query_row;
      for (int64_t t = 0; t < task.queries; ++t) {
        float* row = weights.data() + t * size;
        mask.fill(task.b, task.h, t, task.queries, size, seen.data(), kept.data());
        const float* dy_row = dy.data + t * dy.stride;
        const float* y_row = out.at(task.query_row + t, task.h, head);
        float dot = 0;
        for (int64_t c = 0; c < head; ++c) dot += dy_row[c] * y_row[c];
        const float* seen_weights = row;
        if (drops_weights) {
          std::copy_n(row, size, seen_row.data());
          weights_from_logits(seen_row.data(), seen.data(), kept_sum[shape.heads * queries.rows() + t], size);
          seen_weights = seen_row.data();
        }
        weights_from_logits(row, drops_weights ? kept.data() : seen.data(), kept_sum[t], size);
        softmax_gradient(row, seen_weights, dot, scale, grad.data() + t * size, size);
      }
      const float beta = task.first ? 0 : 1;
      gemm(Side::kTransposed, Side::kPlain, size, head, task.queries, 1, {weights.data(), size}, dy, beta,
           din.v.at(task.key_row, task.kv_head, head), din.v.stride);
      gemm(Side::kTransposed, Side::kPlain, size, head, task.queries, 1, {grad.data(), size}, q, beta,
           din.k.at(task.key_row, task.kv_head, head), din.k.stride);
      gemm(Side::kPlain, Side::kPlain, task.queries, head, size, 1, {grad.data(), size}, k, 0,
           din.q.at(task.query_row, task.h, head), din.q.stride);
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
