import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { deadlineIn } from "./deadline.ts";

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a budget ends although garbage is collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const deadline = deadlineIn(0.3, new AbortController().signal);
  for (let i = 0; i < 200 && !deadline.aborted; i++) {
    collect();
    await passed(50);
  }
  expect(deadline.aborted).toBe(true);
});

test("another signal ends it, before or after the start; without both it never ends", () => {
  const pause = new AbortController();
  const deadline = deadlineIn(undefined, pause.signal);
  expect(deadline.aborted).toBe(false);
  pause.abort();
  expect([deadline.aborted, deadlineIn(1e9, pause.signal).aborted, deadlineIn(undefined).aborted]).toEqual([
    true,
    true,
    false,
  ]);
});
