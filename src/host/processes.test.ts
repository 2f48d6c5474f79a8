import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { host } from "./current.ts";

const { own, isAlive, outputOf } = host.processes;

test("this process runs; one with its number from another start does not", () => {
  expect(own.pid).toBe(process.pid);
  expect(isAlive(own)).toBe(true);
  expect(isAlive({ ...own, start: "another boot 1" })).toBe(false);
});

test("numbers that name no process name none, not whole groups", () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 22 + 1])
    expect(isAlive({ ...own, pid, start: undefined })).toBe(false);
});

test("a child runs until it has ended", async () => {
  const child = spawn("sleep", ["60"]);
  const name = { pid: child.pid!, host: own.host };
  expect(isAlive(name)).toBe(true);
  child.kill();
  await once(child, "exit");
  expect(isAlive(name)).toBe(false);
});

test.skipIf(process.platform !== "linux")(
  "a process that has ended and that nobody waits for does not run",
  async () => {
    // The shell becomes a program that never waits for the child it began.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"]);
    const [pid] = (await once(parent.stdout, "data")) as [Buffer];
    const name = { pid: Number(String(pid)), host: own.host };
    const stateOf = () => execFileSync("ps", ["-o", "stat=", "-p", String(name.pid)], { encoding: "utf8" });
    while (!stateOf().startsWith("Z")) spawnSync("sleep", ["0.02"]);
    expect(isAlive(name)).toBe(false);
    parent.kill();
  },
);

test("the output of a program; nothing where it is missing, fails or takes too long", () => {
  expect(outputOf("printf", ["%s", "a b"], 5)).toBe("a b");
  expect(outputOf("no-such-program", [], 5)).toBeUndefined();
  expect(outputOf("false", [], 5)).toBeUndefined();
  expect(outputOf("sleep", ["5"], 0.05)).toBeUndefined();
});
