// Cases that take the whole tab with them, as a browser that runs out of memory does: nobody is left to write that down. So
// the case that is being set up stands where the next visit finds it, and after a few such ends it is not tried again.

/// <reference lib="dom" />

import { z } from "zod";
import { host } from "#host/current";
import type { Activity } from "#runner/activity";
import type { Ending } from "#runner/atom";

const IN_WORK = "lightnet-bench: in work";
const MOST_ENDS = 3;
const LARGEST = 1_000_000;
const inWorkSchema = z.object({ run: z.string(), caseId: z.string() });
const endsSchema = z.record(z.string(), z.int().positive());

const measured = new Set<string>();
let noted: string | undefined;

/** A case that has a round behind it will hardly run out of memory: it is noted no more. */
export function noteWork(run: string, { caseId, done }: Activity): void {
  if (caseId === undefined || measured.has(caseId)) return;
  if (done !== undefined) {
    measured.add(caseId);
    noteNoWork();
  } else if (noted !== caseId) {
    noted = caseId;
    localStorage.setItem(IN_WORK, JSON.stringify({ run, caseId }));
  }
}

/** Nothing is in work: the run rests, or the tab is closed by a person. */
export function noteNoWork(): void {
  noted = undefined;
  localStorage.removeItem(IN_WORK);
}

/** Counts an end of the tab against the case that was in work then. @param folderOf of a run's name */
export function noteEnd(folderOf: (run: string) => string): void {
  const { data } = inWorkSchema.safeParse(parsed(localStorage.getItem(IN_WORK) ?? ""));
  noteNoWork();
  if (data === undefined || host.files.kind(folderOf(data.run)) === undefined) return;
  const ends = endsIn(folderOf(data.run));
  host.files.write(
    pathIn(folderOf(data.run)),
    JSON.stringify({ ...ends, [data.caseId]: (ends[data.caseId] ?? 0) + 1 }),
  );
}

/** Cases of a run that are not tried again, and the result that they have instead. */
export function endingsOf(folder: string): ReadonlyMap<string, Ending> {
  const ended = Object.entries(endsIn(folder)).filter(([, count]) => count >= MOST_ENDS);
  return new Map(ended.map(([caseId, count]) => [caseId, { status: "oom", reason: reasonOf(count) }]));
}

function reasonOf(count: number): string {
  return `the browser ended the page ${count} times while this was set up, most likely for its memory`;
}

function pathIn(folder: string): string {
  return host.files.join(folder, "ends.json");
}

function endsIn(folder: string): Readonly<Record<string, number>> {
  const path = pathIn(folder);
  if (host.files.kind(path) === undefined) return {};
  return endsSchema.safeParse(parsed(host.files.readText(path, LARGEST))).data ?? {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
