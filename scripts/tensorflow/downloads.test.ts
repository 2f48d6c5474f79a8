import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compilerArguments } from "./compile.ts";
import { locateLibrary } from "./library.ts";
import { checkIntegrity } from "./npm-packages.ts";
import { TENSORFLOW_VERSION } from "./pins.ts";
import { unsupported } from "./tools.ts";
import { checkFile, cudaRequirements, hashedRequirements, resolveWheels, targetOptions } from "./wheels.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tensorflow-downloads-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a file with another checksum than expected is refused", async () => {
  const path = join(folder, "a.whl");
  writeFileSync(path, "abc");
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-4, "abc"
  expect(await checkFile(path, new Set([sha256]))).toBe(sha256);
  await expect(checkFile(path, new Set(["00"]))).rejects.toThrow(/its sha256 is ba7816bf.*expected 00/);
});

test("a package with another integrity than pinned is refused", () => {
  const content = Buffer.from("package");
  const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
  expect(() => checkIntegrity("a.tgz", content, integrity)).not.toThrow();
  expect(() => checkIntegrity("a.tgz", Buffer.from("packagf"), integrity)).toThrow(/a\.tgz.*its checksum is sha512-/);
});

test("the tested version needs no question to the index: its checksum is pinned", async () => {
  const pip = { python: "/no/python", architecture: "x64", folder };
  const { wheels, python } = await resolveWheels(pip, [`tensorflow-cpu==${TENSORFLOW_VERSION}`]);
  expect(python).toBe("3.11");
  expect(hashedRequirements(wheels)).toMatch(/^tensorflow-cpu==2\.\d+\.\d+ --hash=sha256:[0-9a-f]{64}\n$/);
});

test("pip chooses for the target, not for the Python that runs it", () => {
  const options = targetOptions("arm64", "3.12").join(" ");
  expect(options).toContain("--python-version 3.12 --abi cp312 --abi none");
  expect(options).toContain("--platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64");
  expect(options).toContain("--no-deps --only-binary=:all:");
});

test("CUDA's wheels are those of the extra and-cuda", () => {
  const metadata = [
    "Requires-Dist: numpy>=1.26.0",
    'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
    'Requires-Dist: tensorflow-metal; extra == "metal"',
    "Requires-Dist: nvidia-cudnn-cu12 (<10.0,>=9.3) ; extra == 'and-cuda'",
    'Requires-Dist: nvidia-nccl-cu12==2.27.7; extra == "and-cuda"',
  ].join("\n");
  expect(cudaRequirements(metadata)).toEqual([
    "nvidia-cublas-cu12<13.0,>=12.5.3.2",
    "nvidia-cudnn-cu12<10.0,>=9.3",
    "nvidia-nccl-cu12==2.27.7",
  ]);
});

test("a library is found in the layout of a wheel and in that of an archive", () => {
  const touch = (path: string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), "");
  };
  expect(locateLibrary(folder)).toBeUndefined();
  for (const path of [
    "wheel/tensorflow/libtensorflow_cc.so.2",
    "wheel/tensorflow/libtensorflow_framework.so.2",
    "wheel/tensorflow/include/tensorflow/c/c_api.h",
  ])
    touch(path);
  for (const path of [
    "archive/lib/libtensorflow.so",
    "archive/lib/libtensorflow_framework.so",
    "archive/include/tensorflow/c/c_api.h",
  ])
    touch(path);
  const wheel = join(folder, "wheel");
  const expected = {
    files: [join(wheel, "tensorflow/libtensorflow_cc.so.2"), join(wheel, "tensorflow/libtensorflow_framework.so.2")],
    headers: join(wheel, "tensorflow/include"),
  };
  expect(locateLibrary(wheel)).toEqual(expected);
  expect(locateLibrary(join(wheel, "tensorflow"))).toEqual(expected);
  expect(locateLibrary(join(folder, "archive"))?.headers).toBe(join(folder, "archive", "include"));
  rmSync(join(wheel, "tensorflow/libtensorflow_framework.so.2"));
  expect(locateLibrary(wheel)).toBeUndefined();
});

test("the binding finds libraries of its installation by a path of its own, others where they are", () => {
  const library = {
    version: "2.21.0",
    files: ["/p/library/tensorflow/a.so", "/p/library/tensorflow/b.so"],
    headers: "/p/include",
    downloads: {},
    downloadBytes: 0,
  };
  const compilation = {
    packageFolder: "/p/node_modules/x",
    nodeHeaders: "/p/h",
    library,
    output: "/p/node_modules/x/lib/napi-v8/b.node",
  };
  const inside = compilerArguments({ ...compilation, relocatable: true }, ["/p/node_modules/x/binding/a.cc"]);
  expect(inside.filter((argument) => argument.startsWith("-Wl,"))).toEqual([
    "-Wl,-rpath,$ORIGIN/../../../../library/tensorflow",
  ]);
  const outside = compilerArguments({ ...compilation, relocatable: false }, []);
  expect(outside).toContain("-Wl,-rpath,/p/library/tensorflow");
  expect(outside.slice(outside.indexOf("-o"), outside.indexOf("-o") + 2)).toEqual([
    "-o",
    "/p/node_modules/x/lib/napi-v8/b.node.partial",
  ]);
});

test("platforms without a library are told which way is open to them", () => {
  expect(unsupported("linux", "x64", true)).toBeUndefined();
  expect(unsupported("linux", "arm64", false)).toMatch(/glibc/);
  expect(unsupported("win32", "x64", true)).toMatch(/WSL 2/);
});
