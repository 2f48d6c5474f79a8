// Keeps the files of the page in the browser's database: they are there again after a reload or a crash. Each change is one
// transaction, so that a file is never half of one; an atom counts as finished when its transaction has completed.

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

import { EnvironmentError, messageOf } from "#base/errors";
import { useFiles, type Change, type Keeper } from "#host/page/files";

const DATABASE = "lightnet-bench";
/** Parts of files by path and number: what is appended is a part of its own. */
const STORE = "parts";

/** Hands what was kept to the page's files, and keeps what comes. @throws {EnvironmentError} the browser keeps nothing here */
export async function openStorage(name = DATABASE): Promise<void> {
  const database = await open(name);
  const { texts, counts } = await readAll(database);
  useFiles(texts, keeperOf(database, counts));
}

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(
        new EnvironmentError(
          `The browser keeps no data for this page (${messageOf(error)}), so nothing can be measured: leave private browsing, or allow the site to store data.`,
        ),
      );
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => fail(request.error);
    } catch (error) {
      fail(error);
    }
  });
}

interface Kept {
  readonly texts: Map<string, string>;
  /** parts of each file */
  readonly counts: Map<string, number>;
}

/** Parts come in the order of their keys: path, then number. */
function readAll(database: IDBDatabase): Promise<Kept> {
  return new Promise((resolve, reject) => {
    const parts = new Map<string, string[]>();
    const request = database.transaction(STORE).objectStore(STORE).openCursor();
    request.onerror = () => reject(request.error ?? new Error("the database cannot be read"));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) {
        const texts = new Map([...parts].map(([path, texts]) => [path, texts.join("")]));
        return resolve({ texts, counts: new Map([...parts].map(([path, { length }]) => [path, length])) });
      }
      const [path] = cursor.key as [string, number];
      parts.set(path, [...(parts.get(path) ?? []), String(cursor.value)]);
      cursor.continue();
    };
  });
}

function keeperOf(database: IDBDatabase, counts: Map<string, number>): Keeper {
  let pending: Promise<void>[] = [];
  return {
    note: (change) => void pending.push(keep(database, change, counts)),
    kept: async () => {
      const before = pending;
      pending = [];
      await Promise.all(before);
    },
  };
}

function keep(database: IDBDatabase, change: Change, counts: Map<string, number>): Promise<void> {
  const { path } = change;
  const count = change.kind === "append" ? (counts.get(path) ?? 0) : 0;
  counts.set(path, change.kind === "remove" ? 0 : count + 1);
  const kept = new Promise<void>((resolve, reject) => {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(STORE);
    if (change.kind !== "append") store.delete(IDBKeyRange.bound([path, 0], [path, Infinity]));
    if (change.kind !== "remove") store.put(change.text, [path, count]);
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(noRoom(transaction.error));
  });
  kept.catch(() => undefined); // told to whoever waits for `kept`
  return kept;
}

function noRoom(error: DOMException | null): EnvironmentError {
  return new EnvironmentError(
    `The browser did not keep what was measured (${error?.message ?? "no reason given"}). Download the runs you need, delete some, and go on.`,
  );
}
