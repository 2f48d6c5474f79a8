// Engine `cpu`: the plain JavaScript backend of tfjs. Slow; a second opinion on correctness.

import { host } from "#host/current";
import type { Engine, RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { additiveStep, decayStep } from "./steps.ts";

const describe = () => ({
  kind: "cpu" as const,
  name: host.machine.processor,
  software: false,
  details: { backend: `tfjs-backend-cpu ${tf.version["tfjs-core"]}`, threads: 1 },
});

export const cpuEngine: Engine = {
  id: "cpu",
  title: "plain JavaScript",
  availability: () => Promise.resolve({ available: true, device: describe() }),

  async start(): Promise<RunningEngine> {
    await tf.setBackend("cpu");
    await tf.ready();
    // The backend's advice to install another one is not news here.
    (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
    return {
      id: "cpu",
      device: describe(),
      kernels: { additiveStep, decayStep },
      // Kernels run on the calling thread: when the call returns, the result is there.
      synchronise: () => Promise.resolve(),
      memory: () => ({ tensors: tf.memory().numTensors, tensorBytes: tf.memory().numBytes }),
      stop: () => Promise.resolve(),
    };
  },
};
