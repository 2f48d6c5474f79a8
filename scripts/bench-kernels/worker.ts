// One engine as a process: says its device, then answers one request a line as rival.py does. TensorFlow reads its number
// of threads once, when it is loaded, so that each number of threads is a process.
//
//   node worker.js <engine>

import { createInterface } from "node:readline";
import { z } from "zod";
import { describeError } from "#base/errors";
import { startEngine } from "#engine/registry";
import { type Runnable, allWorks } from "./works.ts";

const requestSchema = z.object({ work: z.object({ name: z.string() }), seconds: z.number(), cpuTime: z.boolean() });
type Request = z.infer<typeof requestSchema>;

const engine = await startEngine(process.argv[2] ?? "");
let current: { readonly name: string; readonly run: Runnable } | undefined;

/** The work, made and warm; the one before it is disposed of. */
async function prepared(name: string): Promise<Runnable> {
  if (current?.name === name) return current.run;
  current?.run.dispose();
  current = undefined;
  const work = allWorks().find((candidate) => candidate.name === name);
  if (work === undefined) throw new Error(`no work is called "${name}"`);
  const run = await work.ours(engine);
  run.call();
  run.call();
  current = { name, run };
  return run;
}

function clock(cpuTime: boolean): number {
  const { user, system } = process.cpuUsage();
  return cpuTime ? (user + system) / 1e6 : performance.now() / 1000;
}

async function answer({
  work,
  seconds,
  cpuTime,
}: Request): Promise<{ readonly seconds: number; readonly calls: number }> {
  const run = await prepared(work.name);
  const begin = clock(cpuTime);
  let calls = 0;
  while (calls === 0 || clock(cpuTime) - begin < seconds) {
    run.call();
    calls += 1;
  }
  return { seconds: (clock(cpuTime) - begin) / calls, calls };
}

const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
say({ engine: engine.id, device: engine.device });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(requestSchema.parse(JSON.parse(line))));
  } catch (error) {
    say({ error: describeError(error) });
  }
}
await engine.stop();
process.exit(0);
