// Self-test of measurement: does equal code come out equal, and is an injected slowdown found?
//
// Runs the same cells again and again in fresh processes with the harness's own sampler, each with variants that do
// 5, 10 and 20 % more of the same work, and judges them with the harness's own comparison.
//
//   npm run selftest:measurement -- [--executions 40] [--processes 3] [--cells 20] [--budget 0.1] [--drift 4] [--out folder]
//   npm run selftest:measurement -- --analyse folder          the table of lines measured before
//
// Takes about executions × processes × cells × 7 × budget seconds: half an hour as it stands, on an idle machine.

import { fork } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { formatSeconds } from "#base/units";
import { median } from "#stats/quantiles";
import { analyse, tableOf, type SelftestLine } from "./analyse.ts";
import { cells } from "./cells.ts";
import { measureOverhead, runChild, type CellLine, type ChildRequest } from "./child.ts";

const CHILD = "selftest-child";

interface Plan {
  readonly executions: number;
  readonly drift: number;
  readonly processes: number;
  readonly cells: number;
  readonly budgetSeconds: number;
  readonly folder: string;
}

async function main(): Promise<void> {
  if (process.argv[2] === CHILD) {
    await runChild(JSON.parse(process.argv[3]!) as ChildRequest, (line) => process.send!(line));
    process.disconnect();
    return;
  }
  const { values } = parseArgs({
    options: {
      executions: { type: "string", default: "40" },
      processes: { type: "string", default: "3" },
      cells: { type: "string", default: "20" },
      budget: { type: "string", default: "0.1" },
      drift: { type: "string", default: "4" },
      out: { type: "string", default: join("results", "runs", "selftest-measurement") },
      analyse: { type: "string" },
    },
  });
  const folder = values.analyse ?? values.out;
  if (values.analyse === undefined) {
    const [executions, processes, cellCount, budgetSeconds, drift] = [values.executions, values.processes, values.cells, values.budget, values.drift].map(Number);
    await measure({ executions: executions!, processes: processes!, cells: cellCount!, budgetSeconds: budgetSeconds!, drift: drift!, folder });
  }
  const table = tableOf(analyse(readLines(folder), cells()));
  const text = `${table}\n\n${await overheadLine(folder)}\n`;
  writeFileSync(join(folder, "table.md"), text);
  process.stdout.write(text);
}

async function overheadLine(folder: string): Promise<string> {
  const overhead = await measureOverhead();
  const medians = readLines(folder).map((line) => median(line.roundSecondsSamples.base));
  const shortest = Math.min(...medians);
  return `A call that does nothing takes ${formatSeconds(overhead)}: ${((100 * overhead) / shortest).toPrecision(2)} % of the shortest cell (${formatSeconds(shortest)}).`;
}

/** Appends a line a cell and process; executions that are complete already are not run again. */
async function measure(plan: Plan): Promise<void> {
  mkdirSync(plan.folder, { recursive: true });
  writeFileSync(join(plan.folder, "machine.json"), `${JSON.stringify({ cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, loadAverage: loadavg(), plan }, undefined, 2)}\n`);
  const done = new Set(readLines(plan.folder).filter((line) => line.cell === plan.cells - 1).map(nameOf));
  const conditions = [
    { condition: "quiet", executions: plan.executions },
    { condition: "drift", executions: plan.drift },
  ] as const;
  for (const { condition, executions } of conditions) {
    for (let execution = 0; execution < executions; execution++) {
      for (let index = 0; index < plan.processes; index++) {
        const at = { condition, execution, process: index };
        if (done.has(nameOf(at))) continue;
        const lines = await inFreshProcess({ seed: 1000 * execution + index, cells: plan.cells, budgetSeconds: plan.budgetSeconds, drift: condition === "drift" });
        appendFileSync(join(plan.folder, "records.jsonl"), lines.map((line) => `${JSON.stringify({ ...at, ...line })}\n`).join(""));
        process.stderr.write(`selftest: ${condition} ${execution + 1}/${executions}, process ${index + 1}/${plan.processes}, load ${loadavg()[0]!.toFixed(1)}\n`);
      }
    }
  }
}

function nameOf({ condition, execution, process: index }: Pick<SelftestLine, "condition" | "execution" | "process">): string {
  return `${condition}/${execution}/${index}`;
}

function inFreshProcess(request: ChildRequest): Promise<CellLine[]> {
  return new Promise((resolve, reject) => {
    const lines: CellLine[] = [];
    const child = fork(fileURLToPath(import.meta.url), [CHILD, JSON.stringify(request)]);
    child.on("message", (line) => lines.push(line as CellLine));
    child.on("error", reject);
    child.on("exit", (code) => (code === 0 ? resolve(lines) : reject(new Error(`a process of the self-test ended with code ${code}`))));
  });
}

function readLines(folder: string): SelftestLine[] {
  const path = join(folder, "records.jsonl");
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as SelftestLine);
}

await main();
