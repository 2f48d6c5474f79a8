// What `npm pack` makes, in an empty project beside it: types, the command, a suite and a contender of the reader's own.
// The packages that it depends on are linked from here, so that no registry is asked.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execa } from "execa";
import { packageRoot } from "#host/package";
import { loadRun } from "#store/load";

const root = packageRoot();
const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
};
let folder: string;
let files: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lightnet-bench-package-"));
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64e6,
  });
  const [made] = JSON.parse(packed) as [{ readonly filename: string; readonly files: { readonly path: string }[] }];
  files = made.files.map(({ path }) => path);
  const place = join(folder, "node_modules", "lightnet-bench");
  mkdirSync(place, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, made.filename), "-C", place, "--strip-components=1"]);
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
  writeFileSync(join(folder, "package.json"), '{ "name": "empty", "private": true, "type": "module" }\n');
  const library = readFileSync(join(root, "docs", "library.md"), "utf8");
  for (const [, name, body] of library.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```/gms))
    writeFileSync(join(folder, name!), body!);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = (args: readonly string[]) =>
  execa(process.execPath, [join(folder, "node_modules", "lightnet-bench", "bin", "lightnet-bench.js"), ...args], {
    cwd: folder,
    reject: false,
    all: true,
  });

test("the package holds what it runs on, and nothing that only its makers need", () => {
  const has = (path: string) => files.includes(path);
  for (const path of ["README.md", "LICENSE", "CHANGELOG.md", "bin/lightnet-bench.js", "docs/library.md"])
    expect([path, has(path)]).toEqual([path, true]);
  for (const path of ["dist/src/library/index.js", "dist/src/library/index.d.ts", "dist/src/library/index.js.map"])
    expect([path, has(path)]).toEqual([path, true]);
  expect(files.filter((path) => /\.wasm$/.test(path)).length).toBeGreaterThan(0);
  expect(files.filter((path) => path.endsWith("/contender.json")).length).toBeGreaterThan(5);
  const foreign = /\.test\.|\/testing\/|^results\/published|selftest-|write-docs|\.tsbuildinfo$/;
  expect(files.filter((path) => foreign.test(path))).toEqual([]);
});

test("what it exports resolves, with types that a strict project accepts", { timeout: 120_000 }, async () => {
  const use = `import { compareRuns, defineContender, defineMixer, defineSuite, loadRun, runSuites, buildReport } from "lightnet-bench";
export const all: readonly ((...given: never[]) => unknown)[] = [compareRuns, defineContender, defineMixer, defineSuite, loadRun, runSuites, buildReport];
`;
  writeFileSync(join(folder, "use.ts"), use);
  const options = { strict: true, noEmit: true, skipLibCheck: true, module: "nodenext", target: "es2022", types: [] };
  const project = (names: readonly string[]) =>
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: names }));
  const typeCheck = () =>
    execa(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", folder], {
      reject: false,
      all: true,
    });
  project(["use.ts", "mean-mixer.ts", "short-lines.ts"]);
  const check = await typeCheck();
  expect(check.exitCode, check.all).toBe(0);
  writeFileSync(
    join(folder, "wrong.ts"),
    'import { defineMixer } from "lightnet-bench";\nexport default defineMixer({ name: 3 });\n',
  );
  project(["wrong.ts"]);
  const wrong = await typeCheck();
  expect(wrong.all).toMatch(/wrong\.ts.*error TS/);
});

test("a suite and a contender of one's own run, are reported and compared", { timeout: 240_000 }, async () => {
  const given = ["--suite", "./short-lines.ts", "--contender", "./two-products.ts"];
  const { exitCode, all } = await command(["run", ...given, "--filter", "N=64", "--engine", "wasm", "--out", "mine"]);
  expect(exitCode, all).toBe(0);
  const { records } = loadRun(join(folder, "mine"));
  const own = records.filter((record) => record.case.contender === "two-products/linear-global");
  expect(new Set(own.map(({ status }) => status)), all).toEqual(new Set(["ok"]));
  expect(existsSync(join(folder, "mine", "report.html"))).toBe(true);
  const compared = await command(["compare", "mine", "mine"]);
  expect([0, 3], compared.all).toContain(compared.exitCode);
});
