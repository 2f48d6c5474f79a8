import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import { Header } from "tar";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "#base/errors";
import { isPlainName, type UnpackRules } from "./archive-entry.ts";
import { unpackTarGz } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

let folder = "";
const inner = () => join(folder, "unpacked");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unpack-"));
  mkdirSync(inner());
});
afterEach(() => rmSync(folder, { recursive: true }));

interface TestEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly kind?: "file" | "folder" | "link" | "hardlink" | "device";
  /** the size that the header tells, where it lies */
  readonly claimed?: number;
}

const TAR_TYPES = {
  file: "File",
  folder: "Directory",
  link: "SymbolicLink",
  hardlink: "Link",
  device: "CharacterDevice",
} as const;

function tarGz(entries: readonly TestEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content = "", kind = "file", claimed }) => {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    const linkpath = kind === "link" || kind === "hardlink" ? "/etc/passwd" : undefined;
    new Header({
      path: name,
      type: TAR_TYPES[kind],
      size: claimed ?? body.length,
      mode: 0o644,
      mtime: new Date(0),
      ...(linkpath === undefined ? {} : { linkpath }),
    }).encode(header, 0);
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const ZIP_MODES = { file: 0o100644, folder: 0o040755, link: 0o120777, hardlink: 0o120777, device: 0o020644 } as const;

/** A zip archive with deflated entries, its directory at the end. */
function zip(entries: readonly (TestEntry & { readonly crc?: number })[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, content = "", kind = "file", claimed, crc } of entries) {
    const body = Buffer.from(content);
    const packed = deflateRawSync(body);
    const [nameBytes, local, central] = [Buffer.from(name), Buffer.alloc(30), Buffer.alloc(46)];
    const sum = crc ?? crc32(body);
    const size = claimed ?? body.length;
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(sum, 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(nameBytes.length, 26);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(0x0314, 4); // made on Unix: the upper half of the attributes is a mode
    central.writeUInt16LE(20, 6);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(sum, 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(nameBytes.length, 28);
    central.writeUInt32LE((ZIP_MODES[kind] << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    locals.push(local, nameBytes, packed);
    centrals.push(central, nameBytes);
    offset += local.length + nameBytes.length + packed.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

const KINDS = [
  { format: "tar.gz", make: tarGz, unpack: unpackTarGz },
  { format: "zip", make: zip, unpack: unpackZip },
] as const;

const all: UnpackRules = { mostBytes: 10_000, mostEntries: 10, select: (name) => name };

describe.each(KINDS)("$format", ({ format, make, unpack }) => {
  function archive(content: Buffer): string {
    const path = join(folder, `archive.${format}`);
    writeFileSync(path, content);
    return path;
  }

  test("files are unpacked, selected and renamed by the rules", async () => {
    const path = archive(
      make([
        { name: "set/", kind: "folder" },
        { name: "set/a.txt", content: "first" },
        { name: "set/deep/b.txt", content: "x".repeat(3000) },
        { name: "other.txt", content: "no" },
      ]),
    );
    const select = (name: string) => (name.startsWith("set/") ? name.slice(4) : undefined);
    expect(await unpack(path, inner(), { ...all, select })).toEqual(["a.txt", "deep/b.txt"]);
    expect(readFileSync(join(inner(), "a.txt"), "utf8")).toBe("first");
    expect(readFileSync(join(inner(), "deep", "b.txt"), "utf8").length).toBe(3000);
    expect(existsSync(join(inner(), "other.txt"))).toBe(false);
  });

  test.each([
    ["..", { name: "../outside.txt", content: "x" }],
    [".. on the way", { name: "set/../../outside.txt", content: "x" }],
    ["an absolute name", { name: "/tmp/outside.txt", content: "x" }],
    ["a drive", { name: "C:/outside.txt", content: "x" }],
    ["a backslash", { name: "..\\outside.txt", content: "x" }],
    ["a symbolic link", { name: "link", kind: "link" }],
    ["a device", { name: "device", kind: "device" }],
  ] satisfies [string, TestEntry][])("%s condemns the archive", async (_, entry) => {
    const path = archive(make([{ name: "good.txt", content: "good" }, entry]));
    const error: unknown = await unpack(path, inner(), all).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toContain(path);
    expect(readdirSync(folder).sort()).toEqual([`archive.${format}`, "unpacked"]);
    expect(readdirSync(inner()).filter((name) => name !== "good.txt")).toEqual([]);
  });

  test("a link is refused though no file of its name is selected", async () => {
    const path = archive(make([{ name: "link", kind: "link" }]));
    await expect(unpack(path, inner(), { ...all, select: () => undefined })).rejects.toThrow(
      /"link" is neither a file nor a folder/,
    );
  });

  test("more than the allowed bytes or entries is refused", async () => {
    const large = archive(
      make([
        { name: "a", content: "x".repeat(6000) },
        { name: "b", content: "x".repeat(6000) },
      ]),
    );
    await expect(unpack(large, inner(), all)).rejects.toThrow(/"b" brings the contents above 9.77 KiB/);
    const many = archive(make(Array.from({ length: 11 }, (_, i) => ({ name: `n${i}`, content: "x" }))));
    await expect(unpack(many, join(folder, "unpacked"), { ...all, select: () => undefined })).rejects.toThrow(
      /"n10" is more than 10 entries/,
    );
  });

  test("a name that comes twice is refused", async () => {
    const path = archive(
      make([
        { name: "a", content: "first" },
        { name: "a", content: "second" },
      ]),
    );
    await expect(unpack(path, inner(), all)).rejects.toThrow(/"a" comes twice/);
  });

  test("what the selection makes of a name is checked too", async () => {
    const path = archive(make([{ name: "a", content: "first" }]));
    await expect(unpack(path, inner(), { ...all, select: () => "../a" })).rejects.toThrow(
      /would be written to \.\.\/a/,
    );
  });

  test.each([0.3, 0.6, 0.95])("an archive cut at %d of its length is named", async (share) => {
    const noise = Buffer.from(Uint8Array.from({ length: 4000 }, (_, i) => (i * i * 7919) % 251));
    const whole = make([
      { name: "a", content: noise },
      { name: "b", content: noise },
    ]);
    const path = archive(whole.subarray(0, Math.floor(share * whole.length)));
    const error: unknown = await unpack(path, inner(), all).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toContain(`${path}: is not a sound .${format} archive`);
  });

  test("something else under the name of an archive is named", async () => {
    const path = archive(Buffer.from("<html>Not found</html>"));
    await expect(unpack(path, inner(), all)).rejects.toThrow(`${path}: is not a sound .${format} archive`);
  });

  test("flipped bits are noticed", async () => {
    const content = make([
      { name: "a", content: "some text that is long enough to be packed, some text that is long enough" },
    ]);
    content[format === "zip" ? 40 : 30]! ^= 0xff;
    await expect(unpack(archive(content), inner(), all)).rejects.toThrow(DataError);
  });
});

test("a gzip stream that ends well around a tar that does not is named", async () => {
  const path = join(folder, "a.tar.gz");
  const header = Buffer.alloc(512);
  new Header({ path: "a", type: "File", size: 5000, mode: 0o644, mtime: new Date(0) }).encode(header, 0);
  writeFileSync(path, gzipSync(Buffer.concat([header, Buffer.alloc(1000)])));
  await expect(unpackTarGz(path, inner(), all)).rejects.toThrow(DataError);
});

test("a hard link in a tar archive is refused", async () => {
  const path = join(folder, "a.tar.gz");
  writeFileSync(path, tarGz([{ name: "link", kind: "hardlink" }]));
  await expect(unpackTarGz(path, inner(), all)).rejects.toThrow(/neither a file nor a folder/);
});

test("a zip entry that unpacks to more than its header tells is refused", async () => {
  const path = join(folder, "a.zip");
  writeFileSync(path, zip([{ name: "a", content: "x".repeat(5000), claimed: 10 }]));
  await expect(unpackZip(path, inner(), all)).rejects.toThrow(DataError);
});

test("a zip entry with another CRC is refused", async () => {
  const path = join(folder, "a.zip");
  writeFileSync(path, zip([{ name: "a", content: "text", crc: 1 }]));
  await expect(unpackZip(path, inner(), all)).rejects.toThrow(/entry "a" is damaged: its CRC is/);
});

test.each([
  ["a/b.txt", true],
  ["./a", true],
  ["a/", true],
  ["./", true],
  ["", false],
  ["a//b", false],
  ["a/./b", false],
  ["..", false],
  ["/a", false],
  ["a\0b", false],
])("%j is a plain name: %s", (name, expected) => expect(isPlainName(name)).toBe(expected));
