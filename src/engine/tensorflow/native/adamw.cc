// AdamW on flat vectors: the norm of the gradient in one pass, everything else in a second.

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

/** As the last input lists them. */
struct Settings {
  float beta1, beta2;   // memory of the moments
  float rate;           // η / (1 − β1^t)
  float secondScale;    // 1 / (1 − β2^t)
  float epsilon;
  float decay;          // η λ
  float clipNorm;       // 0: none
  float averageDecay;   // of the moving average, where there is one
};

/** √Σ g², summed in shares and then over the shares, in the same order for any number of threads */
float normOf(const float* g, int64_t size) {
  std::vector<double> sums((size + SHARE - 1) / SHARE);
  inShares(size, W, [&](int64_t from, int64_t end) {
    sums[from / SHARE] = rowSum(g + from, g + from, end - from, [](Vec a, Vec) { return a * a; });
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return static_cast<float>(std::sqrt(total));
}

/** w ← w − rate m / (√(secondScale v) + ε) − decay·D w, after m and v took in the clipped gradient; the average follows w. */
void adamw(Context& context) {
  const Input gradient = context.input(0), weights = context.input(1), first = context.input(2), second = context.input(3);
  const Input decayed = context.input(4), average = context.input(5), given = context.input(6);
  if (sizeOf(given.dims) * 4 != sizeof(Settings)) throw BadInput("settings must be eight numbers");
  for (const Input* each : {&weights, &first, &second, &decayed}) expectDims("weights, moments and decayed", each->dims, gradient.dims);
  if (average.given()) expectDims("average", average.dims, gradient.dims);
  Settings by;
  std::memcpy(&by, given.data(), sizeof by);
  const int64_t size = sizeOf(gradient.dims);
  const float norm = normOf(gradient.data(), size);
  *context.output(0, {}) = norm;
  float *w = context.output(1, gradient.dims), *m = context.output(2, gradient.dims), *v = context.output(3, gradient.dims);
  float* a = context.output(4, average.given() ? gradient.dims : Dims{0});
  const float clip = by.clipNorm == 0 ? 1 : std::min(1.f, by.clipNorm / (norm + 1e-6f));
  inShares(size, W, [&](int64_t from, int64_t end) {
    for (int64_t i = from; i < end; i += W) {
      const int64_t lanes = end - i;
      const Vec g = loadUpTo(gradient.data() + i, lanes) * clip, old = loadUpTo(weights.data() + i, lanes);
      const Vec mean = loadUpTo(first.data() + i, lanes) * by.beta1 + g * (1 - by.beta1);
      const Vec square = loadUpTo(second.data() + i, lanes) * by.beta2 + g * g * (1 - by.beta2);
      const Vec root = squareRoot(square * by.secondScale) + by.epsilon;
      const Vec next = old - mean / root * by.rate - old * loadUpTo(decayed.data() + i, lanes) * by.decay;
      storeUpTo(w + i, next, lanes);
      storeUpTo(m + i, mean, lanes);
      storeUpTo(v + i, square, lanes);
      if (average.given()) storeUpTo(a + i, loadUpTo(average.data() + i, lanes) * by.averageDecay + next * (1 - by.averageDecay), lanes);
    }
  });
}

} // namespace

void registerAdamw() {
  registerOperation("LightnetAdamW", {"gradient", "weights", "first", "second", "decayed", "average", "settings"}, {"norm", "weights_next", "first_next", "second_next", "average_next"}, &compute<adamw>);
}

} // namespace lightnet
