// Another engine, on one thread and on two, against the wasm engine and PyTorch on the same numbers of threads: each a
// process, in interleaved rounds of one run.

import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { EnvironmentError } from "#base/errors";
import { packageRoot } from "#host/package";
import { type Comparison, type Targets, engineTable, targetTable } from "./engine-table.ts";
import { Rival, type RivalProgram, torchProgram } from "./rival.ts";
import type { BenchOptions } from "./wasm.ts";
import { type Work, allWorks } from "./works.ts";

const SAMPLE_SECONDS = 0.05;
const helloSchema = z.object({
  engine: z.string(),
  device: z.looseObject({ name: z.string(), details: z.record(z.string(), z.unknown()) }),
});

/** What is asked of the engine beside PyTorch on as many threads, and beside wasm: largest ratio of times. */
const TARGETS: Targets = [
  { work: "additive-global N 4096 forward", rival: "torch", most: 1.5 },
  { work: "softmax N 4096 forward", rival: "torch", most: 1.5 },
  { work: "training step", rival: "wasm", most: 0.7 },
];

interface Contender {
  readonly name: string;
  readonly threads: number;
  readonly process: Rival<unknown>;
}

function engineProgram(id: string, threads: number): RivalProgram<z.infer<typeof helloSchema>> {
  const env = { TF_NUM_INTRAOP_THREADS: String(threads) };
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL("./worker.js", import.meta.url)), id],
    env,
    hello: helloSchema,
  };
}

/** torch.set_num_threads does not reach every build of OpenBLAS, whose threads would spin beside the others' work. */
function torchOn(threads: number, python: string, script: string): ReturnType<typeof torchProgram> {
  const count = String(threads);
  return { ...torchProgram(python, script), env: { OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count } };
}

/** The contender, or undefined and a line on stderr where it is not there. */
async function started<V>(name: string, threads: number, program: RivalProgram<V>): Promise<Contender | undefined> {
  const rival = await Rival.start(program);
  if (typeof rival !== "string") return { name, threads, process: rival };
  process.stderr.write(`without ${name}: ${rival}\n`);
  return undefined;
}

async function measure(
  work: Work,
  contenders: readonly Contender[],
  { rounds, cpuTime }: BenchOptions,
): Promise<Comparison> {
  const samples: Record<string, (number | null)[]> = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  const missing: Record<string, string> = {};
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another contender, so that none always follows the same.
    for (let i = 0; i < contenders.length; i++) {
      const { name, threads, process } = contenders[(i + round) % contenders.length]!;
      const request = name.startsWith("torch") ? work.rival : { name: work.name };
      const value = await process.time(request, { threads, seconds: SAMPLE_SECONDS, cpuTime });
      if (typeof value === "string") missing[name] = value;
      samples[name]!.push(typeof value === "string" ? null : value);
    }
  }
  return { work: work.name, flops: work.flops, samples, missing };
}

/** Runs the comparison, writes its record and prints the tables. @throws {EnvironmentError} the engine is not there */
export async function compareEngine(id: string, options: BenchOptions): Promise<void> {
  const python = process.env["LIGHTNET_BENCH_PYTHON"] ?? "/usr/bin/python3";
  const script = join(packageRoot(), "scripts", "bench-kernels", "rival.py");
  const threads = availableParallelism() > 1 && !options.cpuTime ? [1, 2] : [1];
  const all = [
    ...(await Promise.all(threads.map((count) => started(`${id} ${count}`, count, engineProgram(id, count))))),
    await started("wasm", 1, engineProgram("wasm", 1)),
    ...(await Promise.all(threads.map((count) => started(`torch ${count}`, count, torchOn(count, python, script))))),
  ];
  const contenders = all.filter((contender) => contender !== undefined);
  const stop = () => {
    for (const { process } of contenders) process.stop();
  };
  if (!contenders.some(({ name }) => name.startsWith(id))) {
    stop();
    throw new EnvironmentError(`engine ${id} does not run here. \`lightnet-bench doctor\` says why.`);
  }
  const startedAt = new Date().toISOString();
  const loadAtStart = loadavg();
  process.stderr.write(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, load ${loadAtStart[0]!.toFixed(1)}\n`,
  );
  const rows: Comparison[] = [];
  for (const work of allWorks()) {
    if ((options.quick && work.slow) || !work.name.includes(options.only)) continue;
    process.stderr.write(`${work.name} …\n`);
    rows.push(await measure(work, contenders, options));
  }
  stop();

  const record = {
    startedAt,
    finishedAt: new Date().toISOString(),
    contenders: contenders.map(({ name, threads: count, process }) => ({
      name,
      threads: count,
      ...(process.versions as object),
    })),
    cores: availableParallelism(),
    load: { start: loadAtStart, end: loadavg() },
    node: process.version,
    clock: options.cpuTime ? "processor" : "wall",
    rows,
  };
  const tables = `${engineTable(rows, id, threads)}\n\n${targetTable(rows, id, threads, TARGETS)}\n`;
  const folder =
    options.out ??
    join(packageRoot(), "results", "runs", `bench-kernels-${id}-${startedAt.replaceAll(":", "-").slice(0, 19)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bench-kernels.json"), `${JSON.stringify(record, null, 1)}\n`);
  writeFileSync(join(folder, "bench-kernels.md"), tables);
  process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : tables);
  process.stderr.write(`written to ${folder}\n`);
}
