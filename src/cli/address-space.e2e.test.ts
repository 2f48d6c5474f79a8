import { mkdtempSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";

const BIN = join(packageRoot(), "bin", "lightnet-bench.js");

test.runIf(process.platform === "linux")(
  "a limit on the address space is named as what keeps the wasm engine away, and no run folder is left",
  async () => {
    const run = join(mkdtempSync(join(tmpdir(), "space-")), "run");
    const result = await execa({
      reject: false,
      shell: "/bin/bash",
    })`ulimit -v 3000000; ${process.execPath} ${BIN} run decode --engine wasm --filter N=256 --out ${run}`;
    expect(result.stderr).toMatch(
      /^Engine wasm is not available: .*limits the address space to 2\.86 GiB \(ulimit -v\).*\[E_ENVIRONMENT\]$/m,
    );
    expect(result.exitCode).toBe(4);
    expect(existsSync(run)).toBe(false);
  },
);
