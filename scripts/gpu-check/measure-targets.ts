// Measures the targets' cases as any run does (correctness first, a process a matchup, interleaved rounds) into a run folder.
//
//   measure-targets <folder> <small|smoke> <seconds> [gpu-adapter]

import { loadavg, totalmem } from "node:os";
import { basename } from "node:path";
import { systemClock } from "#base/clock";
import { execute } from "#runner/execute";
import { checkPossible, planAtoms } from "#runner/plan";
import { SCHEMA_VERSION } from "#store/record";
import { RunWriter } from "#store/writer";
import { gpuTargets, targetCases, TARGETS } from "./targets.ts";

const [folder, scaleName, seconds, gpuAdapter] = process.argv.slice(2) as [string, string, string, string | undefined];
const scale = scaleName === "smoke" ? "smoke" : "small";
const cases = targetCases(scale);
checkPossible(cases);
const command = `gpu-check: ${TARGETS}, scale ${scale}`;
const writer = RunWriter.open(folder);
try {
  const { leftOver } = await execute({
    atoms: planAtoms([{ suite: gpuTargets, cases }]),
    options: {
      scale,
      engine: "webgpu",
      folder,
      retryFailed: false,
      cellBudgetSeconds: scale === "smoke" ? 0.05 : 0.5,
      runBudgetSeconds: Number(seconds),
      jobs: 1,
      memoryLimitBytes: Math.round(0.8 * totalmem()),
      command,
      ...(gpuAdapter === undefined ? {} : { gpuAdapter }),
    },
    writer,
    manifest: {
      schema: SCHEMA_VERSION,
      run: basename(folder),
      command,
      scale,
      suites: [TARGETS],
      flags: {},
      startedAt: systemClock.timestamp(),
      environments: {},
      loadAverage: loadavg(),
    },
    records: [],
    signal: new AbortController().signal,
    events: {
      onStage: console.error,
      onProgress: () => undefined,
      onAtom: (_atom, _records, { done, total }) => console.error(`${done} of ${total}`),
    },
  });
  if (leftOver > 0) console.error(`${leftOver} processes left: the step's time is spent`);
} finally {
  writer.close();
}
