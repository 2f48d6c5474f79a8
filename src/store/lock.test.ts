import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StoreError } from "#base/errors";
import { host } from "#host/current";
import { takeLock } from "./lock.ts";

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(folder, "lock");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const { own } = host.processes;
const held = (change: object): string => JSON.stringify({ ...own, ...change });

describe("a lock that holds nothing is taken over, and nothing of it stays", () => {
  test.each([
    ["an empty file, as a full disk leaves it", ""],
    ["0", "0"],
    ["-1", "-1"],
    ["1, another program's number without a start time", "1"],
    ["half of a lock", held({}).slice(0, 20)],
    ["a process that has ended", held({ pid: 4_194_305 })],
    ["a number that another program has now", held({ pid: process.ppid, start: "a boot 1" })],
    ["this process's number, from before a restart", held({ start: "another boot 1" })],
    ["pid 0", held({ pid: 0 })],
    ["pid -1", held({ pid: -1 })],
  ])("%s", (_, content) => {
    writeFileSync(lock, content);
    const giveBack = takeLock(lock);
    expect(() => takeLock(lock)).toThrow(StoreError);
    giveBack();
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("a free lock appears whole, with pid, start time and host, and is gone afterwards", () => {
  const giveBack = takeLock(lock);
  expect(JSON.parse(readFileSync(lock, "utf8"))).toMatchObject(own);
  expect(readdirSync(folder)).toEqual(["lock"]);
  giveBack();
  expect(readdirSync(folder)).toEqual([]);
});

test("a live process is waited for; the message names the file", () => {
  takeLock(lock);
  expect(() => takeLock(lock)).toThrow(`${lock}: process ${process.pid} is writing to this run. Wait for it`);
});

test("a live process of another user is alive: kill answers EPERM, and its start time may be hidden", () => {
  writeFileSync(lock, JSON.stringify({ pid: process.ppid, host: own.host }));
  vi.spyOn(process, "kill").mockImplementation(() => {
    throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
  });
  expect(() => takeLock(lock)).toThrow(/is writing to this run/);
});

test("a lock of another host is not judged; the message names file and way out", () => {
  writeFileSync(lock, held({ host: "elsewhere", pid: 4_194_305 }));
  expect(() => takeLock(lock)).toThrow(/process 4194305 on elsewhere holds this run.*remove this file/);
  expect(() => takeLock(lock)).toThrow(lock);
});

test("of two starts on one stale lock one gets it, also when the other was just about to", () => {
  writeFileSync(lock, "");
  const create = host.files.create.bind(host.files);
  let other: (() => void) | undefined;
  vi.spyOn(host.files, "create").mockImplementationOnce((path, content) => {
    other = takeLock(lock);
    return create(path, content);
  });
  expect(() => takeLock(lock)).toThrow(/is writing to this run/);
  other!();
  takeLock(lock)();
  expect(readdirSync(folder)).toEqual([]);
});

test("a chain that is given back while another start reads it does not give the lock to two", () => {
  writeFileSync(lock, "");
  const holder = takeLock(lock);
  const create = host.files.create.bind(host.files);
  let third: (() => void) | undefined;
  // Seen by the second start: the stale lock, and no successor any more. Then a third start takes the free name.
  vi.spyOn(host.files, "kind").mockImplementationOnce((path) => {
    expect(path).toBe(lock);
    return "file";
  });
  const read = host.files.readText.bind(host.files);
  vi.spyOn(host.files, "readText").mockImplementationOnce((path, most) => {
    const content = read(path, most);
    holder();
    return content;
  });
  vi.spyOn(host.files, "create").mockImplementationOnce((path, content) => {
    third = takeLock(lock);
    return create(path, content);
  });
  expect(() => takeLock(lock)).toThrow(/is writing to this run/);
  third!();
  expect(readdirSync(folder)).toEqual([]);
});

test("a lock that is no longer ours is left alone", () => {
  const giveBack = takeLock(lock);
  writeFileSync(lock, "another run's");
  giveBack();
  expect(readFileSync(lock, "utf8")).toBe("another run's");
});
