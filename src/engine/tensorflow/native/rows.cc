// Activations and norms of a training step in one pass each, where TensorFlow's operations take five to seven.

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

INLINE Vec sigmoid(Vec x) { return 1.f / (1.f + expv(-x)); }

/** to[i] = f(x[i], y[i]) */
template <typename F>
void elementwise(const float* x, const float* y, float* to, int64_t size, const F& f) {
  inShares(size, W, [&](int64_t from, int64_t end) {
    for (int64_t i = from; i < end; i += W) storeUpTo(to + i, f(loadUpTo(x + i, end - i), loadUpTo(y + i, end - i)), end - i);
  });
}

/** x σ(x) */
void silu(Context& context) {
  const Input x = context.input(0);
  float* y = context.output(0, x.dims);
  elementwise(x.data(), x.data(), y, sizeOf(x.dims), [](Vec a, Vec) { return a * sigmoid(a); });
}

/** dx = dy (σ + xσ(1 − σ)) */
void siluGrad(Context& context) {
  const Input x = context.input(0), dy = context.input(1);
  expectDims("dy", dy.dims, x.dims);
  float* dx = context.output(0, x.dims);
  elementwise(x.data(), dy.data(), dx, sizeOf(x.dims), [](Vec a, Vec d) {
    const Vec gate = sigmoid(a);
    return d * gate * (1.f + a * (1.f - gate));
  });
}

/** Rows of the last axis, and how many floats each has. @throws BadInput for a scalar or empty rows */
int64_t rowLength(const Dims& dims) {
  if (dims.empty() || dims.back() == 0) throw BadInput("a norm needs a last axis with elements");
  return dims.back();
}

/** y = (x − mean) / σ, or x / rms; scale [..., 1] = 1 / σ. The third input is ε. */
template <bool centred>
void norm(Context& context) {
  const Input x = context.input(0), epsilon = context.input(1);
  if (sizeOf(epsilon.dims) != 1) throw BadInput("epsilon must be one number");
  const int64_t width = rowLength(x.dims), rows = sizeOf(x.dims) / width;
  Dims scales = x.dims;
  scales.back() = 1;
  float* y = context.output(0, x.dims);
  float* scale = context.output(1, scales);
  const float small = *epsilon.data();
  inShares(rows * width, width, [&](int64_t from, int64_t end) {
    for (int64_t at = from; at < end; at += width) {
      const float* row = x.data() + at;
      const Vec mean = splat(centred ? rowSum(row, row, width, [](Vec a, Vec) { return a; }) / width : 0.f);
      const float variance = rowSum(row, row, width, [&](Vec a, Vec) { return (a - mean) * (a - mean); }) / width;
      const float inverse = 1 / std::sqrt(variance + small);
      for (int64_t c = 0; c < width; c += W) storeUpTo(y + at + c, (loadUpTo(row + c, width - c) - mean) * inverse, width - c);
      scale[at / width] = inverse;
    }
  });
}

/** dx = (dy − mean(dy) − y mean(dy ∘ y)) / σ; without centring the middle term is gone */
template <bool centred>
void normGrad(Context& context) {
  const Input y = context.input(0), scale = context.input(1), dy = context.input(2);
  const int64_t width = rowLength(y.dims), rows = sizeOf(y.dims) / width;
  expectDims("dy", dy.dims, y.dims);
  Dims scales = y.dims;
  scales.back() = 1;
  expectDims("scale", scale.dims, scales);
  float* dx = context.output(0, y.dims);
  inShares(rows * width, width, [&](int64_t from, int64_t end) {
    for (int64_t at = from; at < end; at += width) {
      const float *out = y.data() + at, *d = dy.data() + at;
      const Vec along = splat(rowSum(out, d, width, [](Vec a, Vec b) { return a * b; }) / width);
      const Vec across = splat(centred ? rowSum(d, d, width, [](Vec a, Vec) { return a; }) / width : 0.f);
      const float factor = scale.data()[at / width];
      for (int64_t c = 0; c < width; c += W) {
        const Vec gradient = loadUpTo(d + c, width - c) - across - loadUpTo(out + c, width - c) * along;
        storeUpTo(dx + at + c, gradient * factor, width - c);
      }
    }
  });
}

} // namespace

void registerRows() {
  registerOperation("LightnetSilu", {"x"}, {"y"}, &compute<silu>);
  registerOperation("LightnetSiluGrad", {"x", "dy"}, {"dx"}, &compute<siluGrad>);
  registerOperation("LightnetLayerNorm", {"x", "epsilon"}, {"y", "scale"}, &compute<norm<true>>);
  registerOperation("LightnetLayerNormGrad", {"y", "scale", "dy"}, {"dx"}, &compute<normGrad<true>>);
  registerOperation("LightnetRmsNorm", {"x", "epsilon"}, {"y", "scale"}, &compute<norm<false>>);
  registerOperation("LightnetRmsNormGrad", {"y", "scale", "dy"}, {"dx"}, &compute<normGrad<false>>);
}

} // namespace lightnet
