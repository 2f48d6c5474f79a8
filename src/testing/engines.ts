// Tests that need an engine run once on each engine that is here. LIGHTNET_TEST_ENGINES chooses them (comma list); a
// missing one is skipped with its reason, unless REQUIRE_ENGINES names it.

import { beforeAll, describe, expect, test } from "vitest";
import { messageOf } from "#base/errors";
import type { Availability, RunningEngine } from "#engine/engine";
import { currentEngine, engineAvailability, engines, startEngine } from "#engine/registry";

/** Both live on the CPU and may follow one another in a process; engines on a device may not. */
const DEFAULT_ENGINES = "wasm,cpu";

function listed(variable: string, otherwise: string): string[] {
  return (process.env[variable] ?? otherwise)
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
}

async function availabilityOf(id: string): Promise<Availability> {
  if (!engines.has(id)) return { available: false, reason: `no engine is called ${id}` };
  try {
    return await engineAvailability(id);
  } catch (error) {
    return { available: false, reason: messageOf(error) };
  }
}

/** Runs `body` in a `describe` for each engine asked for; `engine()` is the running one, inside tests. */
export async function describeOnEachEngine(
  name: string,
  body: (engine: () => RunningEngine, id: string) => void,
): Promise<void> {
  const required = listed("REQUIRE_ENGINES", "");
  const chosen = listed("LIGHTNET_TEST_ENGINES", DEFAULT_ENGINES);
  for (const id of new Set([...chosen, ...required.filter(() => process.env["LIGHTNET_TEST_ENGINES"] === undefined)])) {
    const availability = await availabilityOf(id);
    if (availability.available) {
      describe(`${name} on ${id}`, () => {
        beforeAll(async () => void (await startEngine(id)));
        body(currentEngine, id);
      });
    } else if (required.includes(id)) {
      test(`${name} on ${id}`, () =>
        expect.fail(`REQUIRE_ENGINES names ${id}, which is not available: ${availability.reason}`));
    } else {
      test.skip(`${name} on ${id}: ${availability.reason}`, () => undefined);
    }
  }
}

/** Runs `body` and expects as many live tensors after it as before. */
export async function expectNoLeak(engine: RunningEngine, body: () => void | Promise<void>): Promise<void> {
  const before = engine.memory().tensors;
  await body();
  expect(engine.memory().tensors - before, "tensors alive after minus before").toBe(0);
}
