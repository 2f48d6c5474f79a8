// A program that decodes: checked on small contexts, then timed beside ours and checked on its timed calls.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeCase } from "#catalogue/operator-case";
import { caseId } from "#case/case";
import { shapeOf } from "#case/shape";
import { startEngine } from "#engine/registry";
import { packageRoot } from "#host/package";
import { checkProgram } from "#programs/check";
import { readGiven } from "#programs/given";
import { readProgram } from "#programs/manifest";
import { measuredReplies } from "#testing/measured-replies";
import { casesOfPrograms } from "../outside.ts";

const SKELETON = join(packageRoot(), "contenders", "skeletons", "node");

/** Causal linear attention: the state of the context and of the token, read by the token's query. */
const DECODED = `
function decoded({ q, k, v, "context.k": keys, "context.v": values }) {
  const { B, H, N, D, E } = prepared.shape;
  const out = new Float32Array(B * H * E);
  for (let head = 0; head < B * H; head++) {
    const part = (array, width) => array.subarray(head * width, (head + 1) * width);
    const state = outerSum(part(keys, N * D), part(values, N * E), D, E);
    const added = outerSum(part(k, D), part(v, E), D, E);
    multiply(part(q, D), state.map((x, i) => x + added[i]), part(out, E), [D, E]);
  }
  return { out };
}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "decoding-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The skeleton of Node with this function in place of its own. */
function programOf(name: string, decoded: string): string {
  const place = join(folder, name);
  cpSync(SKELETON, place, { recursive: true });
  const program = readFileSync(join(place, "program.mjs"), "utf8")
    .replace("= compute(", "= decoded(")
    .replace("|| spec.causal)", "|| !spec.causal)");
  writeFileSync(join(place, "program.mjs"), program + decoded);
  const { manifest } = readProgram(place);
  const operator = { op: "multiplicative", causal: true, decay: "none" };
  writeFileSync(
    join(place, "contender.json"),
    JSON.stringify({ ...manifest, name, operators: [{ operator, workloads: ["decode"] }] }),
  );
  return place;
}

test("contender check looks at the token after a context, and finds one that forgets it", async () => {
  const found = async (place: string) => {
    const checks = [];
    const steps = () => {
      throw new Error("it has no training step");
    };
    for await (const check of checkProgram(readProgram(place), { threads: 1, device: "cpu", seed: 0, steps }))
      checks.push(check);
    return checks;
  };
  const right = await found(programOf("right", DECODED));
  expect(right.length).toBeGreaterThan(2);
  expect(right.filter(({ ok, workload }) => !ok || workload !== "decode")).toEqual([]);
  const wrong = await found(programOf("wrong", DECODED.replace("x + added[i]", "x")));
  expect(wrong.filter(({ ok }) => ok)).toEqual([]);
});

test("it is timed beside ours and checked; a state that is not that of the whole context is refused", async () => {
  const engine = await startEngine("wasm", {});
  const half = DECODED.replace(
    "part(keys, N * D), part(values, N * E)",
    "part(keys, N * D).slice(-100 * D), part(values, N * E).slice(-100 * E)",
  );
  const programs = readGiven([programOf("right", DECODED), programOf("half", half)]);
  const context = { scale: "smoke", engine: "wasm", datasets: [] } as const;
  const ours = decodeCase(context, {
    suite: "example",
    contender: "linear-causal",
    shape: shapeOf({ grid: [128], H: 2, D: 8 }),
  });
  const cases = [ours, ...casesOfPrograms([ours], programs)];
  expect(cases.map(({ contender }) => contender)).toEqual([
    "linear-causal",
    "right/linear-causal",
    "half/linear-causal",
  ]);
  const before = engine.memory().tensors;
  const replies = await measuredReplies({ cases, programs: programs.map(({ given }) => given) }, engine);
  expect(engine.memory().tensors - before).toBeLessThan(10); // ours keeps its tokens and its state
  await engine.stop();
  const [own, right, wrong] = cases.map(caseId);
  const failed = replies.flatMap((reply) => (reply.type === "failed" ? [reply] : []));
  expect(failed.map((reply) => [reply.caseId, reply.reason])).toEqual([
    [wrong, expect.stringMatching(/in a timed call.* out is off/)],
  ]);
  const lines = replies.flatMap((reply) => (reply.type === "line" ? [reply.line] : []));
  for (const id of [own, right]) expect(lines.filter((line) => line.caseId === id).length).toBeGreaterThan(2);
});
