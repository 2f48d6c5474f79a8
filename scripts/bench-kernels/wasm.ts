// Our wasm kernels against stock tfjs-backend-wasm in the same process, and against PyTorch in another.

import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { EnvironmentError } from "#base/errors";
import type { RunningEngine } from "#engine/engine";
import { startEngine } from "#engine/registry";
import type { KernelBuild } from "#engine/wasm/module";
import { packageRoot } from "#host/package";
import { useKernels } from "#engine/wasm/registration";
import { Rival, type TorchVersions, torchProgram } from "./rival.ts";
import { type Contender, type Row, summarise, tableOf } from "./table.ts";
import { type Runnable, type Work, allWorks } from "./works.ts";

/** A sample lasts at least this long, so that one interruption is not all of it. */
const SAMPLE_SECONDS = 0.05;
/** Stock calls longer than this are sampled twice only. */
const LONG_SECONDS = 2;

/** What the command line asks for. */
export interface BenchOptions {
  readonly rounds: number;
  /** without the rows that take seconds a call */
  readonly quick: boolean;
  /** rows whose name contains it */
  readonly only: string;
  readonly out?: string | undefined;
  /** processor seconds instead of wall time */
  readonly cpuTime: boolean;
  readonly json: boolean;
}

interface Run {
  readonly engine: RunningEngine;
  readonly build: Exclude<KernelBuild, "stock">;
  readonly rival: Rival<TorchVersions> | string;
  readonly rounds: number;
  readonly cpuTime: boolean;
}

function wallSeconds(): number {
  return performance.now() / 1000;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Mean seconds of a call. */
function sample(work: Runnable, clock: () => number): number {
  const begin = clock();
  let calls = 0;
  while (calls === 0 || clock() - begin < SAMPLE_SECONDS) {
    work.call();
    calls += 1;
  }
  return (clock() - begin) / calls;
}

async function measure(work: Work, { engine, build, rival, rounds, cpuTime }: Run): Promise<Row> {
  const clock = cpuTime ? cpuSeconds : wallSeconds;
  useKernels(build);
  const ours = await work.ours(engine);
  ours.call();
  useKernels("stock");
  const stock = await work.stock(engine);
  const samples: Record<Contender, (number | null)[]> = {
    ours: [],
    stock: [],
    "torch, 1 thread": [],
    "torch, 2 threads": [],
  };
  const missing: Partial<Record<Contender, string>> = {};
  for (let round = 0; round < rounds; round++) {
    useKernels(build);
    samples.ours.push(sample(ours, clock));
    useKernels("stock");
    const skip = round >= 2 && (samples.stock[0] ?? 0) > LONG_SECONDS;
    samples.stock.push(skip ? null : sample(stock, clock));
    for (const threads of cpuTime ? ([1] as const) : ([1, 2] as const)) {
      const name = threads === 1 ? "torch, 1 thread" : "torch, 2 threads";
      const value =
        typeof rival === "string" ? rival : await rival.time(work.rival, { threads, seconds: SAMPLE_SECONDS, cpuTime });
      samples[name].push(typeof value === "string" ? null : value);
      if (typeof value === "string") missing[name] = value;
    }
  }
  ours.dispose();
  stock.dispose();
  return { work: work.name, flops: work.flops, samples, missing };
}

/** The best of many short loops of multiply-adds between registers, operations a second. */
function measurePeak(build: Run["build"], clock: () => number): number {
  const { module } = useKernels(build)!;
  const rounds = 1_000_000;
  let best = Infinity;
  for (let i = 0; i < 40; i++) {
    const begin = clock();
    module["peakRounds"]!(rounds);
    best = Math.min(best, clock() - begin);
  }
  return (80 * rounds) / best;
}

/** Our wasm kernels against stock tfjs-backend-wasm and PyTorch; writes the record and prints the table. */
export async function compareWasm(options: BenchOptions): Promise<void> {
  const engine = await startEngine("wasm");
  const build = engine.device.details["kernels"] as KernelBuild;
  if (build === "stock")
    throw new EnvironmentError("LIGHTNET_BENCH_WASM=stock leaves nothing to compare. Leave the variable out.");
  const python = process.env["LIGHTNET_BENCH_PYTHON"] ?? "/usr/bin/python3";
  const rival = await Rival.start(torchProgram(python, join(packageRoot(), "scripts", "bench-kernels", "rival.py")));
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, load ${loadavg()[0]!.toFixed(1)}; build ${build}; ${typeof rival === "string" ? `no PyTorch (${rival})` : `PyTorch ${rival.versions.torch}`}`,
  );
  const startedAt = new Date().toISOString();
  const peakFlops = measurePeak(build, options.cpuTime ? cpuSeconds : wallSeconds);
  say(`peak of one thread: ${(peakFlops / 1e9).toFixed(1)} GFLOP/s`);

  const rows: Row[] = [];
  for (const work of allWorks()) {
    if ((options.quick && work.slow) || !work.name.includes(options.only)) continue;
    say(`${work.name} …`);
    rows.push(await measure(work, { engine, build, rival, rounds: options.rounds, cpuTime: options.cpuTime }));
  }
  if (typeof rival !== "string") rival.stop();
  useKernels(build);

  const summaries = rows.map((row) => summarise(row, peakFlops));
  const record = {
    startedAt,
    finishedAt: new Date().toISOString(),
    device: engine.device,
    cores: availableParallelism(),
    load: loadavg(),
    node: process.version,
    rival: typeof rival === "string" ? { missing: rival } : rival.versions,
    clock: options.cpuTime ? "processor" : "wall",
    peakFlops,
    rows,
    summaries,
  };
  const folder =
    options.out ??
    join(packageRoot(), "results", "runs", `bench-kernels-${startedAt.replaceAll(":", "-").slice(0, 19)}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bench-kernels.json"), `${JSON.stringify(record, null, 1)}\n`);
  const table = `${tableOf(summaries)}\n\n× = their time / ours, median of ${options.rounds} rounds; above 1 ours is faster.\n`;
  writeFileSync(join(folder, "bench-kernels.md"), table);
  process.stdout.write(options.json ? `${JSON.stringify({ peakFlops, summaries })}\n` : table);
  say(`written to ${folder}`);
}
