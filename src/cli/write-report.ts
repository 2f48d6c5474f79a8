// Writes what the report layer makes: CSV, charts, tables and the page, beside the records or elsewhere.

import { join } from "node:path";
import { StoreError } from "#base/errors";
import { pathInside } from "#host/inside";
import { historyPath, readHistory, type HistoryEntry } from "#store/history";
import type { LoadedRun } from "#store/load";
import { readPicture } from "#store/pictures";
import { writeFileAtomic } from "#store/files";
import type { Suite } from "#case/suite";
import { userValues } from "./paper.ts";

export interface WrittenReport {
  /** for the terminal */
  readonly summary: string;
  /** the sentences on top of it */
  readonly answer: readonly string[];
}

/** Writes the report of runs into a folder. */
export async function writeReport(
  runs: readonly LoadedRun[],
  suites: readonly Suite[],
  folder: string,
): Promise<WrittenReport> {
  const { buildWholeReport } = await import("#report/build"); // charts load a canvas: only when there is something to draw
  const report = await buildWholeReport(reportInput(runs, suites));
  for (const warning of report.warnings) console.error(`warning: ${warning}`);
  for (const { path, content } of report.files) writeFileAtomic(pathInside(folder, path), content);
  const summary = `${report.summaryText}\nreport: ${join(folder, "report.html")}`;
  return { summary, answer: report.data.answer };
}

/** What the report layer takes: the runs' records, the declared suites, and the user's own published values. */
export function reportInput(runs: readonly LoadedRun[], suites: readonly Suite[]) {
  return {
    runs,
    suites: [...suites, ...undeclared(runs, suites)],
    userValues: userValues(),
    generated: generatedPictures(runs),
    history: historyEntries(runs),
  };
}

/** Of the machines that the runs are from; a damaged history costs the page its lines, not the report. */
function historyEntries(runs: readonly LoadedRun[]): readonly HistoryEntry[] {
  const environments = runs.flatMap(({ manifest }) => Object.values(manifest.environments).slice(-1));
  const paths = new Set(environments.map((environment) => historyPath(environment)));
  return [...paths].flatMap((path) => {
    try {
      return readHistory(path);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      console.error(`warning: no history is drawn: ${error.message}`);
      return [];
    }
  });
}

/** Suites that records name and this version does not declare: their tables are shown, their figures are not known. */
function undeclared(runs: readonly LoadedRun[], suites: readonly Suite[]): Suite[] {
  const kinds = new Map(
    runs.flatMap(({ records }) => records.map(({ case: { suite, kind } }) => [suite, kind] as const)),
  );
  const processes = { smoke: 1, small: 1, paper: 1 };
  return [...kinds]
    .filter(([id]) => !suites.some((suite) => suite.id === id))
    .map(([id, kind]) => ({ id, title: id, question: "", kind, processes, figures: [], cases: () => [] }));
}

/** Pictures that trainings made, by case; one that is missing, or lies outside its run's folder, is left out. */
function generatedPictures(runs: readonly LoadedRun[]): ReadonlyMap<string, Buffer> {
  const pictures = new Map<string, Buffer>();
  for (const { folder, records } of runs) {
    for (const record of records) {
      const path = record.status === "ok" ? record.training?.picture : undefined;
      const picture = path === undefined ? undefined : readPicture(folder, path);
      if (picture !== undefined) pictures.set(record.caseId, picture);
    }
  }
  return pictures;
}
