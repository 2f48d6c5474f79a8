import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";

const WATCH = pathToFileURL(join(packageRoot(), "dist", "src", "runner", "parent-watch.js")).href;

/** A child whose event loop is held for ever, as a long kernel call holds it. */
const CHILD = (parent: string) =>
  `const { endWithParent } = await import("${WATCH}"); await endWithParent(${parent}); console.log(process.pid); for (;;);`;
const PARENT = `
import { spawn } from "node:child_process";
const code = ${JSON.stringify(CHILD("PARENT"))}.replace("PARENT", process.pid);
spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "inherit", "inherit"] });
setInterval(() => undefined, 1000);
`;

/** An orphan that has ended keeps its pid until the system's first process asks for it, which takes seconds on some machines. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = `/proc/${pid}/stat`;
    return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
  } catch {
    return false;
  }
}

test("a child in an endless call ends within two seconds of its parent's death", async () => {
  const parent = execa({ reject: false, timeout: 20_000 })`${process.execPath} --input-type=module -e ${PARENT}`;
  const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
  expect(isAlive(pid)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(isAlive(pid)).toBe(true); // the watcher leaves a child alone whose parent lives
  parent.kill("SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(isAlive(pid)).toBe(false);
}, 20_000);
