// Takes the place of engine/tensorflow/engine.ts in what a page loads: native TensorFlow is a library of Node's.

import { EnvironmentError } from "#base/errors";
import type { Engine } from "#engine/engine";

const reason = "native TensorFlow does not run in a browser";

export const tensorflowEngine: Engine = {
  id: "tensorflow",
  title: "native TensorFlow",
  availability: () => Promise.resolve({ available: false, reason }),
  start: () => Promise.reject(new EnvironmentError(reason)),
};
