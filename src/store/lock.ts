// One writer at a time. The lock is a file that appears whole (pid, start time and host), and whose holder is known again
// by all three: a number that another program has now, or half a file that a full disk left, holds nothing. Nothing is
// judged by the times of files, which step and lie.
//
// A stale lock is never removed by those who want it: two of them could remove each other's new one. It gets a successor,
// a file named after its content, which only one of them can create; a successor can go stale and have its own.

import { z } from "zod";
import { StoreError } from "#base/errors";
import { shortHash } from "#base/json";
import { host } from "#host/current";

const holderSchema = z.object({ pid: z.int(), start: z.string().optional(), host: z.string() });
type Holder = z.infer<typeof holderSchema>;

const LARGEST_LOCK = 4096;
let taken = 0;

/**
 * Takes the lock of a run, or takes it over from a process that has ended. The result gives it back.
 *
 * @throws {StoreError} another process holds it, or may hold it
 */
export function takeLock(path: string): () => void {
  const own = JSON.stringify({ ...host.processes.own, taken: taken++ });
  for (;;) {
    const stale = staleChain(path);
    const name = successor(path, stale);
    if (!host.files.create(name, own)) continue; // another start was faster: look who it is
    // The holder that this chain ended with may have given the lock back meanwhile: then the chain is no more.
    if (stale.length === 0 || contentOf(path) === stale[0]) return () => giveBack(path, stale, own);
    host.files.remove(name);
  }
}

/** Contents of the stale locks, oldest first. */
function staleChain(path: string): string[] {
  const stale: string[] = [];
  for (;;) {
    const name = successor(path, stale);
    const content = contentOf(name);
    if (content === undefined) return stale;
    refuseIfHeld(name, content);
    stale.push(content);
  }
}

function successor(path: string, stale: readonly string[]): string {
  return stale.length === 0 ? path : `${path}.${shortHash(JSON.stringify(stale))}`;
}

function contentOf(path: string): string | undefined {
  return host.files.kind(path) === undefined ? undefined : host.files.readText(path, LARGEST_LOCK);
}

function refuseIfHeld(path: string, content: string): void {
  const holder = parse(content);
  if (holder === undefined) return; // the content of no lock: a full disk, a kill, or an older version left it
  const { pid, host: machine } = holder;
  if (machine !== host.processes.own.host)
    throw new StoreError(
      path,
      `process ${pid} on ${machine} holds this run, and this machine cannot see whether it still runs. Wait for it, choose another folder with --out, or remove this file if it has ended.`,
      { ...holder },
    );
  if (host.processes.isAlive(holder))
    throw new StoreError(
      path,
      `process ${pid} is writing to this run. Wait for it, end it, or choose another folder with --out.`,
      { ...holder },
    );
}

function parse(content: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}

/** The oldest first: who sees a part of the chain finds that its beginning is gone. */
function giveBack(path: string, stale: readonly string[], own: string): void {
  const names = [...stale.keys(), stale.length].map((length) => successor(path, stale.slice(0, length)));
  if (contentOf(names.at(-1)!) !== own) return; // the folder was removed, or is another one now
  for (const name of names) host.files.remove(name);
}
