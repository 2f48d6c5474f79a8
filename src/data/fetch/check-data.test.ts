import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { datasets } from "../sets/registry.ts";
import { checkSource } from "./check-data.ts";
import { createInspector } from "./formats.ts";
import type { DataSource, FormatId } from "./source.ts";
import { datasetsOf, sourceOf, sources } from "./sources.ts";

let dataDir = "";
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), "check-"))));
afterEach(() => rmSync(dataDir, { recursive: true }));

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(dataDir, path)), { recursive: true });
  writeFileSync(join(dataDir, path), content);
}

const OFFICIAL = "a\tb\nc\td\n";
const source: DataSource = {
  id: "set",
  folder: "set",
  otherFolders: ["SET"],
  downloads: [],
  files: [
    { name: "train.tsv", format: "tsv", sha256: sha256(OFFICIAL), subset: /^train\.(.+?)\.tsv$/ },
    { name: "test.tsv", alias: "test-tsv", format: "tsv" },
  ],
};

describe("a source's files", () => {
  test("official ones are known by the checksum of their content, plain or gzipped", async () => {
    put("set/train.tsv", OFFICIAL);
    put("SET/train.tsv.gz", gzipSync(OFFICIAL));
    const { findings, absent } = await checkSource(source, dataDir);
    expect(findings.map(({ path, verdict }) => [path, verdict])).toEqual([
      ["set/train.tsv", "ok"],
      ["SET/train.tsv.gz", "ok"],
    ]);
    expect(findings[0]!.detail).toBe("2 lines of 2 columns, sha256 of the official file");
    expect(absent).toEqual(["test.tsv"]);
  });

  test("a subset is named, and read through", async () => {
    put("set/train.first1.tsv", "a\tb\n");
    put("set/train.worse.tsv", "a\tb\nc\n");
    const { findings } = await checkSource(source, dataDir);
    expect(findings).toEqual([
      { path: "set/train.first1.tsv", verdict: "subset", detail: "first1: 1 lines of 2 columns" },
      { path: "set/train.worse.tsv", verdict: "damaged", detail: "line 2 has 1 columns, the first has 2" },
    ]);
  });

  test("other content under an official name is damaged", async () => {
    put("set/train.tsv", "a\tb\n");
    const [finding] = (await checkSource(source, dataDir)).findings;
    expect(finding!.verdict).toBe("damaged");
    expect(finding!.detail).toContain(`the official file has ${sha256(OFFICIAL)}`);
  });

  test.each(["test.tsv", "test-tsv"])(
    "without a known checksum the format is read, and that is said (%s)",
    async (name) => {
      put(`set/${name}`, "a\tb\n");
      const { findings, absent } = await checkSource(source, dataDir);
      expect(findings[0]!.detail).toMatch(/no checksum of the official file is known/);
      expect(absent).toEqual(["train.tsv"]);
    },
  );

  test("a truncated gzip file is damaged", async () => {
    const stored = gzipSync(OFFICIAL.repeat(1000));
    put("set/train.tsv.gz", stored.subarray(0, stored.length - 10));
    expect((await checkSource(source, dataDir)).findings[0]).toMatchObject({ verdict: "damaged" });
  });

  test("SHA256SUMS of the folder is held against the stored files", async () => {
    put("set/train.first1.tsv", "a\tb\n");
    put("set/test.tsv", "a\tb\n");
    put("SHA256SUMS", `${sha256("a\tb\n")}  set/train.first1.tsv\n${sha256("something else")}  set/test.tsv\n`);
    const { findings } = await checkSource(source, dataDir);
    expect(findings.map(({ verdict, detail }) => [verdict, detail])).toEqual([
      ["damaged", "its sha256 is not the one in SHA256SUMS"],
      ["subset", "first1: 1 lines of 2 columns, as in SHA256SUMS"],
    ]);
  });
});

describe("photographs", () => {
  const trees: DataSource = { ...source, files: [], images: { folders: ["photos"], counts: { train: 2, val: 1 } } };
  const jpeg = () =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: "#37a" } })
      .jpeg()
      .toBuffer();

  test("are all decoded; a damaged one is named", async () => {
    const image = await jpeg();
    put("photos/train/cat/1.jpg", image);
    put("photos/train/cat/2.JPEG", image.subarray(0, image.length / 2));
    put("photos/val/cat/1.jpg", image);
    const { findings } = await checkSource(trees, dataDir);
    expect(findings.map(({ path, verdict }) => [path, verdict])).toEqual([
      ["photos/train", "ok"],
      ["photos/train/cat/2.JPEG", "damaged"],
      ["photos/val", "ok"],
    ]);
    expect(findings[0]!.detail).toMatch(/^1 of its 2 images are sound, 1 classes/);
  });

  test("fewer than the official number are a subset; other classes in val are damage", async () => {
    put("photos/train/cat/1.jpg", await jpeg());
    put("photos/val/cat/1.jpg", await jpeg());
    expect((await checkSource(trees, dataDir)).findings[0]).toMatchObject({ path: "photos/train", verdict: "subset" });
    put("photos/val/dog/1.jpg", await jpeg());
    expect((await checkSource(trees, dataDir)).findings).toEqual([
      expect.objectContaining({
        path: "photos",
        verdict: "damaged",
        detail: expect.stringContaining("only in val: dog") as unknown,
      }),
    ]);
  });
});

describe("formats", () => {
  const read = (format: FormatId, ...chunks: readonly (string | Uint8Array)[]) => {
    const inspector = createInspector(format);
    for (const chunk of chunks) inspector.update(Buffer.from(chunk));
    return inspector.end();
  };
  const idx = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
  const cifar = (coarse: number, fine: number) => Buffer.concat([Buffer.of(coarse, fine), Buffer.alloc(3072, 200)]);

  test("are told apart from damage however the content comes in pieces", () => {
    expect(read("idx", idx)).toBe("2 items of 1×3");
    expect(read("idx", idx.subarray(0, 3), idx.subarray(3))).toBe("2 items of 1×3");
    expect(() => read("idx", idx.subarray(0, 20))).toThrow("truncated: its header asks for 22 bytes, found 20");
    expect(() => read("idx", "<html>")).toThrow(/does not begin like an idx file/);
    const two = Buffer.concat([cifar(19, 99), cifar(0, 0)]);
    expect(read("cifar-100", two.subarray(0, 3075), two.subarray(3075))).toBe("2 records");
    expect(() => read("cifar-100", two.subarray(0, 4000))).toThrow(/truncated/);
    expect(() => read("cifar-100", cifar(0, 0), cifar(20, 0))).toThrow("label 20 of record 1 is outside 0 to 19");
    expect(() => read("cifar-100", cifar(0, 100))).toThrow("label 100 of record 0 is outside 0 to 99");
    expect(read("text", Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1))).toBe("1 lines");
    expect(() => read("text", Buffer.from("é").subarray(0, 1))).toThrow(/not UTF-8/);
    expect(() => read("tsv", "no columns\n")).toThrow(/no columns divided by tabs/);
    expect(() => read("bytes")).toThrow("is empty");
  });
});

describe("the list of sources", () => {
  test("has one for every data set that is neither generated nor the user's own text", () => {
    const without = datasets
      .all()
      .filter(({ id, synthetic }) => !synthetic && id !== "plain-text" && sourceOf(id) === undefined);
    expect(without.map(({ id }) => id)).toEqual([]);
  });

  test("every source downloads or says why not; https, or a checksum; archives have a bound", () => {
    for (const { id, downloads, byHand, files, images, latents } of sources.all()) {
      expect(downloads.length > 0 || byHand !== undefined, id).toBe(true);
      expect(files.length > 0 || images !== undefined || latents !== undefined, id).toBe(true);
      for (const { file, unpacking } of downloads) {
        for (const url of file.urls) expect(url.startsWith("https://") || file.checksum !== undefined, url).toBe(true);
        if (file.checksum !== undefined)
          expect(file.checksum.hex).toMatch(file.checksum.algorithm === "md5" ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{64}$/);
        expect(unpacking?.mostBytes ?? 1).toBeGreaterThan(0);
      }
    }
    const owned = sources.all().flatMap(datasetsOf);
    expect(new Set(owned).size).toBe(owned.length);
  });

  test("agrees with the checksums that the loaders compare", () => {
    for (const { id, files } of datasets.all()) {
      const known = sourceOf(id)?.files ?? [];
      for (const { name, sha256: expected } of files) {
        const declared = known.find((file) => file.name === name)?.sha256;
        if (expected !== undefined && declared !== undefined) expect(declared, `${id} ${name}`).toBe(expected);
      }
    }
  });
});

const shared = fileURLToPath(new URL("../../../../shared/data", import.meta.url));
test.skipIf(!existsSync(join(shared, "SHA256SUMS")))(
  "real files are sound (skipped where ../shared/data is absent)",
  async () => {
    for (const source of ["mnist", "fashion-mnist", "cifar-10", "imagenette", "wikitext-2", "glue-cola"]) {
      const { findings } = await checkSource(sources.get(source), shared);
      expect(findings.length, source).toBeGreaterThan(0);
      expect(
        findings.filter(({ verdict }) => verdict === "damaged"),
        source,
      ).toEqual([]);
    }
  },
);
