import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { registerBackend } from "./backend.ts";
import * as tf from "../tf.ts";

// A package in the form of tfjs-node, far from this project's node_modules, and reached through a link as `current` is.
const folder = mkdtempSync(join(tmpdir(), "tensorflow-backend-"));
const packageFolder = join(folder, "current");
mkdirSync(join(folder, "real", "dist"), { recursive: true });
symlinkSync("real", packageFolder);
writeFileSync(join(folder, "real", "package.json"), '{"name":"fake-tfjs-node"}');
writeFileSync(
  join(folder, "real", "dist", "nodejs_kernel_backend.js"),
  'const tf = require("@tensorflow/tfjs"); exports.NodeJSKernelBackend = class extends tf.KernelBackend { constructor(binding, name) { super(); Object.assign(this, { binding, name }); } };',
);
writeFileSync(
  join(folder, "real", "dist", "register_all_kernels.js"),
  'const { registerKernel } = require("@tensorflow/tfjs-core"); for (let i = 0; i < 120; i++) registerKernel({ kernelName: `Kernel${i}`, backendName: "tensorflow", kernelFunc: () => [] });',
);
const binding = { TF_Version: "0", isUsingGpuDevice: () => false };

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test("wherever the package lies, its backend and kernels get this project's TensorFlow.js", () => {
  registerBackend(binding, packageFolder);
  expect(tf.getKernelsForBackend("tensorflow")).toHaveLength(120);
  expect(tf.findBackend("tensorflow")).toBeInstanceOf(tf.KernelBackend);
  expect(tf.findBackend("tensorflow")).toMatchObject({ binding, name: "fake-tfjs-node" });
});

test("afterwards modules are found as before", () => {
  const fromThere = createRequire(join(folder, "real", "package.json"));
  expect(() => fromThere.resolve("@tensorflow/tfjs")).toThrow(/Cannot find module/);
});
