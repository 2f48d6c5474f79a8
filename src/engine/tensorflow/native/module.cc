// The Node-API module: loading it registers our operations with the TensorFlow that is loaded already.

#include <node_api.h>

#include "ops.h"
#include "vec.h"

namespace lightnet {

void registerOperation(const char* name, const std::vector<const char*>& inputs, const std::vector<const char*>& outputs, void (*compute)(void*, TF_OpKernelContext*)) {
  const auto declared = [](const char* argument) {
    const std::string text = argument;
    return text.find(':') == std::string::npos ? text + ": float" : text;
  };
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, declared(input).c_str());
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, declared(output).c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, &TF_ShapeInferenceContextSetUnknownShape);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", nullptr, compute, nullptr), status);
  }
  const std::string message = TF_GetCode(status) == TF_OK ? "" : std::string(name) + ": " + TF_Message(status);
  TF_DeleteStatus(status);
  if (!message.empty()) throw BadInput(message);
}

} // namespace lightnet

static napi_value init(napi_env env, napi_value exports) {
  static bool registered = false; // a worker thread loads the module again
  try {
    if (!registered) {
      lightnet::registerAdditiveGlobal();
      lightnet::registerAdditiveCausal();
      lightnet::registerAdditiveStep();
      lightnet::registerDecayScan();
      lightnet::registerDecayGate();
      lightnet::registerDecayStep();
      lightnet::registerRows();
      lightnet::registerAttention();
      lightnet::registerAttentionGrad();
      lightnet::registerAffineNorm();
      lightnet::registerGates();
      lightnet::registerRotation();
      lightnet::registerNats();
      lightnet::registerAdamw();
      lightnet::registerHeadLayout();
      registered = true;
    }
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
    return exports;
  }
  napi_value lanes;
  napi_create_int32(env, lightnet::W, &lanes);
  napi_set_named_property(env, exports, "lanes", lanes);
  return exports;
}

NAPI_MODULE(lightnet_kernels, init)
