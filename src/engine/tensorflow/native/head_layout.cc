// Heads out of a row of channels and back: [B, N, H·D] ↔ [B, H, N, D], a copy each way.

#include "ops.h"
#include "shares.h"

namespace lightnet {
namespace {

/** Rows of D numbers, [B, outer, inner, D] → [B, inner, outer, D] */
void swapRows(const float* from, float* to, int64_t B, int64_t outer, int64_t inner, int64_t D) {
  const int64_t unit = D * outer;
  inShares(B * inner * unit, unit, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin / unit; block < end / unit; block++) {
      const float* source = from + (block / inner * outer * inner + block % inner) * D;
      for (int64_t o = 0; o < outer; o++) std::memcpy(to + (block * outer + o) * D, source + o * inner * D, 4 * D);
    }
  });
}

/** x [B, N, C] or [B·N, C]; the second input is H and N. */
void split(Context& context) {
  const Input x = context.input(0), sizes = context.input(1);
  if (sizeOf(sizes.dims) != 2) throw BadInput("sizes must be heads and tokens");
  const int64_t H = static_cast<int64_t>(sizes.data()[0]), N = static_cast<int64_t>(sizes.data()[1]);
  if (x.dims.size() < 2 || H < 1 || x.dims.back() == 0 || x.dims.back() % H != 0) throw BadInput("x must be rows of C, a multiple of the heads");
  const int64_t rows = sizeOf(x.dims) / x.dims.back(), D = x.dims.back() / H;
  if (N < 1 || rows % N != 0) throw BadInput("the rows of x must be a multiple of the tokens");
  swapRows(x.data(), context.output(0, {rows / N, H, N, D}), rows / N, N, H, D);
}

/** Gives [B·N, C] where there is a second input, else [B, N, C]. */
void merge(Context& context) {
  const Input x = context.input(0), flat = context.input(1);
  if (x.dims.size() != 4) throw BadInput("x must be [B H N D]");
  const int64_t B = x.dims[0], H = x.dims[1], N = x.dims[2], D = x.dims[3];
  swapRows(x.data(), context.output(0, flat.given() ? Dims{B * N, H * D} : Dims{B, N, H * D}), B, H, N, D);
}

} // namespace

void registerHeadLayout() {
  registerOperation("LightnetSplitHeads", {"x", "sizes"}, {"y"}, &compute<split>);
  registerOperation("LightnetMergeHeads", {"x", "flat"}, {"y"}, &compute<merge>);
}

} // namespace lightnet
