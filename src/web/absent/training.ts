// Takes the place of runner/workloads/training.ts in what a page loads: data sets and checkpoints are files.

import { EnvironmentError } from "#base/errors";
import type { Workload } from "#runner/workloads/workload";

export const measureTraining: Workload = () =>
  Promise.reject(new EnvironmentError("a page does not train models yet: run this suite in Node"));
