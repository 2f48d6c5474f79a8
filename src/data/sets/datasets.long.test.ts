import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DataError, UnknownNameError } from "#base/errors";
import { idxFile as idx, idxImages as images, idxLabels as labels } from "#testing/idx-files";
import { cifar10 } from "./cifar.ts";
import { firstExamples } from "./dataset.ts";
import { fashionMnist } from "./fashion-mnist.ts";
import { idxDataset } from "./idx-images.ts";
import { mnist } from "./mnist.ts";
import { datasets, findDatasets } from "./registry.ts";
import { syntheticShapes } from "./synthetic-shapes.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "datasets-"));
  for (const id of ["mnist", "fashion-mnist", "cifar-10"]) mkdirSync(join(dataDir, id));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

function put(id: string, name: string, content: Uint8Array): string {
  const path = join(dataDir, id, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(content) : content);
  return path;
}

function putTinyMnist(): void {
  put("mnist", "train-first12-images-idx3-ubyte.gz", images(12));
  put("mnist", "train-first12-labels-idx1-ubyte.gz", labels(12));
  put("mnist", "t10k-tiny-images-idx3-ubyte", images(5));
  put("mnist", "t10k-tiny-labels-idx1-ubyte.gz", labels(5));
}

describe("idx files", () => {
  test("a subset is found by its name, paired with its labels by prefix, and named in the label", () => {
    putTinyMnist();
    const data = mnist.load(dataDir);
    expect(data.label).toBe("MNIST (train first12, test tiny)");
    expect(data.synthetic).toBe(false);
    expect(data.train.count).toBe(12);
    expect(data.train.labels[11]).toBe(1);
    expect([...data.train.pixels.subarray(3 * 784, 3 * 784 + 2)]).toEqual([3, 3]);
    expect(data.test.count).toBe(5);
  });

  test("labels of the whole split do not pair with images of a subset", () => {
    put("fashion-mnist", "train-first5-images-idx3-ubyte", images(5));
    put("fashion-mnist", "train-labels-idx1-ubyte", labels(5));
    const found = fashionMnist.find(dataDir);
    expect(found).toMatchObject({ available: false });
    expect(found.available ? "" : found.reason).toMatch(
      /no train-first5-labels-idx1-ubyte, no t10k-images-idx3-ubyte, .*expected: fashion-mnist\/train-images-idx3-ubyte/,
    );
  });

  test("a truncated file is named with expected and found bytes", () => {
    putTinyMnist();
    const path = put("mnist", "t10k-tiny-images-idx3-ubyte", images(5).subarray(0, 1000));
    expect(() => mnist.load(dataDir)).toThrow(`${path}: truncated: 5 items take 3936 bytes, found 1000`);
  });

  test("a truncated gzip file is named with expected and found bytes of its content", () => {
    putTinyMnist();
    const path = join(dataDir, "mnist", "train-first12-images-idx3-ubyte.gz");
    const noise = Uint8Array.from({ length: 12 * 784 }, (_, i) => (i * i * 7919) % 251);
    const stored = gzipSync(idx([12, 28, 28], noise));
    writeFileSync(path, stored.subarray(0, Math.floor(stored.length / 2)));
    expect(() => mnist.load(dataDir)).toThrow(/first12-images.*truncated: 12 items take 9424 bytes, found \d+/);
  });

  test("a file that claims more than the data set has is refused before its content is held", () => {
    putTinyMnist();
    put("mnist", "t10k-tiny-images-idx3-ubyte", new Uint8Array(16 + 10_001 * 784));
    expect(() => mnist.load(dataDir)).toThrow(/holds 7840800 bytes; at most 7840016 expected/);
    put("mnist", "train-first12-images-idx3-ubyte.gz", new Uint8Array(50_000_000));
    expect(() => mnist.load(dataDir)).toThrow(/expands to more than 47040016 bytes/);
  });

  test.each([
    ["another type", () => images(5).fill(9, 2, 3), /magic number/],
    [
      "another image size",
      () => idx([5, 14, 56], new Uint8Array(5 * 784)),
      /items are \[14, 56\], expected \[28, 28\]/,
    ],
    ["more labels than images", undefined, /holds 6 labels for the 5 images/],
  ])("%s is refused", (_, file, message) => {
    putTinyMnist();
    if (file !== undefined) put("mnist", "t10k-tiny-images-idx3-ubyte", file());
    else put("mnist", "t10k-tiny-labels-idx1-ubyte.gz", labels(6));
    expect(() => mnist.load(dataDir)).toThrow(DataError);
    expect(() => mnist.load(dataDir)).toThrow(message);
  });

  test("a part under an official name is named by its number, where no checksum refuses it", () => {
    const unchecked = idxDataset({
      id: "mnist",
      title: "MNIST",
      provenance: "",
      licence: "",
      classes: mnist.classes,
      edge: 28,
      counts: { train: 60_000, test: 10_000 },
      bases: ["https://example.org/"],
      files: (["train", "t10k"] as const).flatMap((stem) =>
        (["images", "labels"] as const).map((kind) => ({ stem, kind, gzip: { bytes: 1, sha256: "" } })),
      ),
    });
    put("mnist", "train-images-idx3-ubyte", images(12));
    put("mnist", "train-labels-idx1-ubyte", labels(12));
    put("mnist", "t10k-tiny-images-idx3-ubyte", images(5));
    put("mnist", "t10k-tiny-labels-idx1-ubyte", labels(5));
    expect(unchecked.load(dataDir).label).toBe("MNIST (train 12 of 60000, test tiny)");
  });

  test("the other spelling of an official name is held to the same checksum", () => {
    putTinyMnist();
    put("mnist", "t10k-images.idx3-ubyte", images(5));
    put("mnist", "t10k-labels.idx1-ubyte", labels(5));
    expect(() => mnist.load(dataDir)).toThrow(
      /t10k-images\.idx3-ubyte: sha256 of its content is .* the official file has 0fa7898d/,
    );
  });

  test("a file under an official name with other content fails its checksum", () => {
    putTinyMnist();
    put("mnist", "train-images-idx3-ubyte", images(3));
    put("mnist", "train-labels-idx1-ubyte", labels(3));
    expect(() => mnist.load(dataDir)).toThrow(
      /train-images-idx3-ubyte: sha256 of its content is .* the official file has ba891046/,
    );
  });

  test("a missing folder says what was looked for and where", () => {
    const found = mnist.find(join(dataDir, "nowhere"));
    expect(found.available ? "" : found.reason).toContain(
      `no train-images-idx3-ubyte, no train-labels-idx1-ubyte, no t10k-images-idx3-ubyte, no t10k-labels-idx1-ubyte in ${join(dataDir, "nowhere", "mnist")}; expected: `,
    );
    expect(() => mnist.load(undefined)).toThrow(/no data folder given/);
  });
});

describe("CIFAR-10", () => {
  const record = (label: number, red: number, green: number, blue: number) =>
    Buffer.concat([Buffer.of(label), ...[red, green, blue].map((value) => Buffer.alloc(1024, value))]);

  test("planes of colour become channels, and subsets are named", () => {
    put("cifar-10", "data_batch_1.first2.bin.gz", Buffer.concat([record(3, 10, 20, 30), record(9, 1, 2, 3)]));
    put("cifar-10", "test_batch.bin", record(0, 7, 8, 9));
    const data = cifar10.load(dataDir);
    expect(data.label).toBe("CIFAR-10 (train first2, test 1 of 10000)");
    expect([...data.train.labels]).toEqual([3, 9]);
    expect([...data.train.pixels.subarray(0, 4)]).toEqual([10, 20, 30, 10]);
    expect(data.test.pixels.at(-1)).toBe(9);
  });

  test("a record cut short and a label out of range are refused", () => {
    put("cifar-10", "data_batch_1.bin", record(3, 1, 1, 1));
    const path = put("cifar-10", "test_batch.bin", record(0, 7, 8, 9).subarray(0, 3000));
    expect(() => cifar10.load(dataDir)).toThrow(
      `${path}: truncated: records have 3073 bytes each, 3073 or more expected, found 3000`,
    );
    put("cifar-10", "test_batch.bin", record(11, 7, 8, 9));
    expect(() => cifar10.load(dataDir)).toThrow(/label 11 of record 0/);
  });
});

describe("synthetic shapes", () => {
  const data = syntheticShapes.load(undefined);

  test("are the same when drawn again, labelled synthetic, with even classes", async () => {
    expect(data.synthetic).toBe(true);
    vi.resetModules();
    const again = (await import("./synthetic-shapes.ts")).syntheticShapes.load(undefined);
    expect(again === data).toBe(false);
    expect(Buffer.compare(again.test.pixels, data.test.pixels)).toBe(0);
    const counts = data.classes.map((_, label) => data.test.labels.filter((other) => other === label).length);
    expect(counts).toEqual(data.classes.map(() => data.test.count / data.classes.length));
  });

  test("the two classes of a pair have alike amounts of ink: the place of the strokes tells them apart, not their mass", () => {
    const mean = (label: number) => {
      let [sum, count] = [0, 0];
      for (let item = label; item < data.train.count; item += data.classes.length) {
        const pixels = data.train.pixels.subarray(item * 576, (item + 1) * 576);
        const background = [...pixels].sort((a, b) => a - b)[200]!;
        sum += pixels.reduce((ink, value) => ink + Math.max(0, value - background - 40), 0);
        count++;
      }
      return sum / count;
    };
    for (const label of [0, 2, 4, 6]) expect(Math.abs(mean(label) / mean(label + 1) - 1)).toBeLessThan(0.1);
  });

  test("fewer examples share the memory of the split", () => {
    const few = firstExamples(data.train, 16);
    expect(few.count).toBe(16);
    expect(few.pixels.length).toBe(16 * 576);
    expect(few.pixels.buffer === data.train.pixels.buffer).toBe(true);
  });
});

describe("the list", () => {
  test("says of every data set whether it is here", () => {
    putTinyMnist();
    const found = findDatasets(dataDir);
    expect(found.map(({ id }) => id)).toEqual(datasets.ids());
    expect(Object.fromEntries(found.map(({ id, available }) => [id, available]))).toMatchObject({
      "synthetic-shapes": true,
      mnist: true,
      "fashion-mnist": false,
      "cifar-10": false,
      "imagenet-1k": false,
      "mqar-64": true,
    });
  });

  test("an unknown name answers with the nearest", () => {
    expect(() => datasets.get("fashion-mnst")).toThrow(UnknownNameError);
    expect(() => datasets.get("fashion-mnst")).toThrow(/Did you mean fashion-mnist/);
  });
});
