// Layer norm with gain and bias in one pass each way. The normed row is formed again from x for the gradients.
//
// x [..., C]; gain, bias of G·C numbers: the rows of x are G groups one after the other, and each group has its own.

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

struct Groups {
  int64_t width, rows, rowsEach, chunkRows, chunksEach, chunks;

  Groups(const Dims& x, const Dims& gain, const Dims& bias) {
    if (x.empty() || x.back() == 0) throw BadInput("a norm needs a last axis with elements");
    expectDims("bias", bias, gain);
    width = x.back(), rows = sizeOf(x) / width;
    const int64_t groups = sizeOf(gain) / width;
    if (gain.empty() || gain.back() != width || groups == 0 || rows % groups != 0) throw BadInput("gain must have rows of x's width, one for equally many rows of x");
    rowsEach = rows / groups;
    // A chunk lies within a group, so that its sums of gradients are that group's.
    chunkRows = std::min(std::max<int64_t>(1, rowsEach), std::max<int64_t>(1, SHARE / width));
    chunksEach = (rowsEach + chunkRows - 1) / chunkRows;
    chunks = chunksEach * groups;
  }

  /** run(row, end, group) of a chunk */
  template <typename Run>
  void chunk(int64_t index, const Run& run) const {
    const int64_t group = index / chunksEach, first = index % chunksEach * chunkRows;
    run(group * rowsEach + first, group * rowsEach + std::min(rowsEach, first + chunkRows), group);
  }
};

/** y = gain (x − mean) / σ + bias; mean and scale = 1 / σ of each row. The fourth input is ε. */
void affineNorm(Context& context) {
  const Input x = context.input(0), gain = context.input(1), bias = context.input(2), epsilon = context.input(3);
  const Groups groups(x.dims, gain.dims, bias.dims);
  if (sizeOf(epsilon.dims) != 1) throw BadInput("epsilon must be one number");
  Dims each = x.dims;
  each.back() = 1;
  float *y = context.output(0, x.dims), *means = context.output(1, each), *scales = context.output(2, each);
  const float small = *epsilon.data();
  const int64_t C = groups.width;
  parallelFor(static_cast<int>(groups.chunks), [&](int index) {
    groups.chunk(index, [&](int64_t from, int64_t end, int64_t group) {
      for (int64_t r = from; r < end; r++) {
        const float* row = x.data() + r * C;
        const float mean = rowSum(row, row, C, [](Vec a, Vec) { return a; }) / C;
        const float variance = rowSum(row, row, C, [&](Vec a, Vec) { return (a - mean) * (a - mean); }) / C;
        const float scale = 1 / std::sqrt(variance + small);
        for (int64_t c = 0; c < C; c += W) {
          const Vec times = loadUpTo(gain.data() + group * C + c, C - c), plus = loadUpTo(bias.data() + group * C + c, C - c);
          storeUpTo(y + r * C + c, (loadUpTo(row + c, C - c) - mean) * scale * times + plus, C - c);
        }
        means[r] = mean;
        scales[r] = scale;
      }
    });
  });
}

/**
 * With n = (x − mean) / σ and d = gain dy: dx = (d − mean(d) − n mean(d n)) / σ, dgain = Σ dy n, dbias = Σ dy over the rows of a
 * group. Sums are taken chunk by chunk and then over the chunks, in the same order for any number of threads.
 */
void affineNormGrad(Context& context) {
  const Input x = context.input(0), gain = context.input(1), means = context.input(2), scales = context.input(3), dy = context.input(4);
  const Groups groups(x.dims, gain.dims, gain.dims);
  expectDims("dy", dy.dims, x.dims);
  float *dx = context.output(0, x.dims), *dGain = context.output(1, gain.dims), *dBias = context.output(2, gain.dims);
  const int64_t C = groups.width, line = (C + PAD - 1) / PAD * PAD;
  std::vector<float> sums(groups.chunks * 2 * line);
  parallelFor(static_cast<int>(groups.chunks), [&](int index) {
    float *ofGain = sums.data() + index * 2 * line, *ofBias = ofGain + line;
    groups.chunk(index, [&](int64_t from, int64_t end, int64_t group) {
      const float* times = gain.data() + group * C;
      for (int64_t r = from; r < end; r++) {
        const float *row = x.data() + r * C, *d = dy.data() + r * C;
        const float mean = means.data()[r], scale = scales.data()[r];
        Vec across{}, along{};
        for (int64_t c = 0; c < C; c += W) {
          const int64_t lanes = C - c;
          const Vec cotangent = loadUpTo(d + c, lanes), gained = cotangent * loadUpTo(times + c, lanes);
          const Vec normed = (loadUpTo(row + c, lanes) - mean) * scale; // beyond the row times a cotangent of 0
          across += gained;
          along += gained * normed;
          store(ofGain + c, load(ofGain + c) + cotangent * normed);
          store(ofBias + c, load(ofBias + c) + cotangent);
        }
        const float meanAcross = sumLanes(across) / C, meanAlong = sumLanes(along) / C;
        for (int64_t c = 0; c < C; c += W) {
          const int64_t lanes = C - c;
          const Vec normed = (loadUpTo(row + c, lanes) - mean) * scale;
          storeUpTo(dx + r * C + c, (loadUpTo(d + c, lanes) * loadUpTo(times + c, lanes) - meanAcross - normed * meanAlong) * scale, lanes);
        }
      }
    });
  });
  for (int64_t group = 0; group * groups.chunksEach < groups.chunks; group++) {
    for (int64_t c = 0; c < C; c++) {
      float ofGain = 0, ofBias = 0;
      for (int64_t i = group * groups.chunksEach; i < (group + 1) * groups.chunksEach; i++) {
        ofGain += sums[i * 2 * line + c];
        ofBias += sums[i * 2 * line + line + c];
      }
      dGain[group * C + c] = ofGain;
      dBias[group * C + c] = ofBias;
    }
  }
}

} // namespace

void registerAffineNorm() {
  registerOperation("LightnetAffineNorm", {"x", "gain", "bias", "epsilon"}, {"y", "mean", "scale"}, &compute<affineNorm>);
  registerOperation("LightnetAffineNormGrad", {"x", "gain", "mean", "scale", "dy"}, {"dx", "dgain", "dbias"}, &compute<affineNormGrad>);
}

} // namespace lightnet
