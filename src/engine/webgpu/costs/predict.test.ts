import { expect, test } from "vitest";
import { DEVICES, limitsOf, type DeviceLimits } from "./devices.ts";
import { foreign, pass } from "./pass.ts";
import { DISPATCH_SECONDS, predict, totalCost } from "./predict.ts";

/** 1 TB/s, 1 TFLOP/s, and so 1/16 T exponentials a second. */
const DEVICE: DeviceLimits = {
  id: "round",
  title: "round numbers",
  named: /^round$/,
  bytesPerSecond: 1e12,
  flopsPerSecond: 1e12,
  float16MatrixFlopsPerSecond: 1e13,
  cacheBytes: 4e6,
  sources: [],
};

test("each pass takes the longest of traffic, operations and exponentials, and passes follow each other", () => {
  const byMemory = pass("copy", { reads: [1e6], writes: [1e6], workgroups: 1 }); // 8 MB: 8 µs
  const byOperations = pass("product", { reads: [1], writes: [1], workgroups: 1, multiplyAdds: 1e7 }); // 20 µs
  const byExponentials = pass("exp", { reads: [1], writes: [1], workgroups: 1, exponentials: 1e6 }); // 16 µs
  const { deviceSeconds, bound, launchSeconds, inCache } = predict([byMemory, byOperations, byExponentials], DEVICE);
  expect(deviceSeconds).toBeCloseTo(44e-6, 12);
  expect(bound).toBe("operations");
  expect(launchSeconds).toBe(3 * DISPATCH_SECONDS);
  expect(inCache).toBe(false);
  expect(predict([byExponentials], DEVICE)).toMatchObject({ bound: "exponentials", inCache: true });
  expect(totalCost([byMemory, foreign("sum", [10], 5, 3)])).toEqual({
    bytes: 8e6 + 60,
    multiplyAdds: 3,
    exponentials: 0,
  });
});

test.each([
  ["nvidia-h100-80gb-hbm3", "h100-sxm"],
  ["NVIDIA H100 80GB HBM3 (NVIDIA: 570.86)", "h100-sxm"],
  ["NVIDIA H100 PCIe", "h100-pcie"],
  ["NVIDIA H200", "h200-sxm"],
  ["NVIDIA H200 NVL", undefined],
  ["NVIDIA H100 NVL", undefined],
  ["NVIDIA A100-SXM4-80GB", undefined],
])("limits of %s: %s", (name, id) => {
  expect(limitsOf(name)?.id).toBe(id);
});

test("every device says where its numbers are from", () => {
  for (const { sources, bytesPerSecond, flopsPerSecond } of DEVICES.all()) {
    expect(sources.length).toBeGreaterThan(0);
    // As they stand in the first source, in TB/s and TFLOPS.
    expect(sources[0]).toContain(`${bytesPerSecond / 1e12} TB/s`);
    expect(sources[0]).toContain(`FP32 ${flopsPerSecond / 1e12} TFLOPS`);
  }
});
