import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EnvironmentError } from "#base/errors";
import { loadNative } from "./native.ts";

const WIDE = "flags : avx2 fma";

test("an installation without kernels works without them; one with those of another version is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "lightnet-bench-native-"));
  expect(loadNative(folder, undefined, WIDE)).toBeUndefined();
  mkdirSync(join(folder, "kernels"));
  expect(loadNative(folder, undefined, WIDE)).toBeUndefined();
  writeFileSync(join(folder, "kernels", "lightnet-kernels-0-avx2.node"), "");
  expect(() => loadNative(folder, undefined, WIDE)).toThrow(EnvironmentError);
  expect(() => loadNative(folder, undefined, WIDE)).toThrow(/another version.*npm run setup:tensorflow/);
  expect(loadNative(folder, "none", WIDE)).toBeUndefined();
  expect(loadNative(folder, undefined, "flags : sse2")).toBeUndefined();
});
