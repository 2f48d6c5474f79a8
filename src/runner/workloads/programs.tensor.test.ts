import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { operatorCase } from "#catalogue/operator-case";
import { caseId } from "#case/case";
import { shapeOf } from "#case/shape";
import { startEngine } from "#engine/registry";
import { packageRoot } from "#host/package";
import { readGiven } from "#programs/given";
import { PROGRAM_STRATEGY } from "#programs/named";
import { measuredReplies } from "#testing/measured-replies";

const SKELETON = join(packageRoot(), "contenders", "skeletons", "node");
const SAME = "for await";
const COMPUTED = "prepared.outputs = compute(prepared.sets[(set + i) % prepared.sets.length]);";
const RUN = "  run({ set, repeats }) {\n";

/** What each does wrong: a text of the skeleton's program, what stands there instead, and the reason of its end. */
type Mutant = readonly [from: string, to: string, reason: RegExp];
const MUTANTS: Readonly<Record<string, Mutant>> = {
  zeros: [
    COMPUTED,
    `${COMPUTED} for (const x of Object.values(prepared.outputs)) x.fill(0);`,
    /on small inputs .* is off/,
  ],
  stale: [COMPUTED, `prepared.outputs ??= compute(prepared.sets[0]);`, /on small inputs .* is off/],
  "from-the-tenth-call": [
    COMPUTED,
    `${COMPUTED} if ((prepared.calls = (prepared.calls ?? 0) + 1) > 9) prepared.outputs["grad.v"].fill(0);`,
    /in a timed call.* is off/,
  ],
  "not-carried-over-a-chunk": [
    "const state = outerSum(part(k, D), part(v, E), D, E);",
    "const state = outerSum(part(k, D).subarray(0, 80 * D), part(v, E).subarray(0, 80 * E), D, E);",
    /in a timed call.* is off/,
  ],
  "last-row": [COMPUTED, `${COMPUTED} prepared.outputs["grad.v"].fill(0, -8);`, /grad\.v is off/],
  "head-before": [
    "const state = outerSum(part(k, D), part(v, E), D, E);",
    "const state = outerSum(k.subarray(0, N * D), v.subarray(0, N * E), D, E);",
    /on small inputs .* out is off/,
  ],
  gradient: [COMPUTED, `${COMPUTED} prepared.outputs["grad.k"][0] += 1;`, /grad\.k is off/],
  "short-output": [
    COMPUTED,
    `${COMPUTED} if (prepared.shape.N > 80) prepared.outputs["grad.q"] = new Float32Array(3);`,
    /grad\.q has 3 numbers/,
  ],
  "no-numbers": ['say({ type: "ran", seconds });', 'say({ type: "ran", seconds: ["fast"] });', /breaks the protocol/],
  "fifth-call": [
    RUN,
    `${RUN}    if ((globalThis.calls = (globalThis.calls ?? 0) + 1) > 5) process.exit(3);\n`,
    /exit code 3/,
  ],
  leak: [
    RUN,
    `${RUN}    (globalThis.held ??= []).push(Buffer.alloc(600e6, 1));\n    if (globalThis.held.length > 2) { const end = Date.now() + 1500; while (Date.now() < end); }\n`,
    /of memory, the limit is/,
  ],
  survivor: [
    RUN,
    `${RUN}    globalThis.child ??= process.getBuiltinModule("node:child_process").spawn("sleep", ["60"], { detached: true, stdio: "ignore" });\n`,
    /left 1 of the processes behind/,
  ],
};

/** One disturbs all others; the other shows where a call takes long beside the delays of a busy machine. */
const LONGER: Readonly<Record<string, Mutant>> = {
  busy: [
    RUN,
    `${RUN}    globalThis.thread ??= new (process.getBuiltinModule("node:worker_threads").Worker)("for (;;);", { eval: true });\n`,
    /cores busy/,
  ],
  "slow-clock": ["/ 1e9);", "/ 4e10);", /work outside its clock/],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mutants-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function mutant(name: string, from: string, to: string): string {
  const place = join(folder, name);
  cpSync(SKELETON, place, { recursive: true });
  const edit = (file: string, before: string, after: string) => {
    const text = readFileSync(join(place, file), "utf8");
    expect(text).toContain(before);
    writeFileSync(
      join(place, file),
      text.replace(before, () => after),
    );
  };
  edit("contender.json", "my-node-kernel", name);
  if (from !== to) edit("program.mjs", from, to);
  return place;
}

test.each([
  ["twelve programs that are wrong lose", MUTANTS],
  ["a program that is busy while others are measured, and one with a slow clock, lose", LONGER],
])("%s their own cases, with the reason; the others are measured", async (_what, mutants) => {
  const engine = await startEngine("wasm", {});
  const paths = Object.entries(mutants).map(([name, [from, to]]) => mutant(name, from, to));
  const programs = readGiven([...paths, mutant("honest", SAME, SAME)]).map(({ given }) => given);
  const context = { scale: "smoke", engine: "wasm", datasets: [] } as const;
  const shape = shapeOf({ grid: [96], H: 2, D: 8 }); // longer than the small inputs of the gate
  const point = { suite: "example", contender: "linear-global", shape, pass: "forward+backward" } as const;
  const ours = operatorCase(context, point);
  const cases = [
    ours,
    ...programs.map(({ name }) => ({ ...ours, contender: `${name}/linear-global`, strategy: PROGRAM_STRATEGY })),
  ];
  const replies = await measuredReplies({ cases, programs, contenderBudget: mutants === LONGER ? 1 : 0.1 }, engine);
  await engine.stop();

  const nameOf = new Map(cases.map((item) => [caseId(item), item.contender.split("/")[0]!]));
  const failed = new Map(
    replies.flatMap((reply) => (reply.type === "failed" ? [[nameOf.get(reply.caseId), reply.reason] as const] : [])),
  );
  for (const [name, [, , reason]] of Object.entries(mutants)) expect.soft(failed.get(name), name).toMatch(reason);
  expect([...failed.keys()].sort()).toEqual(Object.keys(mutants).sort());
  const lines = replies.flatMap((reply) => (reply.type === "line" ? [reply.line] : []));
  for (const name of ["linear-global", "honest"])
    expect(lines.filter((line) => nameOf.get(line.caseId) === name).length).toBeGreaterThan(2);
  const first = lines.find((line) => nameOf.get(line.caseId) === "honest" && line.round === 0)!;
  expect(first).toMatchObject({ strategy: "loops", program: { name: "honest", class: "reference", threads: 1 } });
  expect((first["program"] as { roundTripSeconds: number }).roundTripSeconds).toBeGreaterThan(0);
});
