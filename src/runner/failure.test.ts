import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";

test("V8's heap limit is out of memory", () => {
  const stderr = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory";
  expect(failureOf({ signal: "SIGABRT", stderr }).status).toBe("oom");
});

test("a kill by the system is taken for memory, a kill by us keeps our reason", () => {
  expect(failureOf({ signal: "SIGKILL", stderr: "" }).status).toBe("oom");
  const killedFor = { status: "timeout", reason: "no result within 2 s" } as const;
  expect(failureOf({ signal: "SIGKILL", stderr: "", killedFor })).toEqual(killedFor);
});

test("any other end is a failure that quotes the last line", () => {
  expect(failureOf({ exitCode: 1, stderr: "a\nTypeError: x is not a function" })).toEqual({
    status: "failed",
    reason: "the process ended early (exit code 1): TypeError: x is not a function",
  });
});
