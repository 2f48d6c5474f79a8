import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkSource } from "./check-data.ts";
import { fileSet } from "./sets/file-set.ts";
import { imageFolderDataset } from "./sets/image-folder.ts";
import { datasets, sources } from "./sets/registry.ts";
import { readText } from "./sets/text-content.ts";

let dataDir = "";
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), "check-"))));
afterEach(() => rmSync(dataDir, { recursive: true }));

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

function put(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(join(dataDir, path)), { recursive: true });
  writeFileSync(join(dataDir, path), content);
  return join(dataDir, path);
}

const OFFICIAL = "a\nb\n";
const { source, find } = fileSet<string, string>({
  id: "set",
  title: "Set",
  folders: ["set", "SET"],
  downloads: [],
  files: [
    { stem: "train", ending: ".txt", split: "train", sha256: sha256(OFFICIAL) },
    { stem: "test", ending: ".txt", split: "test" },
    { stem: "extra", ending: ".txt", split: "extra", isOptional: true },
  ],
  official: { train: 4, test: 4 },
  unit: "characters",
  read: (path, _file, expected) => readText(path, 100, expected),
  count: (text) => text.length,
  assemble: (_splits, label) => label,
});

const findingsIn = async () => (await checkSource(source, dataDir)).findings;

describe("a source's files", () => {
  test("official ones are known by the checksum of their content, plain or gzipped", async () => {
    put("set/train.txt.gz", gzipSync(OFFICIAL));
    put("set/test.txt", OFFICIAL);
    expect(await findingsIn()).toEqual([
      { path: "set/train.txt.gz", verdict: "ok", detail: "4 characters; sha256 of the official file" },
      { path: "set/test.txt", verdict: "ok", detail: "4 characters; no checksum of the official file is known" },
      expect.objectContaining({ path: "set/extra.txt", verdict: "absent" }),
    ]);
  });

  test("half of a set is not the set: what is missing is named, with the layout", async () => {
    put("SET/train.first1.txt", "a");
    const layout =
      "set/train.txt, set/test.txt, set/extra.txt, or in SET/; each plain or .gz, a subset as train.<word>.txt";
    expect((await findingsIn()).slice(0, 2)).toEqual([
      { path: "SET/train.first1.txt", verdict: "subset", detail: "first1: 1 characters" },
      { path: "SET/test.txt", verdict: "missing", detail: `expected: ${layout}` },
    ]);
    expect(find(dataDir)).toMatchObject({
      available: false,
      reason: `no test.txt in ${join(dataDir, "SET")}; expected: ${layout}`,
    });
  });

  test("nothing is found where nothing is, and hidden files are no data", async () => {
    put("set/.train.txt", OFFICIAL);
    put("set/.test.txt", OFFICIAL);
    expect(await findingsIn()).toEqual([]);
  });

  test.each<[string, string, string | Uint8Array, RegExp]>([
    ["other content under an official name", "train.txt", "a", /sha256 of its content is .*, the official file has/],
    ["a truncated gzip file", "train.x.txt.gz", gzipSync(OFFICIAL).subarray(0, 15), /gzip stream ends early/],
    ["gzip under a plain name", "train.x.txt", gzipSync(OFFICIAL), /is a gzip file under a plain name/],
    ["plain text under a gzip name", "train.x.txt.gz", OFFICIAL, /is a plain file under a gzip name/],
    ["a gzip bomb", "train.x.txt.gz", gzipSync(Buffer.alloc(5_000)), /expands to more than 100 bytes/],
  ])("%s is damaged", async (_, name, content, rule) => {
    put(`set/${name}`, content);
    const [finding] = await findingsIn();
    expect(finding).toMatchObject({ path: `set/${name}`, verdict: "damaged" });
    expect(finding!.detail).toMatch(rule);
  });

  test("pipes and devices are refused, and not waited for", async () => {
    mkdirSync(join(dataDir, "set"));
    execFileSync("mkfifo", [join(dataDir, "set", "train.x.txt")]);
    symlinkSync("/dev/zero", join(dataDir, "set", "test.txt"));
    const verdicts = (await findingsIn()).slice(0, 2).map(({ verdict, detail }) => [verdict, detail]);
    expect(verdicts).toEqual([
      ["damaged", expect.stringContaining("is no regular file")],
      ["damaged", expect.stringContaining("is no regular file")],
    ]);
  });

  test.skipIf(!existsSync("/proc/self/maps"))(
    "what is read is capped, also where the file system says that a file is empty",
    async () => {
      mkdirSync(join(dataDir, "set"));
      symlinkSync("/proc/self/maps", join(dataDir, "set", "train.x.txt"));
      expect((await findingsIn())[0]).toMatchObject({ verdict: "damaged", detail: expect.stringMatching(/grows/) });
    },
  );

  test("SHA256SUMS of the folder is held against the stored files", async () => {
    put("set/train.first1.txt", "a");
    put("set/test.txt", "b");
    put("SHA256SUMS", `${sha256("a")}  set/train.first1.txt\n${sha256("something else")}  set/test.txt\n`);
    expect((await findingsIn()).map(({ path, verdict }) => [path, verdict])).toEqual([
      ["set/train.first1.txt", "subset"],
      ["set/extra.txt", "absent"],
      ["set/test.txt", "damaged"],
    ]);
  });
});

describe("photographs", () => {
  const photos = imageFolderDataset({
    id: "photos",
    title: "Photos",
    provenance: "made in a test",
    licence: "MIT",
    classes: ["cat"],
    folders: ["photos"],
    downloads: [],
    cropping: { shorterSide: 8, edge: 8 },
    counts: { train: 2, val: 1 },
  }).source!;
  const jpeg = () =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: "#37a" } })
      .jpeg()
      .toBuffer();
  const check = async () => (await checkSource(photos, dataDir)).findings;

  test("are all decoded; a damaged one is named", async () => {
    const image = await jpeg();
    put("photos/train/cat/1.jpg", image);
    put("photos/train/cat/2.JPEG", image.subarray(0, image.length / 2));
    put("photos/train/cat/._1.jpg", "left by a file manager");
    put("photos/train/.thumbnails/1.jpg", "left by another");
    put("photos/val/cat/1.jpg", image);
    const findings = await check();
    expect(findings.map(({ path, verdict }) => [path, verdict])).toEqual([
      ["photos/train", "ok"],
      ["photos/train/cat/2.JPEG", "damaged"],
      ["photos/val", "ok"],
    ]);
    expect(findings[0]!.detail).toMatch(/^1 of its 2 images are sound, 1 classes/);
  });

  test("one split alone is not the set", async () => {
    put("photos/train/cat/1.jpg", await jpeg());
    expect(await check()).toEqual([
      {
        path: "photos/val",
        verdict: "missing",
        detail: expect.stringContaining("photos/val/<class>/*.JPEG") as string,
      },
    ]);
  });

  test("fewer than the official number are a subset; other classes in val are damage", async () => {
    put("photos/train/cat/1.jpg", await jpeg());
    put("photos/val/cat/1.jpg", await jpeg());
    expect((await check())[0]).toMatchObject({ path: "photos/train", verdict: "subset" });
    put("photos/val/dog/1.jpg", await jpeg());
    expect(await check()).toEqual([
      expect.objectContaining({
        path: "photos",
        verdict: "damaged",
        detail: expect.stringContaining("only in val: dog") as unknown,
      }),
    ]);
  });
});

test("a line without an end is named in GLUE, whatever its length: 64 MiB of one letter", async () => {
  put("glue/SST-2/train.x.tsv.gz", gzipSync(Buffer.alloc(64 * 2 ** 20, "a")));
  put("glue/SST-2/dev.x.tsv", "sentence\tlabel\nfine\t1\n");
  const [bomb, dev] = (await checkSource(sources.get("glue-sst2"), dataDir)).findings;
  expect(bomb!.detail).toMatch(/train\.x\.tsv\.gz: line 1 has 67108864 bytes, more than any line of an official file/);
  expect(dev).toMatchObject({ verdict: "subset", detail: "x: 1 rows" });
});

describe("the list of sources", () => {
  test("has one for every data set that is not generated; every one downloads or says why not", () => {
    for (const { id, synthetic, source } of datasets.all()) expect(source === undefined, id).toBe(synthetic);
    for (const { id, downloads, byHand, layout } of sources.all()) {
      expect(downloads.length > 0 || byHand !== undefined, id).toBe(true);
      expect(layout, id).not.toBe("");
      for (const { file, unpacking } of downloads) {
        expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(unpacking?.mostBytes ?? 1).toBeGreaterThan(0);
      }
    }
  });
});
