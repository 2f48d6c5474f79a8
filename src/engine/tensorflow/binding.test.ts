import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explainLoadError, loadBinding } from "./binding.ts";

// Messages of glibc's loader, as dlopen gives them.
test.each([
  [
    "libtensorflow_cc.so.2: cannot open shared object file: No such file or directory",
    /^the library libtensorflow_cc\.so\.2 is missing/,
  ],
  ["/a/tfjs_binding.node: undefined symbol: TFE_NewContext", /lacks the symbol TFE_NewContext/],
  [
    "/lib/libc.so.6: version `GLIBC_2.34' not found (required by /a/libtensorflow_cc.so.2)",
    /needs GLIBC_2\.34, which this system lacks/,
  ],
  ["/a/tfjs_binding.node: file too short", /damaged or made for another machine/],
  ["something new", /^something new$/],
])("%s", (message, explanation) => {
  expect(explainLoadError(message)).toMatch(explanation);
  expect(explainLoadError(message)).toContain(message);
});

test.runIf(process.platform === "linux")("a file that is no library is called damaged", () => {
  const folder = mkdtempSync(join(tmpdir(), "tensorflow-binding-"));
  const path = join(folder, "tfjs_binding.node");
  writeFileSync(path, "not a library");
  expect(() => loadBinding(path)).toThrow(/damaged/);
  rmSync(folder, { recursive: true });
});
