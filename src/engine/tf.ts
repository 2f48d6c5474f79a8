// The one door to TensorFlow.js. The union package registers the gradients, which tfjs-core alone lacks in Node.

export * from "@tensorflow/tfjs";
