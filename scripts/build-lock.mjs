// One build at a time in a clone: who comes second waits, and then finds the work done. Depends on nothing but Node.
// The lock is a file that appears whole, with the process that holds it and when that began: a number that another
// program has now, or half a file that a full disk left, holds nothing.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 100;

/** Waits until no other process builds here. Returns what gives the lock back; a process that exits gives it back too. */
export async function takeBuildLock(path) {
  const own = `${process.pid} ${startOf(process.pid)}`;
  let isTold = false;
  for (;;) {
    const holder = contentOf(path);
    if (holder === undefined) {
      if (create(path, own)) break;
    } else if (isHeld(holder)) {
      if (!isTold) console.error(`lightnet-bench: process ${holder.split(" ")[0]} is building here (${path}); waiting`);
      isTold = true;
      await sleep(POLL_MS);
    } else takeAway(path, holder);
  }
  const giveBack = () => {
    if (contentOf(path) === own) rmSync(path, { force: true });
  };
  process.on("exit", giveBack);
  return giveBack;
}

function contentOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

function create(path, content) {
  const draft = `${path}-${process.pid}`;
  try {
    writeFileSync(draft, content);
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function isHeld(holder) {
  const [pid, ...start] = holder.split(" ");
  if (!/^[1-9]\d*$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== "EPERM") return false; // EPERM: it runs, and belongs to another user
  }
  return startOf(Number(pid)) === start.join(" ");
}

/** Boot and start time of a process, where the system tells (Linux). */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]; // proc(5); the name in parentheses may hold anything
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${started}`;
  } catch {
    return "?";
  }
}

/** Of several that want a lock whose holder has ended, one may find that it moved a newer one: that goes back. */
function takeAway(path, stale) {
  const aside = `${path}-stale-${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== stale) linkSync(aside, path);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error; // another process was faster
  } finally {
    rmSync(aside, { force: true });
  }
}
