// Everything a report says, as data: what the page, the files and the terminal print is all in here.

import type { ClaimVerdict } from "#evidence/claims/claim";
import type { HistorySeries } from "#evidence/history";
import type { Environment } from "#store/record";
import type { Picture } from "./charts/picture.ts";
import type { TextTable } from "./tables/text-table.ts";

/** A claim in words. */
export interface ClaimText {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
  readonly verdict: ClaimVerdict;
  /** `fails at scale small` */
  readonly verdictText: string;
  /** one line a place: estimates with intervals and n; or why there are none */
  readonly findings: readonly string[];
  readonly statistic: string;
  readonly rule: string;
  readonly suites: readonly string[];
  readonly caseIds: readonly string[];
}

export interface RunFacts {
  readonly run: string;
  readonly command: string;
  readonly scale: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
}

/** What the models of one place make, side by side. */
export interface SampleSheet {
  /** unique within a report, and the name of its file */
  readonly id: string;
  readonly title: string;
  /** what rows and columns are, how samples were drawn and judged */
  readonly note: string;
  /** by contender: a PNG file, real images in its first row */
  readonly grids: readonly { readonly caseId: string; readonly label: string; readonly png: Buffer }[];
}

export interface SuiteSection {
  readonly id: string;
  readonly title: string;
  /** what the suite asks, and in plain sentences what its results say */
  readonly question: string;
  readonly found: readonly string[];
  readonly command: string;
  /** files of this suite, relative to the report; none where it stands alone */
  readonly files: readonly string[];
  readonly pictures: readonly Picture[];
  readonly samples: readonly SampleSheet[];
  readonly tables: readonly TextTable[];
}

export interface ReportData {
  /** what the run is: suites, scale, engine, machine */
  readonly title: string;
  /** what the run found in a few words: how a browser's tab or a bookmark names the page */
  readonly headline?: string;
  /** one to three plain sentences of what was found, whichever way it falls */
  readonly answer: readonly string[];
  /** what makes all numbers less sure: a busy machine, noise, failures */
  readonly cautions: readonly string[];
  readonly runs: readonly RunFacts[];
  readonly environments: ReadonlyMap<string, Environment>;
  /** data sets are synthetic in at least one record */
  readonly hasSynthetic: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly claims: readonly ClaimText[];
  readonly paperTables: readonly TextTable[];
  readonly suites: readonly SuiteSection[];
  /** of this run's cases over the runs of its machine that were added to the history */
  readonly history: readonly HistorySeries[];
  readonly failures: TextTable;
  readonly limitations: readonly string[];
  readonly citation: string;
}
