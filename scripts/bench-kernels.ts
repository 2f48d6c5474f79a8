// npm run bench:kernels: our wasm kernels against stock tfjs-backend-wasm, and against PyTorch where there is one, in
// interleaved rounds of one run.
//
//   --engine tensorflow   that engine with 1 thread and with 2, against the wasm engine and PyTorch (bench-kernels/engine.ts)
//   --quick          without the rows that take seconds a call
//   --rounds <n>     default 5
//   --only <text>    rows whose name contains it
//   --cpu-time       processor seconds instead of wall time, for a machine that is not quiet; PyTorch then on one thread
//   --json           the summary as JSON on standard output
//   --out <folder>   where the record goes; default results/runs/bench-kernels-<time>
//
// LIGHTNET_BENCH_WASM=simd|relaxed forces a build, LIGHTNET_BENCH_PYTHON names the Python with torch.

import { parseArgs } from "node:util";
import { compareEngine } from "./bench-kernels/engine.ts";
import { compareWasm } from "./bench-kernels/wasm.ts";

const { values: options } = parseArgs({
  options: {
    engine: { type: "string", default: "wasm" },
    quick: { type: "boolean", default: false },
    "cpu-time": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    out: { type: "string" },
  },
});

const { engine, rounds, "cpu-time": cpuTime, ...rest } = options;
const request = { ...rest, rounds: Number(rounds), cpuTime };
await (engine === "wasm" ? compareWasm(request) : compareEngine(engine, request));
