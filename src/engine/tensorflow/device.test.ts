import { expect, test } from "vitest";
import { describeDevice, prepareDevice } from "./device.ts";
import type { Installation, InstallationManifest } from "./installation.ts";
import { rowsOf } from "../nvidia-smi.ts";
import { type NvidiaGpu, chooseGpu, gpuOf } from "./nvidia.ts";

const LIST = "0, GPU-aaa, NVIDIA H100 80GB HBM3, 570.86, 81559\n1, GPU-bbb, NVIDIA L4, 570.86, 23034\n";
const GPUS = rowsOf(LIST, 5)!.map(gpuOf);

function installation(gpu?: boolean): Installation {
  const manifest = gpu === undefined ? {} : { manifest: { gpu } as InstallationManifest };
  return { packageFolder: "/p", packageVersion: "4.22.0", binding: "/p/b", ...manifest };
}

function machine(gpus: readonly NvidiaGpu[], variables: Record<string, string | undefined> = {}) {
  return { variables, listGpus: () => gpus };
}

test("nvidia-smi's list is read", () => {
  expect(GPUS[0]).toEqual({
    index: 0,
    uuid: "GPU-aaa",
    name: "NVIDIA H100 80GB HBM3",
    driver: "570.86",
    memoryMiB: 81559,
  });
  expect(rowsOf("", 5)).toEqual([]);
  expect(rowsOf("0, GPU-aaa\n", 5)).toBeUndefined();
});

test("a GPU is chosen by name among those the process may see", () => {
  expect(chooseGpu(GPUS, "", undefined)?.index).toBe(0);
  expect(chooseGpu(GPUS, "l4", undefined)?.index).toBe(1);
  expect(chooseGpu(GPUS, "", "1,0")?.index).toBe(1);
  expect(chooseGpu(GPUS, "", "GPU-b")?.index).toBe(1);
  expect(chooseGpu(GPUS, "h100", "1")).toBeUndefined();
});

test("a set-up with CUDA uses one GPU and hides the others", () => {
  const here = machine(GPUS);
  const target = prepareDevice(installation(true), { gpuAdapter: "L4" }, here);
  expect(here.variables).toMatchObject({ CUDA_VISIBLE_DEVICES: "GPU-bbb", CUDA_DEVICE_ORDER: "PCI_BUS_ID" });
  expect(describeDevice(target, { version: "2.21.0", onGpu: true, kernels: "none" })).toEqual({
    kind: "gpu",
    name: "NVIDIA L4",
    software: false,
    details: expect.objectContaining({
      tensorflow: "2.21.0",
      driver: "570.86",
      memoryMiB: 23034,
      tf32: false,
      memoryGrowth: true,
    }) as object,
  });
});

test("a set-up with CUDA is not available without a GPU, unless the GPUs were hidden on purpose", () => {
  expect(() => prepareDevice(installation(true), {}, machine([]))).toThrow(/no CUDA device \(nvidia-smi/);
  expect(() => prepareDevice(installation(true), { gpuAdapter: "A100" }, machine(GPUS))).toThrow(
    /whose name contains "A100"/,
  );
  const target = prepareDevice(installation(true), {}, machine(GPUS, { CUDA_VISIBLE_DEVICES: "-1" }));
  expect(describeDevice(target, { version: "2.21.0", onGpu: false, kernels: "avx512" })).toMatchObject({
    kind: "cpu",
    details: { backend: "tfjs-node-gpu 4.22.0" },
  });
});

test("a GPU that TensorFlow does not take is said, not replaced by the CPU", () => {
  const target = prepareDevice(installation(true), {}, machine(GPUS));
  expect(() => describeDevice(target, { version: "2.21.0", onGpu: false, kernels: "avx512" })).toThrow(
    /does not take the GPU NVIDIA H100.*CUDA libraries did not load/,
  );
});

test("a set-up for the CPU leaves the GPUs alone, and refuses one asked for by name", () => {
  const here = machine(GPUS);
  expect(prepareDevice(installation(false), {}, here)).toMatchObject({ wantsGpu: false });
  expect(here.variables["CUDA_VISIBLE_DEVICES"]).toBeUndefined();
  expect(() => prepareDevice(installation(false), { gpuAdapter: "H100" }, here)).toThrow(
    /set up without CUDA\. Run `npm run setup:tensorflow -- --gpu`/,
  );
});

test("a copy that the user installed may run on either", () => {
  const onCpu = prepareDevice(installation(), {}, machine([]));
  expect(describeDevice(onCpu, { version: "2.9.1", onGpu: false, kernels: "none" }).kind).toBe("cpu");
  const onGpu = prepareDevice(installation(), {}, machine(GPUS));
  expect(describeDevice(onGpu, { version: "2.9.1", onGpu: true, kernels: "none" }).name).toBe("NVIDIA H100 80GB HBM3");
});
