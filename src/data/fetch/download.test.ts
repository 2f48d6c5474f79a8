import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError, EnvironmentError, EXIT } from "#base/errors";
import { download } from "./download.ts";
import type { RemoteFile } from "../source.ts";
import { DownloadError } from "./connection.ts";

const CONTENT = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) % 251));
const SHA256 = createHash("sha256").update(CONTENT).digest("hex");

let folder = "";
let servers: Server[] = [];
/** bytes that the client has told it keeps */
let kept = 0;
/** every request that came, in order */
let requests: { url: string; range: string | undefined; ifRange: string | undefined }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "download-"));
  servers = [];
  requests = [];
  kept = 0;
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real server on a free port; returns its base address. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    requests.push({
      url: request.url!,
      range: request.headers.range,
      ifRange: request.headers["if-range"] as string | undefined,
    });
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface FileAnswer {
  readonly content?: Buffer;
  readonly etag?: string;
  readonly ranges?: boolean;
  /** the connection is destroyed once the client has so many bytes of this answer, in the first `cuts` requests */
  readonly cutAfter?: number;
  readonly cuts?: number;
}

/** Answers as a file server does: with ranges, validators, and accidents on demand. */
function fileAnswer({
  content = CONTENT,
  etag = '"a"',
  ranges = true,
  cutAfter,
  cuts = Infinity,
}: FileAnswer = {}): Answer {
  let served = 0;
  return (request, response) => {
    served++;
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    const isSame = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
    const start = ranges && isSame && asked !== undefined ? Number(asked) : 0;
    const body = content.subarray(start);
    const isCut = cutAfter !== undefined && served <= cuts;
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": body.length,
      etag,
      ...(start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    });
    if (!isCut) return void response.end(body);
    response.write(body.subarray(0, cutAfter));
    const watch = setInterval(() => {
      if (kept < start + cutAfter) return;
      clearInterval(watch);
      response.destroy();
    }, 1);
  };
}

const remote = (...urls: [string, ...string[]]): RemoteFile => ({
  urls,
  bytes: CONTENT.length,
  sha256: SHA256,
});
const target = () => join(folder, "set", "file.bin");
const quick = { retryDelayMs: 1, timeoutMs: 10_000, onProgress: (received: number) => void (kept = received) };

function leavePart(content: Buffer, note: unknown): void {
  mkdirSync(join(folder, "set"), { recursive: true });
  writeFileSync(`${target()}.part`, content);
  writeFileSync(`${target()}.part.json`, JSON.stringify(note));
}

/** The error of a download that must fail, with nothing in the file's place. */
async function failure(
  file: RemoteFile,
  options: Parameters<typeof download>[2] = quick,
): Promise<Error & { exitCode?: number }> {
  const error: unknown = await download(file, target(), options).then(
    () => new Error("the download came about"),
    (reason: unknown) => reason,
  );
  expect(existsSync(target())).toBe(false);
  return error as Error;
}

describe("a download", () => {
  test("arrives whole, with progress, and leaves nothing else behind", async () => {
    const seen: number[] = [];
    const file = remote(`${await serve(fileAnswer())}/file.bin`);
    await download(file, target(), { ...quick, onProgress: (received, total) => void seen.push(received / total) });
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(existsSync(`${target()}.part`) || existsSync(`${target()}.part.json`)).toBe(false);
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });

  test("is not asked for where the very file is there; another one in its place is fetched anew", async () => {
    const file = remote(`${await serve(fileAnswer())}/file.bin`);
    mkdirSync(join(folder, "set"));
    writeFileSync(target(), CONTENT);
    await download(file, target(), quick);
    expect(requests).toEqual([]);
    writeFileSync(target(), Buffer.alloc(CONTENT.length, 1));
    await download(file, target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests.length).toBe(1);
  });

  test("a cut connection is taken up where it was cut", async () => {
    const base = await serve(fileAnswer({ cutAfter: 100_000, cuts: 2 }));
    await download(remote(`${base}/file.bin`), target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests.map(({ range }) => range)).toEqual([undefined, "bytes=100000-", "bytes=200000-"]);
    expect(requests[1]!.ifRange).toBe('"a"');
  });

  test("an interrupted one leaves its target alone, and the next call ends it", async () => {
    const file = remote(`${await serve(fileAnswer())}/file.bin`);
    const stop = new AbortController();
    await expect(
      download(file, target(), { ...quick, signal: stop.signal, onProgress: () => stop.abort() }),
    ).rejects.toThrow();
    expect(existsSync(target())).toBe(false);
    await download(file, target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
  });

  test("a part left by an earlier process is gone on with", async () => {
    const url = `${await serve(fileAnswer())}/file.bin`;
    leavePart(CONTENT.subarray(0, 12_345), { url, validator: '"a"' });
    await download(remote(url), target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests).toEqual([{ url: "/file.bin", range: "bytes=12345-", ifRange: '"a"' }]);
  });

  test("a part of a file that changed since is thrown away", async () => {
    const url = `${await serve(fileAnswer({ etag: '"new"' }))}/file.bin`;
    leavePart(Buffer.alloc(12_345, 7), { url, validator: '"old"' });
    await download(remote(url), target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests).toEqual([{ url: "/file.bin", range: "bytes=12345-", ifRange: '"old"' }]);
  });

  test("a part with a note that cannot be read, or of another address, is thrown away", async () => {
    const url = `${await serve(fileAnswer())}/file.bin`;
    leavePart(Buffer.alloc(12_345, 7), { url: "https://example.org/file.bin", validator: '"a"' });
    await download(remote(url), target(), quick);
    rmSync(target());
    leavePart(Buffer.alloc(12_345, 7), "no note");
    await download(remote(url), target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests.map(({ range }) => range)).toEqual([undefined, undefined]);
  });

  test("a server that keeps cutting ends with what is kept", async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { "content-length": CONTENT.length });
      response.write("", () => response.destroy());
    });
    const error = await failure(remote(`${base}/file.bin`));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toMatch(/the connection was cut .* are kept/);
    expect(requests.length).toBe(3);
  });

  test("a silent server is given up", async () => {
    const error = await failure(remote(`${await serve(() => undefined)}/file.bin`), { ...quick, timeoutMs: 50 });
    expect(error.message).toMatch(/nothing came for 0.05 s/);
  });

  test("a server without ranges starts anew", async () => {
    const base = await serve(fileAnswer({ ranges: false, cutAfter: 100_000, cuts: 1 }));
    await download(remote(`${base}/file.bin`), target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests.map(({ range }) => range)).toEqual([undefined, "bytes=100000-"]);
  });

  test("a range that begins elsewhere is refused", async () => {
    const base = await serve((request, response) => {
      if (request.headers.range === undefined) return fileAnswer({ cutAfter: 1000 })(request, response);
      response.writeHead(206, {
        "content-range": `bytes 5-${CONTENT.length - 1}/${CONTENT.length}`,
        "content-length": CONTENT.length - 5,
      });
      response.end(CONTENT.subarray(5));
    });
    expect((await failure(remote(`${base}/file.bin`))).message).toMatch(
      /answers bytes from 1000 on with Content-Range "bytes 5-/,
    );
  });
});

describe("another file than declared", () => {
  test("a wrong checksum is named and deleted", async () => {
    const other = Buffer.alloc(CONTENT.length, 1);
    const url = `${await serve(fileAnswer({ content: other }))}/file.bin`;
    const error = await failure(remote(url));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toContain(
      `${url}: sha256 of what came is ${createHash("sha256").update(other).digest("hex")}, expected ${SHA256}; it was deleted`,
    );
    expect(existsSync(`${target()}.part`)).toBe(false);
  });

  test.each([
    ["shorter", CONTENT.subarray(0, 1000), "holds 1000 bytes, 300000 are declared"],
    ["longer", Buffer.concat([CONTENT, CONTENT]), "holds 600000 bytes, 300000 are declared"],
  ])("a %s one is refused before it is taken", async (_, content, message) => {
    const error = await failure(remote(`${await serve(fileAnswer({ content }))}/file.bin`));
    expect(error.message).toContain(message);
    expect(existsSync(`${target()}.part`)).toBe(false);
  });

  test("one without a declared length is cut off at the declared size", async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200);
      response.end(Buffer.concat([CONTENT, CONTENT]));
    });
    expect((await failure(remote(`${base}/file.bin`))).message).toMatch(/sends more than its 300000 bytes/);
  });

  test("a rounded size leaves a tenth", async () => {
    const url = `${await serve(fileAnswer())}/file.bin`;
    expect((await failure({ ...remote(url), bytes: 250_000, isRounded: true })).message).toMatch(/another file/);
    await download({ ...remote(url), bytes: 290_000, isRounded: true }, target(), quick);
    expect(existsSync(target())).toBe(true);
  });

  test("a body encoded on the way is refused", async () => {
    const base = await serve((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": CONTENT.length });
      response.end(CONTENT);
    });
    expect((await failure(remote(`${base}/file.bin`))).message).toMatch(/Content-Encoding gzip/);
  });

  test("404 is named, at once", async () => {
    const url = `${await serve((_request, response) => response.writeHead(404).end())}/file.bin`;
    const error = await failure(remote(url));
    expect(error.message).toBe(`${url}: the server answers 404 Not Found`);
    expect(error.exitCode).toBe(EXIT.environment);
    expect(requests.length).toBe(1);
  });

  test("503 is tried again", async () => {
    let answers = 0;
    const answer = fileAnswer();
    const base = await serve((request, response) =>
      answers++ === 0 ? response.writeHead(503).end() : answer(request, response),
    );
    await download(remote(`${base}/file.bin`), target(), quick);
    expect(existsSync(target())).toBe(true);
  });
});

describe("addresses", () => {
  test("a redirect on the same host is followed", async () => {
    const answer = fileAnswer();
    const base = await serve((request, response) =>
      request.url === "/old" ? response.writeHead(302, { location: "/new" }).end() : answer(request, response),
    );
    await download(remote(`${base}/old`), target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests.map(({ url }) => url)).toEqual(["/old", "/new"]);
  });

  test("a redirect to another host is refused, and that host never asked", async () => {
    const elsewhere = await serve(fileAnswer());
    const base = await serve((_request, response) =>
      response.writeHead(301, { location: `${elsewhere}/file.bin` }).end(),
    );
    const error = await failure(remote(`${base}/file.bin`));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toContain(`redirects to ${elsewhere}, another place than declared`);
    expect(requests.length).toBe(1);
  });

  test("redirects in a circle end", async () => {
    const base = await serve((_request, response) => response.writeHead(307, { location: "/again" }).end());
    expect((await failure(remote(`${base}/again`))).message).toMatch(/more than 5 redirects/);
  });

  test("the next address is asked when one fails, and when one has another file", async () => {
    const gone = await serve((_request, response) => response.writeHead(404).end());
    const other = await serve(fileAnswer({ content: Buffer.alloc(CONTENT.length) }));
    const good = await serve(fileAnswer());
    await download(remote(`${gone}/a`, `${other}/b`, `${good}/c`), target(), quick);
    expect(readFileSync(target()).equals(CONTENT)).toBe(true);
    expect(requests.map(({ url }) => url)).toEqual(["/a", "/b", "/c"]);
  });

  test("nobody at the address is told, after a few attempts", async () => {
    const base = await serve(() => undefined);
    const server = servers.pop()!;
    await new Promise((done) => server.close(done));
    expect((await failure(remote(`${base}/file.bin`))).message).toMatch(/no answer \(.*ECONNREFUSED/);
  });

  test("when all fail, every one is named with its reason", async () => {
    const gone = await serve((_request, response) => response.writeHead(404).end());
    const other = await serve(fileAnswer({ content: Buffer.alloc(CONTENT.length) }));
    const error = await failure(remote(`${gone}/a`, `${other}/b`));
    expect(error).toBeInstanceOf(DownloadError);
    expect(error.message).toContain(`${gone}/a: the server answers 404`);
    expect(error.message).toContain(`${other}/b: sha256 of what came is`);
  });
});

describe("no room", () => {
  const MiB = 2 ** 20;

  test("is found out before a byte is written", async () => {
    const url = `${await serve(fileAnswer())}/file.bin`;
    const error = await failure(remote(url), { ...quick, freeBytes: () => Promise.resolve(64 * MiB) });
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error.message).toMatch(/293 KiB and 64 MiB in reserve are needed, 64 MiB are free/);
    expect(existsSync(`${target()}.part`)).toBe(false);
  });

  test("counts what is unpacked, and only what is still missing", async () => {
    const url = `${await serve(fileAnswer({ cutAfter: 200_000, cuts: 1 }))}/file.bin`;
    const asked: number[] = [];
    const free = [65 * MiB, 64 * MiB + 150_000];
    await download(remote(url), target(), {
      ...quick,
      freeBytes: () => (asked.push(1), Promise.resolve(free.shift()!)),
    });
    expect(asked.length).toBe(2);
    rmSync(target());
    expect(
      (await failure(remote(url), { ...quick, extraBytes: 10 * MiB, freeBytes: () => Promise.resolve(70 * MiB) }))
        .message,
    ).toMatch(/10.3 MiB/);
  });
});
