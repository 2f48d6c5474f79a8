import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { packageRoot } from "#host/package";

const SIGNALS = pathToFileURL(join(packageRoot(), "dist", "src", "cli", "signals.js")).href;

/** A signal comes while JavaScript is busy, and is heard only after the listeners were changed. */
async function whileBusy(change: string) {
  const code = `
    import { abortOnSignals, endOnSignals } from "${SIGNALS}";
    endOnSignals("first");
    process.kill(process.pid, "SIGTERM");
    ${change}
    setTimeout(() => console.log("not heard"), 2000);`;
  return execa({ reject: false })`${process.execPath} --input-type=module -e ${code}`;
}

test("a signal that comes before the run listens ends the run", async () => {
  const { stdout, exitCode } = await whileBusy(`
    const run = abortOnSignals();
    run.signal.addEventListener("abort", () => { console.log("aborted"); process.exit(run.exitCode()); });`);
  expect(stdout).toBe("aborted");
  expect(exitCode).toBe(143);
});

test("the last word is said", async () => {
  const { stderr, exitCode } = await whileBusy(`endOnSignals("second");`);
  expect(stderr).toBe("second");
  expect(exitCode).toBe(143);
});
