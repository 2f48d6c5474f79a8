import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packageRoot } from "#host/package";
import { Random } from "#base/random";
import { shapeOf } from "#case/shape";
import { clockFault } from "./clock-rules.ts";
import { digestOf } from "./digest.ts";
import { checkProgram, type FormCheck } from "./check.ts";
import { readProgram, type Program } from "./manifest.ts";
import { ProgramSession } from "./session.ts";

const SKELETONS = join(packageRoot(), "contenders", "skeletons");
const OPTIONS = { threads: 1, device: "cpu", seed: 0 } as const;
const noSteps = () => {
  throw new Error("no program here has a training step");
};
const SPEC = { op: "multiplicative", causal: false, decay: "none" } as const;
const SHAPE = shapeOf({ grid: [32], H: 2, D: 8 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "programs-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The Node skeleton with one line of its program replaced. */
function mutant(line: string, by: string): Program {
  const place = join(folder, "mutant");
  cpSync(join(SKELETONS, "node"), place, { recursive: true });
  const file = join(place, "program.mjs");
  const text = readFileSync(file, "utf8");
  expect(text.split(line)).toHaveLength(2);
  writeFileSync(
    file,
    text.replace(line, () => by),
  );
  return readProgram(place);
}

async function checks(program: Program): Promise<FormCheck[]> {
  const found: FormCheck[] = [];
  for await (const check of checkProgram(program, { ...OPTIONS, steps: noSteps })) found.push(check);
  return found;
}

async function prepared(program: Program, runDeadline = 10): Promise<ProgramSession> {
  const session = await ProgramSession.start(program, { ...OPTIONS, runDeadline });
  const random = new Random(1);
  const { B, H, N, D } = SHAPE;
  const tensor = () => ({ shape: [B, H, N, D], data: random.normals(B * H * N * D) });
  const set = () =>
    new Map([
      ["q", tensor()],
      ["k", tensor()],
      ["v", tensor()],
    ]);
  await session.prepare({
    workload: "operator",
    spec: SPEC,
    shape: SHAPE,
    pass: "forward",
    precision: "float32",
    sets: [set(), set()],
  });
  return session;
}

test.each(["node", "python"])("the skeleton in %s passes the check untouched", async (language) => {
  const found = await checks(readProgram(join(SKELETONS, language)));
  expect(found.length).toBeGreaterThan(4);
  expect(found.filter(({ ok }) => !ok)).toEqual([]);
});

test.each([
  ["zeros", "    multiply(part(q, D), state, part(result.out, E), [D, E]);", "", "out"],
  [
    "the state of the head before",
    "    const state = outerSum(part(k, D), part(v, E), D, E);",
    "    const state = outerSum(k.subarray(0, N * D), v.subarray(0, N * E), D, E);",
    "out",
  ],
  [
    "the result of its first call again",
    "      prepared.outputs = compute",
    "      prepared.outputs ??= compute",
    "out",
  ],
  [
    "one gradient wrong",
    "[E, D]);\n    multiply(part(k, D), ofState",
    "[E, D]);\n    result['grad.k'][0] += 1;\n    multiply(part(k, D), ofState",
    "grad.k",
  ],
])("a program that gives %s is refused", async (_what, line, by, where) => {
  const found = await checks(mutant(line, by));
  const worst = found
    .filter(({ ok }) => !ok)
    .flatMap(({ errors }) => errors.filter(({ error, tolerance }) => error > tolerance));
  expect(worst.map(({ name }) => name)).toContain(where);
});

function mutantOf(program: Program, line: string, by: string): Program {
  const file = join(program.folder, "program.mjs");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(line, () => by),
  );
  return program;
}

test("a run that hangs is ended at its deadline, with what the program wrote last", async () => {
  const session = await prepared(mutant("    const seconds = [];", "    console.log('thinking');\n    for (;;);"), 1);
  await expect(session.run(0, 1)).rejects.toThrow(/no answer to "run" within 1 s.*thinking/);
  await session.stop();
});

test("a crash after the fifth call names the exit", async () => {
  const session = await prepared(
    mutant(
      "      const start = process.hrtime.bigint();",
      "      if ((globalThis.calls = (globalThis.calls ?? 0) + 1) > 5) process.exit(7);\n      const start = process.hrtime.bigint();",
    ),
  );
  for (let call = 0; call < 5; call++) await session.run(0, 1);
  await expect(session.run(0, 1)).rejects.toThrow("ended with exit code 7");
  await session.stop();
});

test.each([
  ["no JSON", "console.log('lightnet-bench {')", /no JSON/],
  ["a reply of another kind", "say({ type: 'fetched' })", /breaks the protocol/],
  ["times that are no numbers", "say({ type: 'ran', seconds: ['fast'] })", /breaks the protocol/],
  ["fewer times than repeats", "say({ type: 'ran', seconds: [1e-3] })", /1 times for 3 repeats/],
  ["negative times", "say({ type: 'ran', seconds: [-1, 1, 1] })", /breaks the protocol/],
])("a program that answers with %s fails with the reason", async (_what, by, message) => {
  const session = await prepared(mutant('    say({ type: "ran", seconds });', `    ${by};`));
  await expect(session.run(0, 3)).rejects.toThrow(message);
  await session.stop();
});

test("garbage on its output is kept as its log and does no harm", async () => {
  const session = await prepared(
    mutant(
      "    const seconds = [];",
      '    process.stdout.write(\'\\u0000garbage {"type":"ran"}\\n\');\n    const seconds = [];',
    ),
  );
  expect((await session.run(0, 2)).seconds).toHaveLength(2);
  await session.stop();
});

test("a clock that runs slow is found", async () => {
  const session = await prepared(mutant("/ 1e9);", "/ 4e9);"));
  const observations = [];
  for (let call = 0; call < 5; call++) observations.push(await session.run(0, 2000));
  expect(observations[0]!.wall).toBeGreaterThan(0.02);
  expect(clockFault(observations, 1e-4)).toMatch(/work outside its clock/);
  await session.stop();
});

test("an honest program's own clock shows no more than the harness's", async () => {
  const session = await prepared(readProgram(join(SKELETONS, "node")));
  const { own, wall, seconds } = await session.run(1, 20);
  expect(seconds).toHaveLength(20);
  expect(own).toBeLessThanOrEqual(wall);
  await session.stop();
});

test("the cost of the protocol is allowed, one interruption too; a clock ahead of time is not", () => {
  const honest = [0.05, 0.0502, 0.051, 0.09, 0.0501].map((wall) => ({ own: 0.0495, wall }));
  expect(clockFault(honest, 2e-4)).toBeUndefined();
  expect(
    clockFault(
      honest.map(({ wall }) => ({ own: wall / 2, wall })),
      2e-4,
    ),
  ).toMatch(/work outside its clock/);
  // A busy machine: replies are read late, whether half of the calls or most.
  const late = Array.from({ length: 20 }, (_, i) => ({ own: 0.0495, wall: i % 5 === 0 ? 0.05 : 0.08 }));
  const atWork = (all: readonly { own: number; wall: number }[], cpuSeconds: number) =>
    all.map((one) => ({ ...one, cpuSeconds: cpuSeconds / all.length }));
  expect(clockFault(atWork(late, 20 * 0.0495), 2e-4)).toBeUndefined();
  const allLate = Array.from({ length: 20 }, () => ({ own: 0.001, wall: 0.015 }));
  expect(clockFault(atWork(allLate, 20 * 0.0012), 2e-4)).toBeUndefined();
  expect(clockFault(allLate, 2e-4)).toMatch(/work outside its clock/);
  // The same clocks, of a program that worked on after it had looked at its clock.
  expect(clockFault(atWork(late, 20 * 0.0495 + 16 * 0.03), 2e-4)).toMatch(/work outside its clock/);
  expect(clockFault([...honest, { own: 2, wall: 1 }], 2e-4)).toMatch(/reports 2.00e\+3 ms where 1.00e\+3 ms passed/);
});

test("what a program starts ends with it", async () => {
  const marker = join(folder, "child.pid");
  const start = `import { spawn } from "node:child_process";\nimport { createInterface } from "node:readline";\nconst child = spawn("sleep", ["600"], { stdio: "ignore" });\nwriteFileSync(${JSON.stringify(marker)}, String(child.pid));`;
  const session = await prepared(mutant('import { createInterface } from "node:readline";', start));
  const pid = Number(readFileSync(marker, "utf8"));
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  await session.stop();
  await expect
    .poll(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "))
    .toBe(true);
});

test("memory is that of the whole tree", async () => {
  const session = await prepared(mutant("let prepared;", "globalThis.held = Buffer.alloc(300e6, 1);\nlet prepared;"));
  expect(session.usage()!.peakBytes).toBeGreaterThan(300e6);
  await session.stop();
});

test("a program that does not start says so", async () => {
  mkdirSync(join(folder, "none"));
  const manifest = { ...readProgram(join(SKELETONS, "node")).manifest, command: ["/nowhere/program"] };
  writeFileSync(join(folder, "none", "contender.json"), JSON.stringify(manifest));
  await expect(ProgramSession.start(readProgram(join(folder, "none")), { ...OPTIONS, runDeadline: 1 })).rejects.toThrow(
    /could not be started/,
  );
});

test("a manifest that is wrong names file, field and rule", () => {
  writeFileSync(join(folder, "contender.json"), JSON.stringify({ name: "Big Name", kind: "program" }));
  expect(() => readProgram(folder)).toThrow(/contender\.json: is not the manifest of a contender: name: /);
  expect(() => readProgram(join(folder, "absent"))).toThrow(/cannot be read/);
});

test("the digest changes with the program and not with its place", () => {
  const program = readProgram(join(SKELETONS, "node"));
  const copy = mutant("const seconds = [];", "const seconds = [];");
  expect(digestOf(copy)).toBe(digestOf(program));
  expect(digestOf(mutantOf(copy, "const seconds = [];", "const seconds = []; // changed"))).not.toBe(digestOf(program));
});
