// Self-test of measurement: does equal code come out equal, and is an injected slowdown found?
//
// Runs the same cells again and again in fresh processes with the harness's own sampler, each with variants that do
// 5, 10 and 20 % more of the same work, and judges them with the harness's own comparison.
//
//   npm run selftest:measurement -- [--executions 40] [--processes 8] [--cells 20] [--budget 0.05] [--drift 4] [--out folder]
//   npm run selftest:measurement -- --analyse folder [--scaled run] [--docs]   the table of lines measured before
//
// --scaled compares a run with itself, its times multiplied by 1.2 and by 1.005.
// --docs writes the table into docs/measurement.md as well.
//
// Takes about executions × processes × cells × 7 × budget seconds: 50 minutes as it stands, on an idle machine.

import { fork } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { packageRoot } from "#host/package";
import { host } from "#host/current";
import { runPaths } from "#store/layout";
import { LONGEST_LINE, loadRun, recordFiles } from "#store/load";
import { withBlock } from "../write-docs/blocks.ts";
import { analyse, overheadLine, tableOf, type SelftestLine } from "./analyse.ts";
import { cells } from "./cells.ts";
import { runChild, type CellLine, type ChildRequest } from "./child.ts";
import { scaledLine } from "./scaled.ts";

/** The place in docs/measurement.md that holds the table. */
const TABLE = { name: "selftest table", command: "`npm run selftest:measurement -- --analyse <folder> --docs`" };
const CHILD = "selftest-child";
/** one that has to be seen, one that must not */
const SCALES = [1.2, 1.005];

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
      processes: { type: "string", default: "8" },
      cells: { type: "string", default: "20" },
      budget: { type: "string", default: "0.05" },
      drift: { type: "string", default: "4" },
      out: { type: "string", default: join("results", "runs", "selftest-measurement") },
      analyse: { type: "string" },
      scaled: { type: "string" },
      docs: { type: "boolean", default: false },
    },
  });
  const folder = values.analyse ?? values.out;
  if (values.analyse === undefined) {
    const [executions, processes, cellCount, budgetSeconds, drift] = [
      values.executions,
      values.processes,
      values.cells,
      values.budget,
      values.drift,
    ].map(Number);
    await measure({
      executions: executions!,
      processes: processes!,
      cells: cellCount!,
      budgetSeconds: budgetSeconds!,
      drift: drift!,
      folder,
    });
  }
  const lines = readLines(folder);
  if (lines.length === 0) throw new Error(`${folder} holds no records.jsonl of the self-test`);
  const text = [
    tableOf(analyse(lines, cells())),
    machineLine(folder, lines),
    overheadLine(lines),
    scaledLines(values.scaled),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
  writeFileSync(join(folder, "table.md"), `${text}\n`);
  process.stdout.write(`${text}\n`);
  if (values.docs) {
    const path = join(packageRoot(), "docs", "measurement.md");
    writeFileSync(path, withBlock(readFileSync(path, "utf8"), TABLE, text));
  }
}

/** A saved run beside its slower self. */
function scaledLines(folder: string | undefined): string {
  if (folder === undefined) return "";
  const run = loadRun(folder);
  return [
    `Run \`${basename(folder)}\` beside itself with its times multiplied:`,
    "",
    ...SCALES.map((factor) => `- ${scaledLine(run, factor)}`),
  ].join("\n");
}

const machineSchema = z.object({ cpu: z.string().optional(), cores: z.int(), node: z.string() });

/** Where and how much was measured, from the folder's own files. */
function machineLine(folder: string, lines: readonly SelftestLine[]): string {
  const path = join(folder, "machine.json");
  const executions = new Set(lines.map(({ condition, execution }) => `${condition}/${execution}`)).size;
  const processes = new Set(lines.map(({ process: index }) => index)).size;
  const amount = `${executions} executions of ${processes} ${processes === 1 ? "process" : "processes"}, records in \`${basename(folder)}\``;
  if (!existsSync(path)) return `${amount}.`;
  const { cpu, cores, node } = machineSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  return `${cpu ?? "unknown processor"}, ${cores} cores, Node ${node}: ${amount}.`;
}

/** Appends a line a cell and process; executions that are complete already are not run again. */
async function measure(plan: Plan): Promise<void> {
  const { folder, ...amounts } = plan;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "machine.json"),
    `${JSON.stringify({ cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, loadAverage: loadavg(), plan: amounts }, undefined, 2)}\n`,
  );
  const done = new Set(
    readLines(folder)
      .filter((line) => line.cell === plan.cells - 1)
      .map(nameOf),
  );
  const conditions = [
    { condition: "quiet", executions: plan.executions },
    { condition: "drift", executions: plan.drift },
  ] as const;
  for (const { condition, executions } of conditions) {
    for (let execution = 0; execution < executions; execution++) {
      for (let index = 0; index < plan.processes; index++) {
        const at = { condition, execution, process: index };
        if (done.has(nameOf(at))) continue;
        const lines = await inFreshProcess({
          seed: 1000 * execution + index,
          cells: plan.cells,
          budgetSeconds: plan.budgetSeconds,
          drift: condition === "drift",
        });
        appendFileSync(
          join(folder, "records.jsonl"),
          lines.map((line) => `${JSON.stringify({ ...at, ...line })}\n`).join(""),
        );
        process.stderr.write(
          `selftest: ${condition} ${execution + 1}/${executions}, process ${index + 1}/${plan.processes}, load ${loadavg()[0]!.toFixed(1)}\n`,
        );
      }
    }
  }
}

function nameOf({
  condition,
  execution,
  process: index,
}: Pick<SelftestLine, "condition" | "execution" | "process">): string {
  return `${condition}/${execution}/${index}`;
}

function inFreshProcess(request: ChildRequest): Promise<CellLine[]> {
  return new Promise((resolve, reject) => {
    const lines: CellLine[] = [];
    const child = fork(fileURLToPath(import.meta.url), [CHILD, JSON.stringify(request)]);
    child.on("message", (line) => lines.push(line as CellLine));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(lines) : reject(new Error(`a process of the self-test ended with code ${code}`)),
    );
  });
}

function readLines(folder: string): SelftestLine[] {
  return recordFiles(runPaths(folder)).flatMap((path) =>
    Array.from(host.files.lines(path, LONGEST_LINE), ({ text }) => JSON.parse(text) as SelftestLine),
  );
}

await main();
