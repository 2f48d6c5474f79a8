// docs/gpu.md: the declared limits of GPUs, and what calls of two suites must take on them at least.

import { groupBy } from "#base/group";
import { markdownTable } from "#base/markdown";
import { formatBytes, formatCount, formatSeconds } from "#base/units";
import type { OperatorCase } from "#case/case";
import type { Suite } from "#case/suite";
import { DEVICES } from "#engine/webgpu/costs/devices";
import type { PassCost } from "#engine/webgpu/costs/pass";
import { predict, totalCost } from "#engine/webgpu/costs/predict";
import { webgpuPasses } from "#ops/webgpu-passes";
import { expand } from "#runner/expand";
import { kernelForward } from "../../suites/kernel-forward.ts";
import { scanCount } from "../../suites/scan-count.ts";

export function gpuLimits(): string {
  const rows = DEVICES.all().map((device) => [
    device.id,
    device.title,
    `${device.bytesPerSecond / 1e12} TB/s`,
    `${device.flopsPerSecond / 1e12} TFLOP/s`,
    `${device.float16MatrixFlopsPerSecond / 1e12} TFLOP/s`,
    `${device.cacheBytes / 1e6} MB`,
    device.sources.join("; "),
  ]);
  const head = ["id", "GPU", "memory", "float32", "float16 on tensor cores, dense (not used)", "L2 cache", "by"];
  return `${markdownTable(head, rows, ["left", "left", "right", "right", "right", "right", "left"])}

A multiprocessor makes 16 exponentials in the time of 256 float32 operations (NVIDIA, CUDA C++ Programming Guide, throughput of native arithmetic
instructions, compute capability 9.0). 24 µs a program is the lower end of 24 to 36 µs measured through WebGPU on Vulkan with other GPUs
(J. Maczan, arXiv 2604.02344, 2026); it belongs to processor and driver.`;
}

/** Both suites where they have 4096 tokens (scale small) and 65 536 (paper). */
const QUESTIONS = [
  { suite: kernelForward, scale: "small", N: 4096 },
  { suite: kernelForward, scale: "paper", N: 65536 },
  { suite: scanCount, scale: "small", N: 4096 },
  { suite: scanCount, scale: "paper", N: 65536 },
] as const;

export function gpuPredictions(): string {
  return QUESTIONS.map(({ suite, scale, N }) => {
    const cases = casesOf(suite, scale, N);
    const { H, D } = cases[0]!.item.shape;
    return `### ${suite.id}, N ${N} (scale ${scale}: B 1, H ${H}, D = E ${D})\n\n${tableOf(cases)}`;
  }).join("\n\n");
}

interface PricedCase {
  readonly item: OperatorCase;
  readonly passes: readonly PassCost[];
}

/** Cases with a model, each cost once: grids of different dimensions cost the same but for their scans. */
function casesOf(suite: Suite, scale: "small" | "paper", N: number): PricedCase[] {
  const items = expand([suite], { scale, engine: "webgpu", found: [] }).flatMap(({ cases }) => cases);
  const priced = items.flatMap((item): PricedCase[] => {
    if (item.kind !== "operator" || item.shape.N !== N) return [];
    const passes = webgpuPasses(item);
    return passes === undefined ? [] : [{ item, passes }];
  });
  const alike = groupBy(priced, ({ item: { contender, precision, pass } }) => `${contender} ${precision} ${pass}`);
  return [...alike.values()].map(([first]) => first!);
}

function tableOf(cases: readonly PricedCase[]): string {
  const devices = DEVICES.all();
  const rows = cases.map(({ item: { contender, precision, pass }, passes }) => {
    const { bytes, multiplyAdds, exponentials } = totalCost(passes);
    const predictions = devices.map((device) => predict(passes, device));
    return [
      `${contender}${precision === "float16" ? ", float16" : ""}${pass === "forward" ? "" : ", with backward"}`,
      String(passes.length),
      formatBytes(bytes),
      formatCount(multiplyAdds),
      formatCount(exponentials),
      ...predictions.map(
        ({ deviceSeconds, bound, inCache }) => `${formatSeconds(deviceSeconds)} ${bound}${inCache ? " ∗" : ""}`,
      ),
      formatSeconds(predictions[0]!.launchSeconds),
    ];
  });
  const head = [
    ...["call", "programs", "bytes", "multiply-adds", "exponentials"],
    ...devices.map(({ title }) => title),
    "handing over",
  ];
  return markdownTable(head, rows, ["left", ...head.slice(1).map(() => "right" as const)]);
}
