// Heads as the kernels see them: rows padded to whole vectors. Where nothing is to pad, the tensors themselves.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "ops.h"
#include "vec.h"

namespace lightnet {

inline int padded(int size) { return (size + PAD - 1) / PAD * PAD; }

/** Floats at a cache line, not initialised: a vector would fill what is overwritten anyway. */
class Scratch {
 public:
  explicit Scratch(size_t size) : data_(static_cast<float*>(std::aligned_alloc(64, (4 * size + 63) / 64 * 64))) {
    if (data_ == nullptr && size > 0) throw std::bad_alloc();
  }
  float* data() const { return data_.get(); }
  float& operator[](size_t i) const { return data_[i]; }

 private:
  struct Free {
    void operator()(float* data) const { std::free(data); }
  };
  std::unique_ptr<float[], Free> data_;
};

struct Sizes {
  int G, N, D, E;
  int Dp, Ep;
};

/** @throws BadInput for tensors of other ranks */
inline Sizes sizesOf(const Input& q, const Input& v) {
  if (q.dims.size() != 3 || v.dims.size() != 3) throw BadInput("expected tensors of rank 3");
  const int G = static_cast<int>(q.dims[0]), N = static_cast<int>(q.dims[1]), D = static_cast<int>(q.dims[2]), E = static_cast<int>(v.dims[2]);
  return {G, N, D, E, padded(D), padded(E)};
}

/** Rows of one head to read: in place, or copied with zeros at their ends. */
class ReadRows {
 public:
  ReadRows(const float* from, int rows, int width, int paddedWidth) : data(from) {
    if (from == nullptr || width == paddedWidth) return;
    copy_.assign(static_cast<size_t>(rows) * paddedWidth, 0.f);
    for (int i = 0; i < rows; i++) std::memcpy(&copy_[static_cast<size_t>(i) * paddedWidth], from + static_cast<size_t>(i) * width, 4 * width);
    data = copy_.data();
  }
  ReadRows(const ReadRows&) = delete;
  operator const float*() const { return data; }

 private:
  const float* data;
  std::vector<float> copy_;
};

/** Rows of one head to write: in place, or aside until `finish`. */
class WriteRows {
 public:
  WriteRows(float* to, int rows, int width, int paddedWidth) : to_(to), rows_(rows), width_(width), padded_(paddedWidth), data(to) {
    if (to == nullptr || width == paddedWidth) return;
    copy_.resize(static_cast<size_t>(rows) * paddedWidth);
    data = copy_.data();
  }
  WriteRows(const WriteRows&) = delete;
  ~WriteRows() {
    if (data == to_) return;
    for (int i = 0; i < rows_; i++) std::memcpy(to_ + static_cast<size_t>(i) * width_, data + static_cast<size_t>(i) * padded_, 4 * width_);
  }
  operator float*() const { return data; }

 private:
  float* to_;
  int rows_, width_, padded_;
  float* data;
  std::vector<float> copy_;
};

/** Row i of an optional input of `size` elements a head. */
inline const float* headOf(const Input& input, int i, int64_t size) { return input.given() ? input.data() + i * size : nullptr; }

} // namespace lightnet
