// What a kernel sees of TensorFlow: its inputs as arrays with their dims, its outputs to fill, and how it is registered.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tf_api.h"

namespace lightnet {

using Dims = std::vector<int64_t>;

inline int64_t sizeOf(const Dims& dims) {
  int64_t size = 1;
  for (const int64_t dim : dims) size *= dim;
  return size;
}

/** Thrown by kernels for inputs that do not fit together; TensorFlow then reports INVALID_ARGUMENT. */
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Input {
 public:
  explicit Input(TF_Tensor* tensor) : tensor_(tensor) {
    for (int i = 0; i < TF_NumDims(tensor); i++) dims.push_back(TF_Dim(tensor, i));
  }
  Input(const Input&) = delete;
  ~Input() { TF_DeleteTensor(tensor_); }

  template <typename T = float>
  const T* data() const { return static_cast<const T*>(TF_TensorData(tensor_)); }
  /** an input that was left out is an empty tensor */
  bool given() const { return sizeOf(dims) > 0; }

  Dims dims;

 private:
  TF_Tensor* tensor_;
};

class Context {
 public:
  explicit Context(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  Context(const Context&) = delete;
  ~Context() { TF_DeleteStatus(status_); }

  Input input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    if (TF_GetCode(status_) != TF_OK) throw BadInput(TF_Message(status_));
    return Input(tensor);
  }

  /** The elements of an output, not initialised. */
  float* output(int index, const Dims& dims) {
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, TF_FLOAT, dims.data(), static_cast<int>(dims.size()), 4 * sizeOf(dims), status_);
    if (TF_GetCode(status_) != TF_OK) throw BadInput(TF_Message(status_));
    float* data = static_cast<float*>(TF_TensorData(tensor));
    TF_DeleteTensor(tensor); // the context holds the buffer
    return data;
  }

  void fail(const char* message) {
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    TF_OpKernelContext_Failure(context_, status_);
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
};

/** @throws BadInput */
inline void expectDims(const char* name, const Dims& actual, const Dims& expected) {
  if (actual == expected) return;
  std::string message = std::string(name) + " must be [";
  for (const int64_t dim : expected) message += std::to_string(dim) + " ";
  message += "], got [";
  for (const int64_t dim : actual) message += std::to_string(dim) + " ";
  throw BadInput(message + "]");
}

using Kernel = void (*)(Context&);

template <Kernel kernel>
void compute(void*, TF_OpKernelContext* raw) {
  Context context(raw);
  try {
    kernel(context);
  } catch (const std::exception& error) {
    context.fail(error.what());
  }
}

/** Registers an operation of float inputs and outputs on the CPU. A name may end in ":int32". @throws BadInput TensorFlow refuses it */
void registerOperation(const char* name, const std::vector<const char*>& inputs, const std::vector<const char*>& outputs, void (*compute)(void*, TF_OpKernelContext*));

// One a file.
void registerAdditiveGlobal();
void registerAdditiveCausal();
void registerAdditiveStep();
void registerDecayScan();
void registerDecayGate();
void registerDecayStep();
void registerRows();
void registerAttention();
void registerAttentionGrad();
void registerAffineNorm();
void registerGates();
void registerRotation();
void registerNats();
void registerAdamw();
void registerHeadLayout();

} // namespace lightnet
