// Pairs of channels turned by angles, with the gradients by the channels and by the angles' cosines and sines.
//
// x [B, H, N, 2P] of halves (x1, x2); cos, sin [1, H, N, P] or [1, 1, N, P], and rows of the table that serve several heads sum theirs.

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

struct Turned {
  int64_t batch, rows, tableRows, pairs; // rows of H·N; of the table as many, or N

  Turned(const Dims& x, const Dims& table) {
    if (x.size() != 4 || table.size() != 4 || x[3] % 2 != 0) throw BadInput("a rotation needs x [B H N 2P] and tables [1 H N P]");
    const Dims expected = {1, table[1] == 1 ? 1 : x[1], x[2], x[3] / 2};
    expectDims("cos", table, expected);
    batch = x[0], rows = x[1] * x[2], tableRows = table[1] * table[2], pairs = x[3] / 2;
  }
};

/** (x1, x2) → (x1 cos − x2 sin, x2 cos + x1 sin); back where `sign` is −1 */
void turn(const float* x, const float* cos, const float* sin, float* y, const Turned& by, float sign) {
  const int64_t P = by.pairs;
  inShares(by.batch * by.rows * 2 * P, 2 * P, [&](int64_t from, int64_t end) {
    for (int64_t at = from; at < end; at += 2 * P) {
      const int64_t table = at / (2 * P) % by.rows % by.tableRows * P;
      for (int64_t c = 0; c < P; c += W) {
        const int64_t lanes = P - c;
        const Vec a = loadUpTo(x + at + c, lanes), b = loadUpTo(x + at + P + c, lanes);
        const Vec along = loadUpTo(cos + table + c, lanes), across = loadUpTo(sin + table + c, lanes) * sign;
        storeUpTo(y + at + c, a * along - b * across, lanes);
        storeUpTo(y + at + P + c, b * along + a * across, lanes);
      }
    }
  });
}

void rotate(Context& context) {
  const Input x = context.input(0), cos = context.input(1), sin = context.input(2);
  const Turned by(x.dims, cos.dims);
  expectDims("sin", sin.dims, cos.dims);
  turn(x.data(), cos.data(), sin.data(), context.output(0, x.dims), by, 1);
}

/** dx is dy turned back; dcos = Σ x1 dy1 + x2 dy2, dsin = Σ x1 dy2 − x2 dy1, over the batch and the heads that share a row. */
void rotateGrad(Context& context) {
  const Input x = context.input(0), cos = context.input(1), sin = context.input(2), dy = context.input(3), wanted = context.input(4);
  const Turned by(x.dims, cos.dims);
  expectDims("sin", sin.dims, cos.dims);
  expectDims("dy", dy.dims, x.dims);
  turn(dy.data(), cos.data(), sin.data(), context.output(0, x.dims), by, -1);
  const bool ofTables = wanted.given();
  float* dCos = context.output(1, ofTables ? cos.dims : Dims{0});
  float* dSin = context.output(2, ofTables ? cos.dims : Dims{0});
  if (!ofTables) return;
  const int64_t P = by.pairs, copies = by.batch * by.rows / by.tableRows;
  // A share has rows of the table for itself, whatever the number of threads: the sums have one order.
  const int64_t unit = P * copies;
  inShares(by.tableRows * unit, unit, [&](int64_t from, int64_t end) {
    for (int64_t row = from / unit; row < end / unit; row++) {
      for (int64_t c = 0; c < P; c += W) {
        const int64_t lanes = P - c;
        Vec along{}, across{};
        for (int64_t copy = 0; copy < copies; copy++) {
          const int64_t at = (copy * by.tableRows + row) * 2 * P + c;
          const Vec a = loadUpTo(x.data() + at, lanes), b = loadUpTo(x.data() + at + P, lanes);
          const Vec da = loadUpTo(dy.data() + at, lanes), db = loadUpTo(dy.data() + at + P, lanes);
          along += a * da + b * db;
          across += a * db - b * da;
        }
        storeUpTo(dCos + row * P + c, along, lanes);
        storeUpTo(dSin + row * P + c, across, lanes);
      }
    }
  });
}

} // namespace

void registerRotation() {
  registerOperation("LightnetRotate", {"x", "cos", "sin"}, {"y"}, &compute<rotate>);
  registerOperation("LightnetRotateGrad", {"x", "cos", "sin", "dy", "wanted"}, {"dx", "dcos", "dsin"}, &compute<rotateGrad>);
}

} // namespace lightnet
