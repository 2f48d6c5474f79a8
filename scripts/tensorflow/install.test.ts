import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installationName, lock, uninstall } from "./install.ts";

let prefix: string;
beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), "tensorflow-install-"));
});
afterEach(() => {
  rmSync(prefix, { recursive: true, force: true });
});

test("each choice has a folder of its own", () => {
  const cpu = installationName({ kind: "pip", version: "2.21.0", gpu: false });
  expect(cpu).toMatch(/^2\.21\.0-cpu-[0-9a-f]{8}$/);
  const others = [
    installationName({ kind: "pip", version: "2.20.0", gpu: false }),
    installationName({ kind: "pip", version: "2.21.0", gpu: true }),
    installationName({ kind: "mirror", version: "2.21.0", gpu: false, url: "https://a.test/", sha256: "00" }),
    installationName({ kind: "library", folder: prefix, gpu: false }),
  ];
  expect(new Set([cpu, ...others]).size).toBe(5);
  expect(installationName({ kind: "pip", version: "2.21.0", gpu: false })).toBe(cpu);
});

test("one set-up at a time; the lock of one that died is taken over", () => {
  const release = lock(prefix);
  expect(() => lock(prefix)).toThrow(/Another set-up \(process \d+\) is at work/);
  release();
  const { pid } = spawnSync(process.execPath, ["--version"]);
  symlinkSync(String(pid), join(prefix, "set-up.lock"));
  lock(prefix)();
  expect(existsSync(join(prefix, "set-up.lock"))).toBe(false);
});

test("uninstall removes what the set-up made and nothing else", () => {
  expect(uninstall(prefix)).toBe(false);
  mkdirSync(join(prefix, "versions", "2.21.0-cpu-00000000"), { recursive: true });
  symlinkSync(join("versions", "2.21.0-cpu-00000000"), join(prefix, "current"));
  writeFileSync(join(prefix, "mine.txt"), "");
  expect(uninstall(prefix)).toBe(true);
  expect(existsSync(join(prefix, "versions"))).toBe(false);
  expect(existsSync(join(prefix, "mine.txt"))).toBe(true);
});
