// Takes the place of tasks/image-generation/inception-features.ts in what a page loads: its weights are a file of 90 MB.

import { EnvironmentError } from "#base/errors";
import type {
  InceptionOptions,
  inceptionScoreNames as namesInNode,
  loadInceptionFeatures as loadInNode,
} from "#tasks/image-generation/inception-features";

export type { InceptionOptions };

export const loadInceptionFeatures: typeof loadInNode = () =>
  Promise.reject(new EnvironmentError("a page has no weights of Inception: judge by them in Node"));

export const inceptionScoreNames: typeof namesInNode = () => {
  throw new EnvironmentError("a page has no weights of Inception: judge by them in Node");
};
