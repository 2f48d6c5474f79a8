import { describe, expect, test } from "vitest";
import { limitsOf } from "#engine/webgpu/costs/devices";
import { predict } from "#engine/webgpu/costs/predict";
import { webgpuPasses } from "#ops/webgpu-passes";
import { recordSchema, SCHEMA_VERSION, type RunRecord } from "#store/record";
import { caseId, matchupId, type OperatorCase } from "#case/case";
import { answerTargets, tableOf } from "./answers.ts";
import { SCANS, targetCases } from "./targets.ts";
import type { TorchResults } from "./torch-results.ts";

const cases = targetCases("small") as readonly OperatorCase[];
/** 1 TFLOP/s and 1 TB/s. */
const PEAK = { flopsPerSecond: 1e12, bytesPerSecond: 1e12 };

/** Three rounds in each of three processes; every form does 2 GFLOP with 1 GB: a limit of 2 ms. */
function recordsOf(item: OperatorCase, seconds: number): RunRecord[] {
  return [0, 1, 2].flatMap((process) =>
    [0, 1, 2].map((round) =>
      recordSchema.parse({
        ...namesOf(item, process, round),
        status: "ok",
        strategy: "fused",
        secondsSamples: [seconds * (1 + 1e-3 * (round + process))],
        deviceSecondsSamples: [0.9 * seconds * (1 + 1e-3 * (round + process))],
        work: { flops: 2e9, leastBytes: 1e9 },
        ...(round === 0 ? { peak: PEAK } : {}),
      }),
    ),
  );
}

function namesOf(item: OperatorCase, process: number, round: number) {
  const id = caseId(item);
  return {
    schema: SCHEMA_VERSION,
    caseId: id,
    key: id,
    codeHash: "0",
    matchup: matchupId(item),
    process,
    round,
    final: false,
    environment: "0",
    startedAt: "2026-01-01T00:00:00.000Z",
    case: item,
  };
}

const secondsOf = (item: OperatorCase) =>
  item.contender === "additive-global" ? 0.003 : item.contender === "softmax-full" ? 0.006 : 0.009;
const records = finished(cases.flatMap((item) => recordsOf(item, secondsOf(item))));

/** The last line of each process of a matchup says so. */
function finished(lines: readonly RunRecord[]): RunRecord[] {
  const last = new Map(lines.map((line) => [`${line.matchup} ${line.process}`, line]));
  const ordered = lines.toSorted((a, b) => a.matchup.localeCompare(b.matchup) || a.process - b.process);
  return ordered.map((line) => ({ ...line, final: last.get(`${line.matchup} ${line.process}`) === line }));
}

const torch: TorchResults = {
  torch: "2.0",
  device: "a GPU",
  rows: [
    {
      form: "additive-global",
      shape: [1, 8, 65536, 128],
      dtype: "torch.bfloat16",
      pass: "forward",
      seconds: [0.0027, 0.00271, 0.00269],
    },
    {
      form: "softmax-sdpa",
      shape: [1, 8, 16384, 128],
      dtype: "torch.float32",
      pass: "forward",
      error: "out of memory",
    },
    { form: "additive-global", shape: [1, 8, 65536, 128], dtype: "torch.float32", pass: "backward", seconds: [1] },
  ],
};

describe("answers to the targets", () => {
  const answers = answerTargets({ cases, records, torch });
  const find = (text: string) => answers.find(({ target }) => target.includes(text))!;

  test("a device time within twice the larger of traffic and operations is met, a longer one missed", () => {
    const met = find("additive-global float32, B 1 H 8 N 65536 D 128: time");
    expect(met.verdict).toBe("met");
    expect(met.value!.estimate).toBeCloseTo((0.9 * 0.003) / 0.002, 2);
    expect(met.text).toMatch(/limit 2\.00 ms, by operations/);
    expect(find("softmax-full float32, B 1 H 8 N 16384").verdict).toBe("missed");
    expect(find("B 12 H 12 N 32768").verdict).toBe("met");
  });

  test("ratios to one global scan are measured, with intervals", () => {
    for (const contender of SCANS.slice(1)) {
      const { verdict, value } = find(`${contender} relative to`);
      expect(verdict).toBe("measured");
      expect(value!.estimate).toBeCloseTo(3, 6);
      expect(value!.low).toBeLessThanOrEqual(value!.estimate);
    }
  });

  test("PyTorch: the same form, shape and pass; what it could not do is said", () => {
    expect(find("additive-global in bfloat16").value!.estimate).toBeCloseTo(1, 2);
    expect(find("softmax-sdpa in float32")).toMatchObject({ verdict: "not tested", text: "out of memory" });
    expect(answers.filter(({ target }) => target.includes("PyTorch"))).toHaveLength(3);
    expect(find("additive-global float16, B 1 H 8 N 65536 D 128: against PyTorch")).toMatchObject({
      verdict: "measured",
    });
    expect(answerTargets({ cases, records }).find(({ target }) => target.includes("PyTorch"))!.text).toBe(
      "no PyTorch with CUDA here",
    );
  });

  test("device times stand beside what the model predicts at least, where the GPU has declared limits", () => {
    const limits = limitsOf("NVIDIA H100 80GB HBM3")!;
    const predicted = answerTargets({ cases, records, torch, limits }).filter(({ target }) =>
      target.includes("predicted"),
    );
    expect(predicted).toHaveLength(cases.length);
    const one = predicted.find(({ target }) => target.startsWith("additive-global float32, B 1 H 8 N 65536 D 128"))!;
    expect(one.verdict).toBe("measured");
    // q, g, v and out are 268 MB each: 0.32 ms at 3.35 TB/s; its two products are 34 GFLOP, 0.51 ms at 67 TFLOP/s.
    const { deviceSeconds } = predict(webgpuPasses(cases[0]!)!, limits);
    expect(deviceSeconds).toBeGreaterThan(0.51e-3);
    expect(deviceSeconds).toBeLessThan(0.7e-3);
    expect(one.value!.estimate).toBeCloseTo(deviceSeconds / (0.9 * 0.003), 2);
    expect(one.text).toMatch(/2\.71 ms; at least 0\.\d+ ms on H100 SXM, by operations; 5 programs/);
    const lost = answerTargets({ cases, records: [], torch, limits }).find(({ target }) =>
      target.includes("predicted"),
    )!;
    expect(lost).toMatchObject({ verdict: "not tested", text: expect.stringContaining("not reached") as string });
    expect(find("predicted device times").text).toBe("no limits are declared for this GPU");
  });

  test("what failed is not tested, with the reason", () => {
    const rest = records.filter(({ case: item }) => item.contender !== "vector-4scan");
    const lost = cases.find(({ contender }) => contender === "vector-4scan")!;
    const failed = recordSchema.parse({ ...namesOf(lost, 0, 0), status: "oom", reason: "buffer too large" });
    const answer = answerTargets({ cases, records: finished([failed, ...rest]) }).find(({ target }) =>
      target.startsWith("vector-4scan"),
    )!;
    expect(answer).toMatchObject({ verdict: "not tested", text: "vector-4scan: oom: buffer too large" });
  });

  test("what was not reached is not tested either", () => {
    for (const { verdict, text } of answerTargets({ cases, records: [], torch }))
      expect([verdict, text]).toEqual([
        "not tested",
        expect.stringMatching(/not reached|no form and shape|no limits are declared/) as string,
      ]);
  });

  test("an emulated GPU tests nothing", () => {
    const all = answerTargets({ cases, records, torch, software: "SwiftShader" });
    expect(all.map(({ target }) => target)).toEqual(answers.map(({ target }) => target));
    for (const { verdict, text, value } of all)
      expect([verdict, text, value]).toEqual(["not tested", "software adapter (SwiftShader)", undefined]);
  });

  test("the table has a line for each target", () => {
    expect(tableOf(answers).trim().split("\n")).toHaveLength(2 + answers.length);
  });
});
