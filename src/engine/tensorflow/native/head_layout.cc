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

/** The second input is H. */
void split(Context& context) {
  const Input x = context.input(0), heads = context.input(1);
  if (sizeOf(heads.dims) != 1) throw BadInput("heads must be one number");
  const int64_t H = static_cast<int64_t>(*heads.data());
  if (x.dims.size() != 3 || H < 1 || x.dims[2] % H != 0) throw BadInput("x must be [B N C] with C a multiple of the heads");
  const int64_t B = x.dims[0], N = x.dims[1], D = x.dims[2] / H;
  swapRows(x.data(), context.output(0, {B, H, N, D}), B, N, H, D);
}

void merge(Context& context) {
  const Input x = context.input(0);
  if (x.dims.size() != 4) throw BadInput("x must be [B H N D]");
  const int64_t B = x.dims[0], H = x.dims[1], N = x.dims[2], D = x.dims[3];
  swapRows(x.data(), context.output(0, {B, N, H * D}), B, H, N, D);
}

} // namespace

void registerHeadLayout() {
  registerOperation("LightnetSplitHeads", {"x", "heads"}, {"y"}, &compute<split>);
  registerOperation("LightnetMergeHeads", {"x"}, {"y"}, &compute<merge>);
}

} // namespace lightnet
