import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EXIT } from "#base/errors";
import { idxImages } from "#testing/idx-files";
import { main } from "./main.ts";

let dataDir = "";
let [out, err]: [string[], string[]] = [[], []];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "data-command-"));
  [out, err] = [[], []];
  vi.spyOn(console, "log").mockImplementation((text: string) => void out.push(text));
  vi.spyOn(console, "error").mockImplementation((text: string) => void err.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  rmSync(dataDir, { recursive: true });
});

/** Exit code of the command, as a shell sees it. */
async function run(...args: string[]): Promise<number> {
  process.exitCode = undefined;
  await main(args);
  return Number(process.exitCode ?? 0);
}

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(join(dataDir, path, ".."), { recursive: true });
  writeFileSync(join(dataDir, path), content);
}

const idxLabels = (count: number, labels: number) =>
  Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, 0, count]), Buffer.alloc(labels, 1)]);

describe("data check", () => {
  const putLabels = (stem: string, labels: number) =>
    put(`mnist/${stem}-first4-labels-idx1-ubyte`, idxLabels(4, labels));
  const putWhole = () => {
    for (const stem of ["train", "t10k"]) {
      put(`mnist/${stem}-first4-images-idx3-ubyte`, idxImages(4));
      putLabels(stem, 4);
    }
  };

  test("is 0 for a sound folder, and names subsets", async () => {
    putWhole();
    expect(await run("data", "check", "--data-dir", dataDir)).toBe(EXIT.ok);
    expect(out.join("\n")).toMatch(/mnist +subset +mnist\/train-first4-labels-idx1-ubyte +first4: 4 items/);
    expect(out.join("\n")).toMatch(/0 ok, 4 subset, 0 absent, 0 damaged, 0 missing$/);
  });

  test("is 1 when half of a set is here, and prints the layout", async () => {
    putLabels("train", 4);
    expect(await run("data", "check", "--data-dir", dataDir)).toBe(EXIT.regression);
    expect(out.join("\n")).toMatch(/missing +mnist\/t10k-images-idx3-ubyte +expected: mnist\/train-images-idx3-ubyte,/);
  });

  test("is 1 when a file is damaged; --json tells which", async () => {
    putWhole();
    putLabels("train", 3);
    put("glue/CoLA/dev.tsv", "other\tthan\tthe\tofficial\n");
    put("glue/CoLA/train.x.tsv", "gj04\t1\t\tOne sentence.\n");
    expect(await run("data", "check", "--data-dir", dataDir, "--json")).toBe(EXIT.regression);
    const checks = JSON.parse(out.join("\n")) as { source: string; findings: { verdict: string; detail: string }[] }[];
    expect(checks.map(({ source, findings }) => [source, findings.map(({ verdict }) => verdict)])).toEqual([
      ["mnist", ["subset", "damaged", "subset", "subset"]],
      ["glue-cola", ["subset", "damaged"]],
    ]);
    expect(checks[0]!.findings[1]!.detail).toContain("truncated: 4 items take 12 bytes, found 11");
  });

  test("is 4 when nothing is here, 3 for a name nobody knows and for a generated set", async () => {
    expect(await run("data", "check", "--data-dir", dataDir)).toBe(EXIT.environment);
    expect(err.join("\n")).toContain(
      `tinyshakespeare: nothing of it is in ${dataDir}; expected: tinyshakespeare/input.txt`,
    );
    expect(await run("data", "check", "mnist", "--data-dir", dataDir)).toBe(EXIT.environment);
    expect(err.join("\n")).toContain(`mnist: nothing of it is in ${dataDir}`);
    expect(await run("data", "check", "mnst", "--data-dir", dataDir)).toBe(EXIT.usage);
    expect(err.join("\n")).toContain("Did you mean mnist?");
    expect(await run("data", "check", "synthetic-shapes", "--data-dir", dataDir)).toBe(EXIT.usage);
    expect(err.join("\n")).toContain("synthetic-shapes is made by this program");
  });
});

describe("data fetch", () => {
  test("asks for a folder, and says what cannot be downloaded and what to do", async () => {
    expect(await run("data", "fetch", "mnist")).toBe(EXIT.usage);
    expect(err.join("\n")).toContain("--data-dir says where to");
    expect(await run("data", "fetch", "imagenet-1k", "--data-dir", dataDir)).toBe(EXIT.usage);
    expect(err.join("\n")).toContain(
      "imagenet-1k cannot be downloaded: image-net.org gives the images to registered users",
    );
    expect(await run("data", "fetch")).toBe(EXIT.usage);
  });

  test("leaves alone what is here, and makes no connection for it", async () => {
    for (const split of ["train", "val"]) put(`imagenette2-320/${split}/n01440764/a.JPEG`, "x");
    expect(await run("data", "fetch", "imagenette-64", "--data-dir", dataDir)).toBe(EXIT.ok);
    expect(err.join("\n")).toMatch(/imagenette: 326 MiB into .*; licence: images for non-commercial research/);
    expect(err.join("\n")).toContain("here https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz");
    expect(out).toEqual([]);
  });
});

test("data list has every data set with size, licence, and whether it is here", async () => {
  put("tinyshakespeare/input.txt", "x");
  expect(await run("data", "list", "--data-dir", dataDir, "--json")).toBe(EXIT.ok);
  const rows = JSON.parse(out.join("\n")) as {
    id: string;
    kind: string;
    size: string;
    licence: string;
    here: string;
  }[];
  const row = (id: string) => rows.find((candidate) => candidate.id === id);
  expect(row("mnist")).toMatchObject({ kind: "images", size: "11.1 MiB", here: "no" });
  expect(row("synthetic-shapes")).toMatchObject({ size: "generated", here: "synthetic shapes" });
  expect(row("imagenet-1k")).toMatchObject({ size: "by hand" });
  expect(row("tinyshakespeare")!.here).not.toBe("no");
});

test("data list of one set prints the layout of its files", async () => {
  expect(await run("data", "list", "glue-rte", "--data-dir", dataDir)).toBe(EXIT.ok);
  expect(out.join("\n")).toMatch(
    /^layout +glue\/RTE\/train\.tsv, glue\/RTE\/dev\.tsv, or in GLUE\/RTE\/; each plain or \.gz/m,
  );
  expect(out.join("\n")).toMatch(/^here +no: no train\.tsv, no dev\.tsv in /m);
});
