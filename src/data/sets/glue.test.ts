import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "#base/errors";
import { glueDatasets } from "./glue.ts";
import { syntheticSentences } from "./synthetic-sentences.ts";

let dataDir = "";
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), "glue-"))));
afterEach(() => rmSync(dataDir, { recursive: true }));

const task = (id: string) => glueDatasets.find((dataset) => dataset.id === id)!;

/** Writes a file under glue/. The word in the name makes it a subset, which no checksum holds for. */
function put(name: string, content: string | Buffer): string {
  const path = join(dataDir, "glue", name);
  mkdirSync(dirname(path), { recursive: true });
  const bytes = Buffer.from(content);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(bytes) : bytes);
  return path;
}

const SST2 = 'sentence\tlabel\na "quoted start \t1\nplain\t0\n';

describe("GLUE", () => {
  test("SST-2: header, quotes that mean nothing, gzip, and a named subset", () => {
    put("SST-2/train.tiny.tsv.gz", SST2);
    put("SST-2/dev.tiny.tsv", "sentence\tlabel\r\nfine\t1\r\n");
    expect(task("glue-sst2").find(dataDir)).toEqual({
      available: true,
      label: "GLUE SST-2 (train tiny, dev tiny, dev scored)",
    });
    const { train, test: held, classes, label } = task("glue-sst2").load(dataDir);
    expect(label).toBe("GLUE SST-2 (train tiny, dev tiny, dev scored)");
    expect(classes).toEqual(["negative", "positive"]);
    expect(train.first).toEqual(['a "quoted start', "plain"]);
    expect([...train.labels]).toEqual([1, 0]);
    expect(train.second).toBeUndefined();
    expect(held.first).toEqual(["fine"]);
  });

  test("CoLA has no header, MRPC a byte order mark and pairs, STS-B real values, RTE spelt labels", () => {
    for (const split of ["train", "dev"]) {
      put(`CoLA/${split}.x.tsv`, "gj04\t1\t\tOne sentence.\nks08\t0\t*\tOther the sentence.");
      put(
        `MRPC/${split}.tsv`,
        '\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tHe said "so".\tSo he said.\n',
      );
      put(
        `STS-B/${split}.x.tsv`,
        "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n0\tg\tf\ty\t1\tn\tn\tA b.\tA c.\t3.250\n",
      );
      put(
        `RTE/${split}.x.tsv`,
        "index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tnot_entailment\n1\tC.\tD.\tentailment\n",
      );
    }
    expect(task("glue-cola").load(dataDir).train).toMatchObject({
      first: ["One sentence.", "Other the sentence."],
      labels: Float32Array.of(1, 0),
    });
    const mrpc = task("glue-mrpc").load(dataDir);
    expect(mrpc.test).toMatchObject({ first: ['He said "so".'], second: ["So he said."], labels: Float32Array.of(1) });
    expect(mrpc.label).toBe("GLUE MRPC (train 1 of 3668 rows, dev 1 of 408 rows, dev scored)");
    const stsb = task("glue-stsb").load(dataDir);
    expect([stsb.classes, stsb.train.labels[0]]).toEqual([undefined, 3.25]);
    expect([...task("glue-rte").load(dataDir).train.labels]).toEqual([1, 0]);
  });

  test("a missing split is said by name, with the folder", () => {
    expect(task("glue-qnli").find(undefined)).toMatchObject({
      available: false,
      reason: expect.stringContaining("--data-dir"),
    });
    put("QNLI/dev.tsv", "index\tquestion\tsentence\tlabel\n0\tA?\tB.\tentailment\n");
    const found = task("glue-qnli").find(dataDir);
    expect(found).toMatchObject({
      available: false,
      reason: expect.stringMatching(/^no train\.tsv in .*QNLI; expected: glue\/QNLI\/train\.tsv, glue\/QNLI\/dev\.tsv/),
    });
    expect(() => task("glue-qnli").load(dataDir)).toThrow(DataError);
  });

  const bad: readonly [what: string, content: string | Buffer, rule: RegExp][] = [
    [
      "a column too few",
      "sentence\tlabel\nfine\t1\nno label\n",
      /train\.x\.tsv: line 3: 2 columns expected \(sentence, label\), found 1/,
    ],
    ["a column too many", "sentence\tlabel\na\tb\t1\n", /line 2: 2 columns expected .*, found 3/],
    ["an unknown label", "sentence\tlabel\nfine\t2\n", /line 2: unknown label "2"; known: 0, 1/],
    ["an empty sentence", "sentence\tlabel\n \t1\n", /line 2: column sentence is empty/],
    ["no header", "fine\t1\n", /line 1: the header must be "sentence", "label", found "fine", "1"/],
    ["a header alone", "sentence\tlabel\n", /holds no rows/],
    ["an empty file", "", /line 1: the header must be/],
    ["bytes that are no text", Buffer.from([0x73, 0xff, 0xfe, 0x0a]), /is not UTF-8 text/],
  ];
  test.each(bad)("%s is an error with file, line and rule", (_what, content, rule) => {
    put("SST-2/train.x.tsv", content);
    put("SST-2/dev.x.tsv", SST2);
    expect(() => task("glue-sst2").load(dataDir)).toThrow(DataError);
    expect(() => task("glue-sst2").load(dataDir)).toThrow(rule);
  });

  test("values outside the range, and texts for numbers", () => {
    const header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n";
    put("STS-B/dev.x.tsv", `${header}0\tg\tf\ty\t1\tn\tn\tA.\tB.\t1\n`);
    for (const value of ["5.1", "-1", "NaN", "", "0x1"]) {
      put("STS-B/train.x.tsv", `${header}0\tg\tf\ty\t1\tn\tn\tA.\tB.\t${value}\n`);
      expect(() => task("glue-stsb").load(dataDir)).toThrow(/line 2: the value must be a number from 0 to 5/);
    }
  });

  test("more rows than the official file, a cut gzip stream, and another file under the official name", () => {
    put("RTE/dev.x.tsv", `index\tsentence1\tsentence2\tlabel\n${"0\ta\tb\tentailment\n".repeat(278)}`);
    put("RTE/train.x.tsv", "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tentailment\n");
    expect(() => task("glue-rte").load(dataDir)).toThrow(/holds 278 rows; the official file has 277/);
    const whole = gzipSync(Buffer.from(SST2.repeat(50)));
    writeFileSync(put("SST-2/train.cut.tsv.gz", ""), whole.subarray(0, whole.length - 12));
    put("SST-2/dev.x.tsv", SST2);
    expect(() => task("glue-sst2").load(dataDir)).toThrow(/truncated: its gzip stream ends early/);
    put("SST-2/train.tsv", SST2);
    expect(() => task("glue-sst2").load(dataDir)).toThrow(/sha256 of its content is .* rename it if it is a subset/);
  });
});

describe("synthetic opinions", () => {
  const { train, test: held, synthetic, classes } = syntheticSentences.load(undefined);

  test("are labelled synthetic, even in their classes, and told apart by what is denied", () => {
    expect([synthetic, classes!.length]).toEqual([true, 2]);
    expect(train.labels.reduce((sum, label) => sum + label, 0)).toBe(train.labels.length / 2);
    train.first.slice(0, 200).forEach((text, i) => {
      const [, denied, word] = /was (not )?(dull|awful|boring|weak|fine|great|lovely|clever)/.exec(text)!;
      const isGood = ["fine", "great", "lovely", "clever"].includes(word!);
      expect([text, train.labels[i]]).toEqual([text, isGood === (denied === undefined) ? 1 : 0]);
      expect(text.match(/not/g)).toHaveLength(1);
    });
    expect(held.first.length).toBe(512);
  });
});
