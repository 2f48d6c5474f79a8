// What all trials say together: the small file that is published and that SECURITY.md cites.

import { groupBy } from "#base/group";
import type { Trial } from "./trial.ts";

export interface SectionResult {
  readonly trials: number;
  readonly problems: number;
}

export interface ReaderResult extends SectionResult {
  /** in one line, with exit code 1, 3 or 4; the others were harmless, and read */
  readonly refused: number;
  readonly peakMegabytes: number;
  readonly slowestSeconds: number;
}

export interface FaultsResult {
  /** "several" where the trials are of more than one */
  readonly commit: string;
  readonly node: string;
  readonly platform: string;
  readonly seed: number;
  readonly finishedAt: string;
  readonly kills: number;
  readonly mutations: number;
  readonly problems: readonly Trial[];
  readonly sections: Readonly<Record<string, SectionResult>>;
  readonly readers: Readonly<Record<string, ReaderResult>>;
}

/** Counts by section. @param about machine and seed */
export function resultOf(
  trials: readonly Trial[],
  about: Pick<FaultsResult, "node" | "platform" | "seed" | "finishedAt">,
): FaultsResult {
  const bySection = groupBy(trials, ({ section }) => section);
  const isReader = (section: string) => section.startsWith("reader ");
  const sections: Record<string, SectionResult> = {};
  const readers: Record<string, ReaderResult> = {};
  for (const [section, own] of bySection) {
    const common = { trials: own.length, problems: own.filter(({ problem }) => problem !== undefined).length };
    if (!isReader(section)) sections[section] = common;
    else {
      readers[section.slice("reader ".length)] = {
        ...common,
        refused: own.filter(({ what }) => what.endsWith(", refused")).length,
        peakMegabytes: Math.round(Math.max(...own.map(({ peakBytes = 0 }) => peakBytes)) / 1e6),
        slowestSeconds: Number(Math.max(...own.map(({ seconds = 0 }) => seconds)).toFixed(2)),
      };
    }
  }
  const count = (wanted: (section: string) => boolean) => trials.filter(({ section }) => wanted(section)).length;
  const commits = new Set(trials.map(({ commit }) => commit));
  return {
    commit: commits.size === 1 ? trials[0]!.commit : "several",
    ...about,
    kills: count((section) => section.startsWith("kill ")),
    mutations: count(isReader),
    problems: trials.filter(({ problem }) => problem !== undefined),
    sections,
    readers,
  };
}
