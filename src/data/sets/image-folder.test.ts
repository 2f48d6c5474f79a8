import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError, UsageError } from "#base/errors";
import { firstExamples, heldOut } from "./dataset.ts";
import { imageFolderDataset } from "./image-folder.ts";
import { imagenette } from "./imagenette.ts";
import { decodePhotograph } from "./photograph.ts";

let dataDir = "";
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), "photographs-"))));
afterEach(() => rmSync(dataDir, { recursive: true }));

const dataset = imageFolderDataset({
  id: "photos",
  title: "Photos",
  provenance: "made in a test",
  licence: "MIT",
  classes: ["cat", "dog"],
  folders: ["photos"],
  downloads: [],
  cropping: { shorterSide: 8, edge: 8 },
  counts: { train: 4, val: 2 },
});

function put(path: string, content: Uint8Array): string {
  const whole = join(dataDir, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

const plain = (width: number, height: number, background: string) =>
  sharp({ create: { width, height, channels: 3, background } });

async function putPhotos(): Promise<void> {
  put(
    "photos/train/cat/a.JPEG",
    await plain(8, 8, "#ff0000").jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer(),
  );
  put("photos/train/cat/b.png", await plain(8, 8, "#ff0000").png().toBuffer());
  put("photos/train/dog/a.jpg", await plain(16, 12, "#0000ff").jpeg().toBuffer());
  put("photos/train/dog/b.PNG", await plain(12, 40, "#0000ff").png().toBuffer());
  put("photos/train/dog/notes.txt", Buffer.from("no image"));
  put("photos/val/cat/c.jpeg", await plain(8, 8, "#ff0000").jpeg().toBuffer());
  put("photos/val/dog/c.jpeg", await plain(8, 8, "#0000ff").jpeg().toBuffer());
}

describe("folders of photographs", () => {
  test("are found, numbered by the sorted names of their classes, and decoded when asked", async () => {
    await putPhotos();
    const { label, train, test: held, classes } = dataset.load(dataDir);
    expect([label, train.count, held.count, classes]).toEqual(["Photos", 4, 2, ["cat", "dog"]]);
    expect(train.shape).toEqual([8, 8, 3]);
    expect([...train.labels].sort()).toEqual([0, 0, 1, 1]);
    const pixels = await train.decode!([0, 1, 2, 3]);
    for (const [item, wanted] of [...train.labels].entries()) {
      const [red, , blue] = pixels.subarray(item * 192, item * 192 + 3);
      expect(wanted === 0 ? red! > 240 && blue! < 15 : blue! > 240 && red! < 15, `image ${item}`).toBe(true);
    }
    expect(() => train.pixels).toThrow(UsageError);
  });

  test("parts of a split decode the same images, and mix the classes the same way every time", async () => {
    await putPhotos();
    const { train } = dataset.load(dataDir);
    expect([...dataset.load(dataDir).train.labels]).toEqual([...train.labels]);
    const { train: kept, validation } = heldOut(train);
    expect([kept.count, validation.count]).toEqual([3, 1]);
    expect(await validation.decode!([0])).toEqual(await train.decode!([3]));
    const first = firstExamples(train, 2);
    expect(await first.decode!([1])).toEqual(await train.decode!([1]));
    expect(first.labels.length).toBe(2);
  });

  test("incomplete splits are named", async () => {
    await putPhotos();
    rmSync(join(dataDir, "photos/train/cat/a.JPEG"));
    expect(dataset.find(dataDir)).toEqual({ available: true, label: "Photos (train 3 of 4)" });
  });

  test("what is missing, and where it was looked for", async () => {
    expect(dataset.find(undefined)).toMatchObject({
      available: false,
      reason: expect.stringContaining("--data-dir") as unknown,
    });
    expect(dataset.find(dataDir)).toMatchObject({
      available: false,
      reason: expect.stringMatching(/^no images in .*; expected: photos\/train\/<class>/) as unknown,
    });
    expect(() => dataset.load(dataDir)).toThrow(DataError);
    await putPhotos();
    rmSync(join(dataDir, "photos/val"), { recursive: true });
    expect(dataset.find(dataDir)).toMatchObject({ available: false });
  });

  test("classes that differ between the splits, from the declared number or names, are refused", async () => {
    await putPhotos();
    put("photos/val/bird/c.jpeg", await plain(8, 8, "#0000ff").jpeg().toBuffer());
    expect(() => dataset.load(dataDir)).toThrow(/photos: train and val have different classes \(only in val: bird\)/);
    put("photos/train/bird/c.jpeg", await plain(8, 8, "#0000ff").jpeg().toBuffer());
    expect(() => dataset.load(dataDir)).toThrow(/has 3 classes, Photos has 2/);
    put("imagenette/train/n01440764/a.jpg", Buffer.of(1));
    put("imagenette/val/n01440764/a.jpg", Buffer.of(1));
    for (let i = 0; i < 9; i++)
      for (const split of ["train", "val"]) put(`imagenette/${split}/n0000000${i}/a.jpg`, Buffer.of(1));
    expect(() => imagenette.load(dataDir)).toThrow(/n00000000: is no class of Imagenette/);
  });
});

describe("a photograph", () => {
  const whole = { shorterSide: 8, edge: 8 };

  test("keeps its proportions: shorter side resized, centre cut out", async () => {
    // Columns: 8 red, 16 green, 8 blue; the centre square of a 32×16 picture is green.
    const stripes = Buffer.from(
      Array.from({ length: 16 * 32 }, (_, i) =>
        i % 32 < 8 ? [255, 0, 0] : i % 32 < 24 ? [0, 255, 0] : [0, 0, 255],
      ).flat(),
    );
    const path = put(
      "stripes.png",
      await sharp(stripes, { raw: { width: 32, height: 16, channels: 3 } })
        .png()
        .toBuffer(),
    );
    const pixels = await decodePhotograph(path, { shorterSide: 16, edge: 16 });
    expect(new Set(Array.from({ length: 256 }, (_, i) => pixels.subarray(3 * i, 3 * i + 3).join()))).toEqual(
      new Set(["0,255,0"]),
    );
    const cut = await decodePhotograph(path, { shorterSide: 16, edge: 8 });
    expect(cut.length).toBe(192);
    const seen: unknown[] = [];
    const blue = await decodePhotograph(path, { shorterSide: 16, edge: 8 }, (size) => {
      seen.push([size.height, size.width]);
      return { top: 3, left: 24, height: 10, width: 8 };
    });
    expect([...blue]).toEqual(Array.from({ length: 64 }, () => [0, 0, 255]).flat());
    expect(seen).toEqual([[16, 32]]);
    expect(await decodePhotograph(path, { shorterSide: 16, edge: 16 }, () => undefined)).toEqual(pixels);
  });

  test("in greyscale, with transparency or with 16 bits becomes three channels of bytes", async () => {
    const grey = await plain(8, 8, "#808080").toColourspace("b-w").jpeg().toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    const pixels = await decodePhotograph(put("grey.jpg", grey), whole);
    expect([...pixels.subarray(0, 3)]).toEqual([128, 128, 128]);
    const seeThrough = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 9, g: 8, b: 7, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    expect([...(await decodePhotograph(put("alpha.png", seeThrough), whole)).subarray(0, 3)]).toEqual([9, 8, 7]);
    const deep = await plain(8, 8, "#102030").toColourspace("rgb16").png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe("ushort");
    expect([...(await decodePhotograph(put("deep.png", deep), whole)).subarray(0, 3)]).toEqual([16, 32, 48]);
  });

  test.each([0.2, 0.5, 0.9])("cut at %d of its length is named, JPEG and PNG", async (share) => {
    const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 7919) % 251));
    const image = sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
    for (const [name, content] of [
      ["a.jpg", await image.clone().jpeg().toBuffer()],
      ["a.png", await image.clone().png().toBuffer()],
    ] as const) {
      const path = put(name, content.subarray(0, Math.floor(share * content.length)));
      const error: unknown = await decodePhotograph(path, whole).catch((reason: unknown) => reason);
      expect(error, name).toBeInstanceOf(DataError);
      expect(String(error)).toContain(path);
    }
  });

  test("with corrupt data inside is named", async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 7919) % 251));
    const content = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    content[content.length >> 1]! ^= 0xff;
    await expect(decodePhotograph(put("a.png", content), whole)).rejects.toThrow(/a\.png: cannot be decoded/);
    const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    jpeg.fill(0xff, jpeg.length >> 1, (jpeg.length >> 1) + 200);
    await expect(decodePhotograph(put("a.jpg", jpeg), whole)).rejects.toThrow(/a\.jpg: cannot be decoded/);
  });

  test("that is none, or cannot be read, is named", async () => {
    await expect(decodePhotograph(put("a.jpg", Buffer.from("<svg/>")), whole)).rejects.toThrow(
      /is neither a JPEG nor a PNG/,
    );
    await expect(decodePhotograph(put("b.jpg", Buffer.alloc(0)), whole)).rejects.toThrow(/is neither a JPEG nor a PNG/);
    await expect(decodePhotograph(join(dataDir, "none.jpg"), whole)).rejects.toThrow(/none\.jpg: cannot be read/);
    await expect(decodePhotograph(put("c.png", Buffer.from("\x89PNG\r\n\x1A\nrest", "latin1")), whole)).rejects.toThrow(
      /c\.png: has no header that can be read/,
    );
  });

  test("that claims a huge size is refused by its header", async () => {
    const path = put("bomb.png", pngOfSize(20_000, 20_000));
    await expect(decodePhotograph(path, whole)).rejects.toThrow(
      /bomb\.png: says that it has 20000×20000 pixels; at most 100 million are decoded/,
    );
  });
});

/** A PNG whose header tells a size and whose data are a few zeros. */
function pngOfSize(width: number, height: number): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const [length, sum, content] = [
      Buffer.alloc(4),
      Buffer.alloc(4),
      Buffer.concat([Buffer.from(type, "latin1"), body]),
    ];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(content));
    return Buffer.concat([length, content, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1A\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(1000))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
