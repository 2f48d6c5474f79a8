// Which device TensorFlow gets, decided before it is loaded, and how it is described.

import { EnvironmentError } from "#base/errors";
import { host } from "#host/current";
import type { DeviceDescription, EngineOptions } from "../engine.ts";
import { type Installation, SET_UP } from "./installation.ts";
import { type NvidiaGpu, chooseGpu, listGpus } from "./nvidia.ts";
import { type Settings, applySettings } from "./settings.ts";

export interface Target {
  readonly settings: Settings;
  readonly packageVersion: string;
  /** a GPU was asked for, by the set-up or by name: without one the engine is not available */
  readonly wantsGpu: boolean;
  readonly gpu?: NvidiaGpu;
}

/** What is looked at and changed: this process and this machine, or a test's. */
export interface Surroundings {
  readonly variables: Record<string, string | undefined>;
  readonly listGpus: () => readonly NvidiaGpu[];
}

/**
 * Sets TensorFlow's and CUDA's variables for the wanted device. A library with CUDA uses one GPU: the binding gives its
 * tensors to the last that it sees, while operations go to the first.
 *
 * @throws {EnvironmentError} a GPU was asked for and there is none, or the library has no CUDA
 */
export function prepareDevice(
  installation: Installation,
  options: EngineOptions,
  surroundings: Surroundings = { variables: process.env, listGpus },
): Target {
  const { variables } = surroundings;
  const settings = applySettings(variables);
  const target = { settings, packageVersion: installation.packageVersion };
  const hasCuda = installation.manifest?.gpu ?? true; // unknown for a copy of the user
  if (options.gpuAdapter !== undefined && !hasCuda) {
    throw new EnvironmentError(
      `a GPU was asked for ("${options.gpuAdapter}"), but this TensorFlow was set up without CUDA. Run \`${SET_UP} -- --gpu\`.`,
    );
  }
  const visible = variables["CUDA_VISIBLE_DEVICES"];
  const hidden = visible !== undefined && ["", "-1", "none"].includes(visible.trim().toLowerCase());
  if (!hasCuda || (hidden && options.gpuAdapter === undefined)) return { ...target, wantsGpu: false };
  const gpu = chooseGpu(surroundings.listGpus(), options.gpuAdapter ?? "", visible);
  const wantsGpu = installation.manifest !== undefined || options.gpuAdapter !== undefined;
  if (gpu === undefined) {
    if (wantsGpu) throw new EnvironmentError(noGpu(options.gpuAdapter, visible));
    return { ...target, wantsGpu };
  }
  variables["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
  variables["CUDA_VISIBLE_DEVICES"] = gpu.uuid;
  return { ...target, wantsGpu, gpu };
}

function noGpu(wanted: string | undefined, visible: string | undefined): string {
  const named =
    wanted === undefined || wanted === "" ? "no CUDA device" : `no CUDA device whose name contains "${wanted}"`;
  const seen = visible === undefined ? "" : ` among CUDA_VISIBLE_DEVICES=${visible}`;
  return `${named}${seen} (nvidia-smi lists none that fits). Mend the NVIDIA driver, or use the CPU: \`${SET_UP}\` without --gpu, or CUDA_VISIBLE_DEVICES=-1.`;
}

export interface Observed {
  /** of the library, as it says itself */
  readonly version: string;
  readonly onGpu: boolean;
  /** instruction set of our own kernels, or "none" */
  readonly kernels: string;
}

/**
 * The device as records name it.
 *
 * @throws {EnvironmentError} a GPU was asked for and TensorFlow did not take it
 */
export function describeDevice(
  { settings, packageVersion, wantsGpu, gpu }: Target,
  { version, onGpu, kernels }: Observed,
): DeviceDescription {
  const common = {
    backend: `tfjs-node-gpu ${packageVersion}`,
    tensorflow: version,
    threads: settings.threads,
    oneDnn: settings.oneDnn,
    kernels,
  };
  if (!onGpu) {
    if (wantsGpu) {
      throw new EnvironmentError(
        `TensorFlow ${version} does not take the GPU ${gpu?.name ?? ""} (driver ${gpu?.driver ?? "unknown"}): its CUDA libraries did not load. TF_CPP_MIN_LOG_LEVEL=0 shows which; \`${SET_UP} -- --gpu\` installs them.`,
      );
    }
    return { kind: "cpu", name: host.machine.processor, software: false, details: common };
  }
  return {
    kind: "gpu",
    name: gpu?.name ?? "CUDA device (nvidia-smi does not answer)",
    software: false,
    details: {
      ...common,
      driver: gpu?.driver ?? "unknown",
      memoryMiB: gpu?.memoryMiB ?? 0,
      tf32: settings.tf32,
      memoryGrowth: settings.memoryGrowth,
    },
  };
}
