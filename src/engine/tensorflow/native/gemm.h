// Products of blocks that lie in the caches: C (+)= A B with C's tile in registers. B's rows are contiguous and whole vectors;
// A is read element by element through its strides, so that it and its transpose need no packing.
#pragma once
#include <cstddef>

#include "vec.h"

namespace lightnet {

struct Strided {
  const float* data;
  std::ptrdiff_t row, depth; // element (i, p) at data[i·row + p·depth]
};

// 6 × 4 sums, a row of B and one element of A fill 29 of AVX-512's 32 registers; 6 × 2 fill 15 of AVX2's 16.
constexpr int ROWS = 6;
constexpr int VECTORS = W == 16 ? 4 : 2;

/** Rows 0 … R − 1 of A B [K, V · W], in registers; finish(i, j, sum) takes row i's vector j. */
template <int R, int V, typename Finish>
INLINE void product(Strided a, const float* b, std::ptrdiff_t bLine, int K, const Finish& finish) {
  Vec sums[R][V];
#pragma GCC unroll 12
  for (int i = 0; i < R; i++)
    for (int j = 0; j < V; j++) sums[i][j] = Vec{};
#pragma GCC unroll 4 // fewer ends of short loops to predict, and addresses once for four
  for (int p = 0; p < K; p++) {
    Vec row[V];
#pragma GCC unroll 4
    for (int j = 0; j < V; j++) row[j] = load(b + j * W);
#pragma GCC unroll 12
    for (int i = 0; i < R; i++) {
      const Vec x = splat(a.data[i * a.row]);
#pragma GCC unroll 4
      for (int j = 0; j < V; j++) sums[i][j] += x * row[j];
    }
    a.data += a.depth;
    b += bLine;
  }
#pragma GCC unroll 12
  for (int i = 0; i < R; i++)
#pragma GCC unroll 4
    for (int j = 0; j < V; j++) finish(i, j, sums[i][j]);
}

/** What is there is added last: a long sum in parts is rounded less often. */
template <int R, int V>
INLINE void tile(Strided a, const float* b, std::ptrdiff_t bLine, int K, float* c, std::ptrdiff_t cLine, bool add) {
  if (add)
    product<R, V>(a, b, bLine, K, [&](int i, int j, Vec sum) { store(c + i * cLine + j * W, load(c + i * cLine + j * W) + sum); });
  else
    product<R, V>(a, b, bLine, K, [&](int i, int j, Vec sum) { store(c + i * cLine + j * W, sum); });
}

template <int V>
void columns(Strided a, const float* b, std::ptrdiff_t bLine, float* c, std::ptrdiff_t cLine, int M, int K, bool add) {
  int i = 0;
  for (; i + ROWS <= M; i += ROWS) tile<ROWS, V>({a.data + i * a.row, a.row, a.depth}, b, bLine, K, c + i * cLine, cLine, add);
  const Strided rest{a.data + i * a.row, a.row, a.depth};
  switch (M - i) {
    case 5: return tile<5, V>(rest, b, bLine, K, c + i * cLine, cLine, add);
    case 4: return tile<4, V>(rest, b, bLine, K, c + i * cLine, cLine, add);
    case 3: return tile<3, V>(rest, b, bLine, K, c + i * cLine, cLine, add);
    case 2: return tile<2, V>(rest, b, bLine, K, c + i * cLine, cLine, add);
    case 1: return tile<1, V>(rest, b, bLine, K, c + i * cLine, cLine, add);
  }
}

/** C [M, N] = A [M, K] B [K, N], or C += A B. N is a multiple of PAD. */
inline void gemm(Strided a, const float* b, std::ptrdiff_t bLine, float* c, std::ptrdiff_t cLine, int M, int N, int K, bool add) {
  int j = 0;
  for (; j + VECTORS * W <= N; j += VECTORS * W) columns<VECTORS>(a, b + j, bLine, c + j, cLine, M, K, add);
  for (; j < N; j += W) columns<1>(a, b + j, bLine, c + j, cLine, M, K, add);
}

/** [rows, columns] → [columns, rows] */
inline void transpose(const float* from, float* to, int rows, int columns) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
}

} // namespace lightnet
