// Which child gets which GPU, on machines that are made up.

import { expect, test } from "vitest";
import { EnvironmentError } from "#base/errors";
import type { NvidiaGpu } from "#engine/tensorflow/nvidia";
import { jobsFor, slotsFor } from "./slots.ts";

function machine(names: readonly string[], visible?: string) {
  const gpus: NvidiaGpu[] = names.map((name, index) => ({
    index,
    uuid: `GPU-${index}`,
    name,
    driver: "570",
    memoryMiB: 80_000,
  }));
  return { listGpus: () => gpus, visible };
}
const wanted = { engine: "tensorflow" } as const;
const gpusOf = (slots: ReturnType<typeof slotsFor>) =>
  slots.map(({ environment }) => environment["CUDA_VISIBLE_DEVICES"]);

test("each child has a GPU of its own, and auto means one child per GPU", () => {
  const four = machine(["H100", "H100", "H100", "H100"]);
  expect(jobsFor(wanted, 1, four)).toBe(4);
  expect(gpusOf(slotsFor(4, wanted, four))).toEqual(["0", "1", "2", "3"]);
  expect(gpusOf(slotsFor(3, wanted, machine(["H100", "H100"])))).toEqual(["0", "1", "0"]);
  expect(gpusOf(slotsFor(1, wanted, four))).toEqual([undefined]); // alone it takes the first by itself
});

test("auto means one child where all would share one adapter", () => {
  expect(jobsFor({ engine: "webgpu" }, 1, machine(["H100", "H100"]))).toBe(1);
  expect(slotsFor(2, { engine: "webgpu" }, machine(["H100"]))).toHaveLength(2);
});

test("only GPUs that this process may use and that are named are given", () => {
  expect(gpusOf(slotsFor(2, wanted, machine(["H100", "H100", "H100"], "2,GPU-0")))).toEqual(["2", "GPU-0"]);
  const mixed = machine(["H100", "L4", "H100"]);
  expect(gpusOf(slotsFor(2, { ...wanted, gpuAdapter: "h100" }, mixed))).toEqual(["0", "2"]);
  expect(jobsFor({ ...wanted, gpuAdapter: "l4" }, 1, mixed)).toBe(1);
});

test("GPUs of two models are refused, with what to do", () => {
  expect(() => slotsFor(2, wanted, machine(["H100", "L4"]))).toThrow(EnvironmentError);
  expect(() => jobsFor(wanted, 1, machine(["H100", "L4"]))).toThrow(/2 models \(H100, L4\).*--gpu-adapter.*--shard/);
  expect(gpusOf(slotsFor(2, wanted, machine(["H100", "L4"], "1")))).toEqual(["1", "1"]);
});

test("engines that know no CUDA device, and hidden GPUs, get none", () => {
  const mixed = machine(["H100", "L4"]);
  expect(gpusOf(slotsFor(2, { engine: "wasm" }, mixed))).toEqual([undefined, undefined]);
  expect(gpusOf(slotsFor(2, wanted, machine(["H100"], "-1")))).toEqual([undefined, undefined]);
  expect(gpusOf(slotsFor(2, wanted, { listGpus: () => [], visible: "3,5" }))).toEqual(["3", "5"]); // without nvidia-smi
});
