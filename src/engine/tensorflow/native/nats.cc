// Cross-entropy of rows of logits, in one pass each way: −Σ_c p_c log softmax(logits)_c with p the (smoothed) target.

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

struct Rows {
  int64_t count, classes;

  Rows(const Input& logits, const Input& targets, const Input& smoothing) {
    if (logits.dims.size() != 2 || logits.dims[1] == 0) throw BadInput("logits must be [rows classes]");
    count = logits.dims[0], classes = logits.dims[1];
    expectDims("targets", targets.dims, {count});
    if (sizeOf(smoothing.dims) != 1) throw BadInput("smoothing must be one number");
    for (int64_t r = 0; r < count; r++)
      if (targets.data<int32_t>()[r] >= classes) throw BadInput("a target is beyond the classes");
  }
};

/** Of each row: nats (0 where the target is negative), the largest logit, and Σ e^{logit − largest}. */
void nats(Context& context) {
  const Input logits = context.input(0), targets = context.input(1), smoothing = context.input(2);
  const Rows rows(logits, targets, smoothing);
  float *value = context.output(0, {rows.count}), *top = context.output(1, {rows.count}), *sum = context.output(2, {rows.count});
  const float share = *smoothing.data();
  const int64_t V = rows.classes;
  inShares(rows.count * V, V, [&](int64_t from, int64_t end) {
    for (int64_t r = from / V; r < end / V; r++) {
      const float* x = logits.data() + r * V;
      const int32_t target = targets.data<int32_t>()[r];
      float largest = x[0];
      Vec most = splat(x[0]);
      int64_t c = 0;
      for (; c + W <= V; c += W) most = larger(load(x + c), most);
      for (; c < V; c++) largest = std::max(largest, x[c]);
      for (int i = 0; i < W; i++) largest = std::max(largest, most[i]);
      const float total = rowSum(x, x, V, [&](Vec a, Vec) { return expv(a - largest); });
      top[r] = largest;
      sum[r] = total;
      if (target < 0) {
        value[r] = 0;
        continue;
      }
      float expected = x[target] - largest;
      if (share != 0) expected = expected * (1 - share) + rowSum(x, x, V, [&](Vec a, Vec) { return a - largest; }) / V * share;
      value[r] = std::log(total) - expected;
    }
  });
}

/** dlogits = (softmax − p) dy, 0 where the target is negative */
void natsGrad(Context& context) {
  const Input logits = context.input(0), targets = context.input(1), smoothing = context.input(2);
  const Input top = context.input(3), sum = context.input(4), dy = context.input(5);
  const Rows rows(logits, targets, smoothing);
  for (const Input* each : {&top, &sum, &dy}) expectDims("top, sum and dy", each->dims, {rows.count});
  float* dx = context.output(0, logits.dims);
  const float share = *smoothing.data();
  const int64_t V = rows.classes;
  inShares(rows.count * V, V, [&](int64_t from, int64_t end) {
    for (int64_t r = from / V; r < end / V; r++) {
      const float* x = logits.data() + r * V;
      float* d = dx + r * V;
      const int32_t target = targets.data<int32_t>()[r];
      if (target < 0) {
        std::memset(d, 0, 4 * V);
        continue;
      }
      const float factor = dy.data()[r], largest = top.data()[r], inverse = 1 / sum.data()[r];
      for (int64_t c = 0; c < V; c += W) storeUpTo(d + c, (expv(loadUpTo(x + c, V - c) - largest) * inverse - share / V) * factor, V - c);
      d[target] -= (1 - share) * factor;
    }
  });
}

} // namespace

void registerNats() {
  registerOperation("LightnetNats", {"logits", "targets:int32", "smoothing"}, {"nats", "top", "sum"}, &compute<nats>);
  registerOperation("LightnetNatsGrad", {"logits", "targets:int32", "smoothing", "top", "sum", "dy"}, {"dlogits"}, &compute<natsGrad>);
}

} // namespace lightnet
