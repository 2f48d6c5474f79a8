// NVIDIA GPUs as nvidia-smi lists them, and which of them this process uses.

import { spawnSync } from "node:child_process";

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
  const { status, stdout } = spawnSync(
    "nvidia-smi",
    [`--query-gpu=${FIELDS.join(",")}`, "--format=csv,noheader,nounits"],
    { encoding: "utf8", timeout: 10_000 },
  );
  return status === 0 ? parseGpus(stdout) : [];
}

/** Reads the answer of nvidia-smi: one GPU a line, fields by comma. */
export function parseGpus(csv: string): NvidiaGpu[] {
  return csv
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [index, uuid, name, driver, memory] = line.split(",").map((field) => field.trim());
      return {
        index: Number(index),
        uuid: uuid ?? "",
        name: name ?? "",
        driver: driver ?? "",
        memoryMiB: Number(memory),
      };
    });
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
