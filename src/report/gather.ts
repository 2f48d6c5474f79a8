// All that a report says, from records: nothing is drawn and no file is made here, so that a page can show it while a run
// goes on.

import { defined } from "#base/defined";
import { evidenceOf, type Evidence } from "#evidence/evidence";
import { historySeriesOf } from "#evidence/history";
import type { ResamplingOptions } from "#evidence/resampling";
import type { Result } from "#evidence/result";
import type { Run } from "#evidence/runs";
import { isOutside } from "#catalogue/implementation";
import { paperTables } from "#catalogue/paper/tables";
import type { KnownValue, PublishedValue } from "#catalogue/paper/value";
import { withUserValues } from "#catalogue/paper/import";
import { PUBLISHED_VALUES } from "#catalogue/paper/values";
import type { Suite } from "#case/suite";
import type { HistoryEntry } from "#store/history";
import { picturesOf } from "./charts/lay-out.ts";
import { answerOf, cautionsOf } from "./answer.ts";
import { citationOf } from "./citation.ts";
import { claimTexts } from "./claim-words.ts";
import { csvPath, tablePath } from "./file-paths.ts";
import { foundOf, placesFound } from "./found.ts";
import { limitationsOf } from "./limitations.ts";
import type { ReportData, SuiteSection } from "./report-data.ts";
import { runTitle } from "./run-title.ts";
import { sampleSheets } from "./sample-sheets.ts";
import { suiteCommand } from "./suite-command.ts";
import { decompositionTable } from "./tables/decomposition-table.ts";
import { failuresTable } from "./tables/failures-table.ts";
import { growthTable } from "./tables/growth-table.ts";
import { paperTable } from "./tables/paper-table.ts";
import { sameOperatorTable } from "./tables/same-operator-table.ts";
import { segmentsTable } from "./tables/segments-table.ts";
import { suiteTable } from "./tables/suite-table.ts";
import type { TextTable } from "./tables/text-table.ts";

export interface ReportInput {
  readonly runs: readonly Run[];
  /** declarations of the suites the records belong to; records of other suites are listed without figures */
  readonly suites: readonly Suite[];
  /** PNG files that trainings made, by case */
  readonly generated?: ReadonlyMap<string, Buffer>;
  /** the page stands alone: no files lie beside it that it could lead to */
  readonly isAlone?: boolean;
  /** entries of the machine's history */
  readonly history?: readonly HistoryEntry[];
  /** published values that the user imported */
  readonly userValues?: readonly KnownValue[];
}

export interface Gathered {
  readonly evidence: Evidence;
  /** with results */
  readonly suites: readonly Suite[];
  readonly data: ReportData;
}

/** @throws {UsageError} two runs hold one case from two machines */
export function gatherReport(input: ReportInput, options?: ResamplingOptions): Gathered {
  const evidence = evidenceOf(input.runs, options);
  const suites = presentSuites(input.suites, evidence);
  return { evidence, suites, data: reportData(input, evidence, suites) };
}

export function valuesOf({ userValues = [] }: ReportInput): readonly PublishedValue[] {
  return withUserValues(PUBLISHED_VALUES, userValues);
}

export function paperTablesOf(evidence: Evidence, values: readonly PublishedValue[]): readonly TextTable[] {
  return paperTables.all().map((table) => paperTable(table, evidence, values));
}

export function resultsIn({ id }: Suite, { results }: Evidence): readonly Result[] {
  return results.filter(({ axes }) => axes["suite"] === id);
}

/** Suites with results; one that is no longer declared has its results listed, without figures. */
function presentSuites(declared: readonly Suite[], { results }: Evidence): readonly Suite[] {
  const kinds = new Map(results.map(({ case: item }) => [item.suite, item.kind]));
  const question = "This suite is not declared in this version; its records are listed as they are.";
  const processes = { smoke: 1, small: 1, paper: 1 };
  const unknown = [...kinds]
    .filter(([id]) => !declared.some((suite) => suite.id === id))
    .map(([id, kind]): Suite => ({ id, title: id, question, kind, processes, figures: [], cases: () => [] }));
  return [...declared.filter(({ id }) => kinds.has(id)), ...unknown];
}

function reportData(input: ReportInput, evidence: Evidence, suites: readonly Suite[]): ReportData {
  const { manifests, environments, results, claims } = evidence;
  const values = valuesOf(input);
  const statuses = results.flatMap(({ members, failures }) => [
    ...Array.from({ length: members.length - failures.length }, () => "ok"),
    ...failures.map(({ status }) => status),
  ]);
  const counts: Record<string, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  const { headline, sentences } = answerOf(evidence);
  const sections = suites.map((suite) => sectionOf(suite, evidence, input));
  const own = new Set<string>(results.map(({ id }) => id));
  return {
    ...(headline === undefined ? {} : { headline }),
    answer: sentences.length > 0 ? sentences : placesOf(sections),
    cautions: cautionsOf(evidence),
    title: runTitle({
      suites: suites.map(({ id }) => id),
      scales: manifests.map((manifest) => manifest.scale),
      environments: environments.values(),
    }),
    runs: manifests.map(({ run, command, scale: own, startedAt, finishedAt }) =>
      defined({ run, command, scale: own, startedAt, finishedAt }),
    ),
    environments,
    hasSynthetic: results.some(({ training }) => training?.first.synthetic === true),
    counts,
    claims: claimTexts(claims),
    paperTables: paperTablesOf(evidence, values),
    suites: sections,
    history: historySeriesOf((input.history ?? []).filter(({ caseId }) => own.has(caseId))),
    failures: failuresTable(results),
    limitations: limitationsOf(evidence, values),
    citation: citationOf(manifests),
  };
}

/** Suites of a run that asks none of the main questions, a sentence each. */
const MOST_SUITES = 3;

function placesOf(sections: readonly SuiteSection[]): readonly string[] {
  return sections.flatMap(({ pictures }) => placesFound(pictures).slice(0, 1)).slice(0, MOST_SUITES);
}

function sectionOf(suite: Suite, evidence: Evidence, { generated, isAlone = false }: ReportInput): SuiteSection {
  const own = resultsIn(suite, evidence);
  // What programs from outside took stands beside our kernel of the same operator; operators are compared by ours.
  const ours = own.filter((result) => !isOutside(result));
  const tables = [
    sameOperatorTable(suite, own, evidence),
    suiteTable(suite, ours, evidence),
    growthTable(suite, evidence),
    decompositionTable(suite, evidence.decompositions),
    segmentsTable(suite, ours),
  ].filter((table) => table !== undefined);
  const drawn = picturesOf(suite, own, evidence);
  return {
    id: suite.id,
    title: suite.title,
    question: suite.question,
    found: foundOf(drawn, own, evidence.claims),
    command: suiteCommand(suite.id, evidence.manifests),
    files: isAlone
      ? []
      : [
          csvPath(suite.id),
          csvPath(suite.id, "samples"),
          ...(own.some(({ training }) => training !== undefined) ? [csvPath(suite.id, "curves")] : []),
          ...tables.map(({ id }) => tablePath(id, "md")),
        ],
    pictures: drawn,
    tables,
    samples: sampleSheets(suite.id, own, generated),
  };
}
