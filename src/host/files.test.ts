import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { host } from "./current.ts";
import { FileError } from "./host.ts";

const { files } = host;
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-"));
  path = join(folder, "file");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("reading", () => {
  test("stops at the most that the reader allows, and says so", () => {
    writeFileSync(path, "12345");
    expect(files.readText(path, 5)).toBe("12345");
    expect(() => files.readText(path, 4)).toThrow(/is larger than 4 B/);
  });

  test("takes regular files only: no pipe, device, socket's place, folder, nor what lies below a file", () => {
    execFileSync("mkfifo", [path]);
    symlinkSync("/dev/zero", join(folder, "zero"));
    for (const other of [path, join(folder, "zero"), folder]) {
      expect(() => files.readBytes(other, 10)).toThrow(FileError);
      expect(() => [...files.lines(other, 10)]).toThrow(FileError);
      expect(() => files.open(other, ({ size }) => size)).toThrow(FileError);
    }
    writeFileSync(join(folder, "plain"), "");
    expect(files.kind(join(folder, "plain", "below"))).toBeUndefined();
  });

  test("a file that ends early is truncated", () => {
    writeFileSync(path, "12345");
    expect(files.open(path, (file) => Buffer.from(file.read(1, 3)).toString())).toBe("234");
    expect(() => files.open(path, (file) => file.read(3, 3))).toThrow(/is truncated: 3 bytes expected at 3, 2 found/);
  });
});

test("lines are those of the text, packed or not, whatever their length", () => {
  const line = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.nat(400_000).map((length) => "x".repeat(length)),
  );
  fc.assert(
    fc.property(
      fc.array(line.filter((text) => !text.includes("\n") && !text.startsWith("\ufeff"))),
      fc.boolean(),
      (texts, isPacked) => {
        const whole = texts.map((text) => `${text}\n`);
        if (isPacked) files.pack(path, whole);
        else writeFileSync(path, whole.join(""));
        expect([...files.lines(path, 2 ** 21)]).toEqual(
          texts.map((text, index) => ({ text, number: index + 1, whole: true })),
        );
      },
    ),
    { numRuns: 30 },
  );
});

test("an incomplete last line says that it is", () => {
  writeFileSync(path, "a\nb");
  expect([...files.lines(path, 10)].map(({ text, whole }) => [text, whole])).toEqual([
    ["a", true],
    ["b", false],
  ]);
});

describe("writing", () => {
  test("replaces a whole file, leaves no temporary one, and makes the folders above", () => {
    const deep = join(folder, "a", "b", "file");
    files.write(deep, "old");
    files.write(deep, new Uint8Array([110, 101, 119]));
    expect(readFileSync(deep, "utf8")).toBe("new");
    expect(readdirSync(join(folder, "a", "b"))).toEqual(["file"]);
    files.copy(deep, path);
    expect(readFileSync(path, "utf8")).toBe("new");
  });

  test("creates only under a free name", () => {
    expect([files.create(path, "first"), files.create(path, "second")]).toEqual([true, false]);
    expect(readFileSync(path, "utf8")).toBe("first");
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("packs equal texts into equal files, which gunzip reads", () => {
    files.pack(path, ["a\n", "b\n"]);
    files.pack(join(folder, "again"), ["a\nb\n"]);
    expect(gunzipSync(readFileSync(path)).toString()).toBe("a\nb\n");
    expect(readFileSync(path)).toEqual(readFileSync(join(folder, "again")));
  });

  test("appends whole texts after the last whole line, and takes back what it cannot write", () => {
    writeFileSync(path, "kept\nhalf");
    const file = files.appendTo(path);
    file.append(["one\n", "two\n"]);
    expect(() =>
      file.append(
        (function* () {
          yield "lost\n";
          throw new Error("no more");
        })(),
      ),
    ).toThrow(/no more/);
    expect(file.isInPlace()).toBe(true);
    file.close();
    expect(readFileSync(path, "utf8")).toBe("kept\none\ntwo\n");
  });
});
