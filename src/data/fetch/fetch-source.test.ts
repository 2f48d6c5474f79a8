import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError, EnvironmentError } from "#base/errors";
import { fetchSource } from "./fetch-source.ts";
import type { DataSource, Download } from "../source.ts";

let folder = "";
let dataDir = "";
let server: Server;
let base = "";
/** what the server has, by path */
let served: Record<string, Buffer> = {};
let requests: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "fetch-"));
  dataDir = join(folder, "data");
  served = {};
  requests = [];
  server = createServer((request, response) => {
    requests.push(request.url!);
    const content = served[request.url!];
    if (content === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { "content-length": content.length }).end(content);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

const file = (path: string, content: Buffer): Download["file"] => {
  served[path] = content;
  return {
    urls: [`${base}${path}`],
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  };
};

function archiveOf(files: Readonly<Record<string, string>>): Buffer {
  const work = join(folder, "archive");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(work, name, ".."), { recursive: true });
    writeFileSync(join(work, name), content);
  }
  create({ gzip: true, cwd: work, file: join(folder, "made.tar.gz"), sync: true }, readdirSync(work));
  rmSync(work, { recursive: true });
  return readFileSync(join(folder, "made.tar.gz"));
}

const source = (downloads: readonly Download[]): DataSource => ({
  id: "set",
  folders: ["set"],
  layout: "set/train.bin",
  downloads,
  check: () => Promise.resolve([]),
});

const packed = (content: Buffer): Download => ({
  file: file("/set.tar.gz", content),
  unpacking: { format: "tar.gz", mostBytes: 10_000, prefix: "original-name/", keep: /^(train|test)\.bin$/ },
  gives: ["train.bin", "test.bin"],
});

describe("plain files", () => {
  test("come into the folder of the source, and are not fetched again", async () => {
    const plain = source([
      { file: file("/a.gz", Buffer.from("first")), gives: ["a.gz"] },
      { file: file("/b.gz", Buffer.from("second")), gives: ["b.gz"] },
    ]);
    expect(await fetchSource(plain, dataDir)).toEqual(["set/a.gz", "set/b.gz"]);
    expect(readFileSync(join(dataDir, "set", "b.gz"), "utf8")).toBe("second");
    const states: string[] = [];
    expect(await fetchSource(plain, dataDir, { onDownload: (_item, state) => states.push(state) })).toEqual([]);
    expect(states).toEqual(["here", "here"]);
    expect(requests).toEqual(["/a.gz", "/b.gz"]);
  });

  test("a file that is here without .gz counts as here", async () => {
    mkdirSync(join(dataDir, "set"), { recursive: true });
    writeFileSync(join(dataDir, "set", "a"), "unpacked by hand");
    expect(
      await fetchSource(source([{ file: file("/a.gz", Buffer.from("first")), gives: ["a.gz"] }]), dataDir),
    ).toEqual([]);
    expect(requests).toEqual([]);
  });
});

describe("archives", () => {
  test("are unpacked into the folder, what is wanted of them, and deleted", async () => {
    const fresh = await fetchSource(
      source([
        packed(
          archiveOf({
            "original-name/train.bin": "many",
            "original-name/test.bin": "few",
            "original-name/readme.html": "words",
          }),
        ),
      ]),
      dataDir,
    );
    expect(fresh).toEqual(["set/train.bin", "set/test.bin"]);
    expect(readdirSync(join(dataDir, "set")).sort()).toEqual(["test.bin", "train.bin"]);
    expect(readdirSync(join(dataDir, ".downloads"))).toEqual([]);
  });

  test("leave other files of a folder alone", async () => {
    mkdirSync(join(dataDir, "set"), { recursive: true });
    writeFileSync(join(dataDir, "set", "notes.txt"), "mine");
    await fetchSource(
      source([packed(archiveOf({ "original-name/train.bin": "many", "original-name/test.bin": "few" }))]),
      dataDir,
    );
    expect(readdirSync(join(dataDir, "set")).sort()).toEqual(["notes.txt", "test.bin", "train.bin"]);
    expect(readFileSync(join(dataDir, "set", "notes.txt"), "utf8")).toBe("mine");
  });

  test("without what they should give change nothing", async () => {
    const error: unknown = await fetchSource(
      source([packed(archiveOf({ "original-name/train.bin": "many" }))]),
      dataDir,
    ).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toMatch(/set\.tar\.gz: holds no test\.bin under original-name\//);
    expect(existsSync(join(dataDir, "set"))).toBe(false);
    expect(readdirSync(join(dataDir, ".downloads"))).toEqual([]);
  });

  test("that are damaged change nothing, and are fetched anew the next time", async () => {
    const good = archiveOf({ "original-name/train.bin": "many", "original-name/test.bin": "few" });
    await expect(fetchSource(source([packed(good.subarray(0, good.length - 20))]), dataDir)).rejects.toThrow(
      /not a sound \.tar\.gz archive/,
    );
    expect(existsSync(join(dataDir, "set"))).toBe(false);
    await fetchSource(source([packed(good)]), dataDir);
    expect(existsSync(join(dataDir, "set", "test.bin"))).toBe(true);
    expect(requests.length).toBe(2);
  });

  test("that lie in the download folder already are held to size and checksum before anything is unpacked", async () => {
    const forged = archiveOf({ "original-name/train.bin": "forged", "original-name/test.bin": "too" });
    const item = packed(archiveOf({ "original-name/train.bin": "many", "original-name/test.bin": "few" }));
    mkdirSync(join(dataDir, ".downloads"), { recursive: true });
    writeFileSync(join(dataDir, ".downloads", "set.tar.gz"), forged);
    await fetchSource(source([item]), dataDir);
    expect(readFileSync(join(dataDir, "set", "train.bin"), "utf8")).toBe("many");
    rmSync(join(dataDir, "set"), { recursive: true });
    writeFileSync(join(dataDir, ".downloads", "set.tar.gz"), forged);
    served = {};
    await expect(fetchSource(source([item]), dataDir)).rejects.toThrow(/the server answers 404/);
    expect(existsSync(join(dataDir, "set"))).toBe(false);
  });

  test("need room for what is unpacked from them", async () => {
    const item = packed(archiveOf({ "original-name/train.bin": "many", "original-name/test.bin": "few" }));
    const roomForArchive = item.file.bytes + 64 * 2 ** 20;
    await expect(
      fetchSource(source([item]), dataDir, { freeBytes: () => Promise.resolve(roomForArchive) }),
    ).rejects.toThrow(EnvironmentError);
    await fetchSource(source([item]), dataDir, { freeBytes: () => Promise.resolve(roomForArchive + 10_000) });
    expect(existsSync(join(dataDir, "set", "train.bin"))).toBe(true);
  });
});
