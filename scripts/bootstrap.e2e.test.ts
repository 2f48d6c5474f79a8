import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeEach, describe, expect, test } from "vitest";

const SCRIPTS = fileURLToPath(new URL(".", import.meta.url));

/** Says when it begins and ends, and makes a file in the folder that is its last argument. */
const COMPILER = `
  import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
  const name = process.argv[1].includes("kernels") ? "kernels" : "program";
  appendFileSync("log", "begin " + name + "\\n");
  if (existsSync("broken")) process.exit(1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  mkdirSync(process.argv.at(-1), { recursive: true });
  writeFileSync(process.argv.at(-1) + "/" + name, "made");
  appendFileSync("log", "end " + name + "\\n");
`;

let clone: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true });
  writeFileSync(join(clone, path), text);
}

const build = () => execa({ reject: false })`${process.execPath} ${join(clone, "scripts", "bootstrap.mjs")}`;
const log = () => readFileSync(join(clone, "log"), "utf8").trimEnd().split("\n");

const WHOLE = ["begin program", "end program", "begin kernels", "end kernels"];
const BUILT = [".stamp", "kernels", "program"];

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "lightnet-clone-"));
  for (const file of ["bootstrap.mjs", "build-lock.mjs"]) cpSync(join(SCRIPTS, file), join(clone, "scripts", file));
  for (const path of ["tsconfig.json", "tsconfig.build.json", "package-lock.json", "suites/a.ts"]) write(path, "{}");
  write("package.json", '{ "type": "module" }');
  write("src/engine/wasm/assembly/index.ts", "");
  write("node_modules/typescript/package.json", '{ "type": "module" }');
  write("node_modules/typescript/bin/tsc", COMPILER);
  write("scripts/build-kernels.mjs", COMPILER);
  write("node_modules/.lightnet-bench-install", createHash("sha256").update("{}").digest("hex"));
});

test("of builds that start at once one builds, and the others wait for it", async () => {
  const results = await Promise.all([build(), build(), build()]);
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  expect(log()).toEqual(WHOLE);
  expect(readdirSync(join(clone, "dist")).sort()).toEqual(BUILT);
  expect(readdirSync(clone).filter((name) => name.startsWith("dist"))).toEqual(["dist"]);
});

test("what is up to date is not built again, and kernels only when they changed", async () => {
  await build();
  await build();
  expect(log()).toEqual(WHOLE);
  write("src/new.ts", "");
  await build();
  expect(log()).toEqual([...WHOLE, "begin program", "end program"]);
  expect(readdirSync(join(clone, "dist")).sort()).toEqual(BUILT);
});

test("packages that someone installed by hand are taken as they are; others are installed", async () => {
  const listOf = (packages: object): string => JSON.stringify({ packages });
  const [wanted, optional] = [{ integrity: "sha512-a" }, { integrity: "sha512-b", optional: true }];
  write("package-lock.json", listOf({ "": {}, "node_modules/a": wanted, "node_modules/b": optional }));
  write("node_modules/.package-lock.json", listOf({ "node_modules/a": wanted }));
  const { exitCode, stderr } = await build();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringContaining("installing packages") });
  const stamp = createHash("sha256")
    .update(readFileSync(join(clone, "package-lock.json")))
    .digest("hex");
  expect(readFileSync(join(clone, "node_modules", ".lightnet-bench-install"), "utf8")).toBe(stamp);
  write("package-lock.json", listOf({ "": {}, "node_modules/a": { integrity: "sha512-newer" } }));
  expect((await build()).stderr).toContain("installing packages (npm ci) …");
});

test.runIf(process.platform === "linux")("a build that finds no room says so in a line", async () => {
  await build();
  write("src/new.ts", "");
  write("dist/kernels/large", "x".repeat(5000));
  const script = join(clone, "scripts", "bootstrap.mjs");
  const { exitCode, stderr } = await execa({
    reject: false,
    shell: "/bin/bash",
  })`trap "" XFSZ; ulimit -f 2; ${process.execPath} ${script}`;
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/EFBIG.*Mend the error above/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("what needs no kernels does not wait for them", async () => {
  const code = `await (await import("./scripts/bootstrap.mjs")).bootstrap({ kernels: false })`;
  await execa({ cwd: clone })`${process.execPath} --input-type=module -e ${code}`;
  expect(log()).toEqual(["begin program", "end program"]);
  await build();
  expect(log()).toEqual(WHOLE);
});

const ended = () => execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).trim();

describe.each([
  ["nothing", () => ""],
  ["half a number", () => "-"],
  ["a whole group of processes", () => "-1 ?"],
  ["a process that has ended", () => `${ended()} ?`],
  ["a number that another program has now", () => `${process.pid} another-start`],
])("a lock that holds %s", (_name, content) => {
  test("is taken over", async () => {
    write("dist.lock", content());
    const results = await Promise.all([build(), build()]);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(log()).toEqual(WHOLE);
    expect(existsSync(join(clone, "dist.lock"))).toBe(false);
  });
});

test("a build that fails leaves the old one and the lock, and what a killed one left goes", async () => {
  await build();
  write("src/new.ts", "");
  write("broken", "");
  write("dist.building-1/program", "half");
  const { exitCode, stderr } = await build();
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/compiling TypeScript failed\. Mend the error above/);
  expect(readFileSync(join(clone, "dist", "program"), "utf8")).toBe("made");
  expect(readdirSync(clone).filter((name) => name.startsWith("dist"))).toEqual(["dist"]);
});
