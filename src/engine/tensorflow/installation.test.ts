import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BINDING, type InstallationManifest, defaultPrefix, findInstallation } from "./installation.ts";

const PACKAGE = "node_modules/@tensorflow/tfjs-node-gpu";
const MANIFEST: InstallationManifest = {
  format: 1,
  package: { name: "@tensorflow/tfjs-node-gpu", version: "4.22.0", folder: PACKAGE },
  tensorflow: { source: "pip", version: "2.21.0", files: ["library/libtensorflow_cc.so.2"], downloads: {} },
  binding: { sha256: "00", compiler: "g++" },
  gpu: false,
  platform: "linux x64",
  node: "v20.19.0",
  createdAt: "2026-01-01T00:00:00.000Z",
};

let prefix: string;
beforeEach(() => {
  prefix = mkdtempSync(join(tmpdir(), "tensorflow-installation-"));
});
afterEach(() => {
  rmSync(prefix, { recursive: true });
});

function write(path: string, content = ""): void {
  mkdirSync(dirname(join(prefix, path)), { recursive: true });
  writeFileSync(join(prefix, path), content);
}

function installWithout(...left: readonly string[]): void {
  const files = {
    "current/manifest.json": JSON.stringify(MANIFEST),
    [`current/${PACKAGE}/package.json`]: JSON.stringify({ version: "4.22.0" }),
    [`current/${PACKAGE}/${BINDING}`]: "",
    "current/library/libtensorflow_cc.so.2": "",
  };
  for (const [path, content] of Object.entries(files))
    if (!left.some((part) => path.includes(part))) write(path, content);
}

const reason = () => {
  const found = findInstallation(prefix);
  return "reason" in found ? found.reason : "none";
};

test("a whole installation is found, below `current` and by its own folder", () => {
  installWithout();
  expect(findInstallation(prefix)).toEqual({
    folder: join(prefix, "current"),
    packageFolder: join(prefix, "current", PACKAGE),
    packageVersion: "4.22.0",
    binding: join(prefix, "current", PACKAGE, BINDING),
    manifest: MANIFEST,
  });
  expect(findInstallation(join(prefix, "current"))).toMatchObject({ packageVersion: "4.22.0" });
});

test("each missing part is named with what to do", () => {
  installWithout(BINDING);
  expect(reason()).toMatch(/has no compiled binding.*setup:tensorflow/);
  rmSync(join(prefix, "current"), { recursive: true });
  installWithout("libtensorflow_cc");
  expect(reason()).toMatch(/the library .*libtensorflow_cc\.so\.2 is missing/);
  rmSync(join(prefix, "current"), { recursive: true });
  installWithout("package.json");
  expect(reason()).toMatch(/@tensorflow\/tfjs-node-gpu is missing from/);
});

test("a damaged manifest, one of another format, and an interrupted set-up are told apart from none", () => {
  write("current/manifest.json", "{");
  expect(reason()).toMatch(/manifest\.json is damaged/);
  write("current/manifest.json", JSON.stringify({ ...MANIFEST, format: 2 }));
  expect(reason()).toMatch(/of another version of this project/);
  rmSync(join(prefix, "current"), { recursive: true });
  expect(reason()).toMatch(/was not finished/);
  expect(findInstallation(join(prefix, "absent"))).toEqual({
    reason: expect.stringMatching(/is not installed\. Run `npm run setup:tensorflow`/) as string,
  });
});

test("LIGHTNET_BENCH_TENSORFLOW names the folder", () => {
  expect(defaultPrefix({ LIGHTNET_BENCH_TENSORFLOW: "/opt/tensorflow" })).toBe("/opt/tensorflow");
  expect(defaultPrefix({})).toMatch(/\.tensorflow$/);
});
