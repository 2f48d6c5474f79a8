// Engine `tensorflow`: the native TensorFlow of @tensorflow/tfjs-node-gpu, on the CPU or on CUDA. `npm run
// setup:tensorflow` installs it: the package's own installer fetches a library that is no longer there.

import { EnvironmentError, describeError } from "#base/errors";
import type { Availability, DeviceDescription, Engine, EngineOptions, RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { attentionInBlocks } from "./attention-blocks.ts";
import { registerBackend } from "./backend.ts";
import { type Binding, loadBinding } from "./binding.ts";
import { useFastCumsum } from "./cumsum.ts";
import { type Target, describeDevice, prepareDevice } from "./device.ts";
import { nativeKernels } from "./fused.ts";
import { findInstallation } from "./installation.ts";
import type { InstructionSet } from "./instruction-sets.ts";
import { loadNative } from "./native.ts";
import { useSmallKernels } from "./small-kernels.ts";

interface Loaded {
  readonly binding: Binding;
  readonly target: Target;
  /** of our own kernels; undefined on a GPU and where there are none */
  readonly native: InstructionSet | undefined;
}

let loaded: Loaded | undefined;

/** TensorFlow reads its settings once, so that a process keeps the device it began with. */
function load(options: EngineOptions): Loaded {
  if (loaded !== undefined) return loaded;
  const installation = findInstallation();
  if ("reason" in installation) throw new EnvironmentError(installation.reason);
  const target = prepareDevice(installation, options);
  const binding = loadBinding(installation.binding);
  registerBackend(binding, installation.packageFolder);
  useSmallKernels(binding);
  const onGpu = binding.isUsingGpuDevice();
  if (!onGpu) useFastCumsum();
  loaded = { binding, target, native: onGpu ? undefined : loadNative(installation.folder) };
  return loaded;
}

function deviceOf(options: EngineOptions): DeviceDescription {
  const { binding, target, native } = load(options);
  return describeDevice(target, {
    version: binding.TF_Version,
    onGpu: binding.isUsingGpuDevice(),
    kernels: native ?? "none",
  });
}

/** Reads one element: on CUDA a kernel is only queued when its call returns, and the copy waits for the queue. */
function readOne(tensor: tf.Tensor): Promise<unknown> {
  const element = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), [0], [Math.min(1, tensor.size)]));
  return element.data().finally(() => {
    element.dispose();
  });
}

export const tensorflowEngine: Engine = {
  id: "tensorflow",
  title: "native TensorFlow",

  availability(options): Promise<Availability> {
    try {
      return Promise.resolve({ available: true, device: deviceOf(options) });
    } catch (error) {
      return Promise.resolve({
        available: false,
        reason: error instanceof EnvironmentError ? error.message : describeError(error),
      });
    }
  },

  async start(options): Promise<RunningEngine> {
    const device = deviceOf(options);
    if (!(await tf.setBackend("tensorflow")))
      throw new EnvironmentError("TensorFlow.js refused the tensorflow backend.");
    await tf.ready();
    return {
      id: "tensorflow",
      device,
      kernels: loaded?.native === undefined ? { attention: attentionInBlocks } : nativeKernels,
      // On the CPU TensorFlow's eager mode, as the binding starts it, returns from a call when its kernel has
      // finished; on a GPU only a read waits. The package's own tf.time waits in neither case.
      synchronise: async (tensor) => {
        if (device.kind === "gpu") await readOne(tensor);
      },
      memory: () => ({ tensors: tf.memory().numTensors, tensorBytes: tf.memory().numBytes }),
      stop: () => Promise.resolve(),
    };
  },
};
