import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { buildProgram } from "./main.ts";
import { asText } from "./list.ts";

let printed = "";
beforeEach(() => {
  printed = "";
  vi.spyOn(console, "log").mockImplementation((text: unknown) => void (printed += `${String(text)}\n`));
});
afterEach(() => vi.restoreAllMocks());

const list = (...args: string[]) => buildProgram().parseAsync(["list", ...args], { from: "user" });

test.each(["suites", "cases", "contenders", "ops", "engines", "models", "tables"])(
  "list %s fits a terminal of 100 letters",
  async (what) => {
    await list(what);
    const lines = printed.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  },
);

test("cases of one suite, filtered, in columns that tell them apart", async () => {
  await list("cases", "decode", "--filter", "contender=additive-causal,vector-causal");
  expect(printed).toMatch(/^decode: \d+ cases, all with\n {2}kind=decode .*engine=wasm/);
  expect(printed).toMatch(/^caseId +contender +N/m);
  expect(printed).not.toMatch(/softmax/);
});

test("predictions stand beside the cases of operators with a model, within a terminal's width", async () => {
  await list("cases", "scan-count", "--predict", "h100-sxm");
  expect(printed).toMatch(/^scan-count: \d+ cases, all with\n {2}kind=operator engine=webgpu/);
  expect(printed).toMatch(/^contender +pass +grid +programs +MB +ms +by$/m);
  expect(printed).toMatch(/^additive-global +forward +1024 +\d+ +[\d.]+ +[\d.]+ +(memory|operations)\*$/m);
  expect(printed).not.toMatch(/mixer/);
  expect(printed.split("\n").filter((line) => line.length > 100)).toEqual([]);
  await expect(list("cases", "scan-count", "--predict", "h1000")).rejects.toThrow(/No GPU.* is called "h1000"/);
  await expect(list("cases", "decode", "--predict", "h100-sxm")).rejects.toThrow(/none of these cases has a model/);
  await expect(list("models", "--predict", "h100-sxm")).rejects.toThrow(/--predict is for cases/);
});

test("an unknown suite, an unknown axis, and a filter of what has none are told", async () => {
  await expect(list("cases", "decoed")).rejects.toThrow(/Did you mean decode\?/);
  await expect(list("cases", "decode", "--filter", "M=3")).rejects.toThrow(/No axis is called "M"/);
  await expect(list("models", "decode")).rejects.toThrow(/choose among cases/);
});

test("numbers are rounded, long texts go on below where they began", () => {
  const text = asText([{ a: 0.123456, b: "word ".repeat(30).trim() }]);
  expect(text.split("\n")[1]).toMatch(/^0\.123 {2}word/);
  expect(text.split("\n")[2]).toMatch(/^ {7}word/);
});
