// NVIDIA GPUs as nvidia-smi lists them, and which of them this process uses.

import { queryGpus } from "../nvidia-smi.ts";

export interface NvidiaGpu {
  /** number in the order of the PCI bus */
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly driver: string;
  readonly memoryMiB: number;
}

const FIELDS = ["index", "uuid", "name", "driver_version", "memory.total"];

/** The GPUs of this machine; none where nvidia-smi is missing or fails. */
export function listGpus(): NvidiaGpu[] {
  return (queryGpus(FIELDS) ?? []).map(gpuOf);
}

/** A GPU from the fields of its row. */
export function gpuOf([index, uuid = "", name = "", driver = "", memory]: readonly string[]): NvidiaGpu {
  return { index: Number(index), uuid, name, driver, memoryMiB: Number(memory) };
}

/**
 * The GPU to use: the first that the process may see and whose name contains `wanted`.
 *
 * @param visible CUDA_VISIBLE_DEVICES: numbers or (beginnings of) UUIDs by comma; undefined allows all
 */
export function chooseGpu(
  gpus: readonly NvidiaGpu[],
  wanted: string,
  visible: string | undefined,
): NvidiaGpu | undefined {
  const allowed =
    visible === undefined
      ? gpus
      : visible
          .split(",")
          .map((entry) => byEntry(gpus, entry.trim()))
          .filter((gpu) => gpu !== undefined);
  return allowed.find(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
}

function byEntry(gpus: readonly NvidiaGpu[], entry: string): NvidiaGpu | undefined {
  return gpus.find(
    ({ index, uuid }) => String(index) === entry || (entry.startsWith("GPU-") && uuid.startsWith(entry)),
  );
}
