import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { quoted } from "./quoted.ts";

test.each(["results/runs/a", "my runs/it's $HOME", "a;b", "*", "", "ä"])("a shell reads %j back as it was", (word) => {
  expect(execFileSync("/bin/sh", ["-c", `printf %s ${quoted(word)}`], { encoding: "utf8" })).toBe(word);
});
