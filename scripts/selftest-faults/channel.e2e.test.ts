// What a child says that nobody asked for ends that child, and is a failure with a reason; never a trace of the parent.
// The child, which is built, is a real one.

import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { packageRoot } from "#host/package";
import type * as ChildProcess from "#runner/child-process";
import type { Reply } from "#runner/protocol";
import { GARBAGE } from "./garbage.ts";

const BUILT = join(packageRoot(), "dist", "src", "runner", "child-process.js");
const { runChild } = (await import(BUILT)) as typeof ChildProcess;

const LIMITS = { timeoutSeconds: 60, memoryLimitBytes: Infinity };

/** A child that says these before it answers: what is long is shortened, as it goes through an environment variable. */
async function childThatSays(messages: readonly unknown[], caseIds?: ReadonlySet<string>) {
  const code = `
    const send = process.send.bind(process);
    process.send = (...answer) => {
      process.send = send;
      for (const said of ${JSON.stringify(messages).replaceAll(/x{100,}/g, "xx")}) send(said);
      return send(...answer);
    };`;
  vi.stubEnv("NODE_OPTIONS", `--import data:text/javascript,${encodeURIComponent(code)}`);
  const heard: Reply[] = [];
  const limits = { ...LIMITS, ...(caseIds === undefined ? {} : { caseIds }) };
  const outcome = await runChild({ type: "probe", engine: "cpu" }, limits, (reply) => heard.push(reply));
  return { ...outcome, heard };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

const OUT_OF_TURN = GARBAGE.filter(
  (message) => !["done", "gate"].includes(String((message as { type?: unknown } | undefined)?.type)),
);

test.each(OUT_OF_TURN.map((message) => [JSON.stringify(message).slice(0, 60), message]))(
  "%s ends the child as failed",
  async (_text, message) => {
    const { failure, heard } = await childThatSays([message], new Set(["asked for"]));
    expect(failure).toEqual({
      status: "failed",
      reason: "the process sent a message that is none of the protocol's",
    });
    expect(heard).toEqual([]);
  },
);

test("what it says about a case that was asked for is heard", async () => {
  const about: Reply[] = [
    { type: "touching", caseId: "asked for" },
    { type: "line", line: { caseId: "asked for", round: 0, startedAt: "2026-01-01T00:00:00Z" } },
    { type: "failed", caseId: "asked for", status: "failed", reason: "it fell" },
  ];
  const { failure, heard } = await childThatSays(about, new Set(["asked for"]));
  expect(failure).toBeUndefined();
  expect(heard.slice(0, 3)).toEqual(about);
});

test("where no case was asked for, words about any are out of turn", async () => {
  const { failure } = await childThatSays([{ type: "touching", caseId: "any" }]);
  expect(failure?.status).toBe("failed");
});

test.each([
  ["closes its channel at once", "process.disconnect()", /^the process ended early/],
  ["is killed at once", "process.kill(process.pid, 'SIGKILL')", /killed by the system/],
  ["is ended at once", "process.kill(process.pid, 'SIGTERM')", /the process ended early \(signal SIGTERM\)/],
  ["ends at once", "process.exit(0)", /the process ended early/],
])("a child that %s is a failure with a reason", async (_what, code, reason) => {
  vi.stubEnv("NODE_OPTIONS", `--import data:text/javascript,${encodeURIComponent(code)}`);
  const { failure } = await runChild({ type: "probe", engine: "cpu" }, LIMITS, () => undefined);
  expect(failure?.reason).toMatch(reason);
});

test("what the listener throws is thrown, and the child ended", async () => {
  const listen = () => {
    throw new Error("a full disk");
  };
  await expect(runChild({ type: "probe", engine: "cpu" }, LIMITS, listen)).rejects.toThrow("a full disk");
});

test("a child that the system does not start is named, and nothing else is killed", async () => {
  vi.stubEnv("TOO_LONG_FOR_A_PROCESS", "x".repeat(2 ** 22));
  const said = runChild({ type: "probe", engine: "cpu" }, LIMITS, () => undefined);
  await expect(said).rejects.toThrow(/no process can be started here: spawn E2BIG/);
});
