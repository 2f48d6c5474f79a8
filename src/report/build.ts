// The whole report from records: CSV files, pictures, tables, one page, and what the terminal prints.
// Nothing is written here; paths are relative to the report's folder.

import { defined } from "#base/defined";
import { evidenceOf, type Evidence } from "#evidence/evidence";
import { historySeriesOf } from "#evidence/history";
import type { Result } from "#evidence/result";
import type { Run } from "#evidence/runs";
import { isOutside } from "#catalogue/implementation";
import { paperTables } from "#catalogue/paper/tables";
import type { KnownValue, PublishedValue } from "#catalogue/paper/value";
import { withUserValues } from "#catalogue/paper/import";
import { PUBLISHED_VALUES } from "#catalogue/paper/values";
import type { Suite } from "#case/suite";
import type { HistoryEntry } from "#store/history";
import { chartConfig, pictureSize } from "./charts/config.ts";
import { picturesOf } from "./charts/lay-out.ts";
import { answerOf, cautionsOf, headlineOf } from "./answer.ts";
import { isWorthDrawing } from "./charts/picture.ts";
import { drawChart, drawSvg } from "./charts/render.ts";
import { citationOf } from "./citation.ts";
import { claimTexts } from "./claim-words.ts";
import { csvOf, gridCsv } from "./csv.ts";
import { chartPath, csvPath, tablePath } from "./file-paths.ts";
import { foundOf } from "./found.ts";
import { limitationsOf } from "./limitations.ts";
import { reportHtml } from "./page/html.ts";
import { labelOf } from "./palette.ts";
import type { GeneratedPicture, ReportData, SuiteSection } from "./report-data.ts";
import { suiteCommand } from "./suite-command.ts";
import { summaryText } from "./summary-text.ts";
import { decompositionTable } from "./tables/decomposition-table.ts";
import { failuresTable } from "./tables/failures-table.ts";
import { growthTable } from "./tables/growth-table.ts";
import { latexOf } from "./tables/latex.ts";
import { paperTable } from "./tables/paper-table.ts";
import { sameOperatorTable } from "./tables/same-operator-table.ts";
import { segmentsTable } from "./tables/segments-table.ts";
import { baselineOf, suiteTable } from "./tables/suite-table.ts";
import { csvOfTable, markdownOf, type TextTable } from "./tables/text-table.ts";

export interface ReportInput {
  readonly runs: readonly Run[];
  /** declarations of the suites the records belong to; records of other suites are listed without figures */
  readonly suites: readonly Suite[];
  /** PNG files that trainings made, by case */
  readonly generated?: ReadonlyMap<string, Buffer>;
  /** entries of the machine's history */
  readonly history?: readonly HistoryEntry[];
  /** published values that the user imported */
  readonly userValues?: readonly KnownValue[];
}

export interface ReportFile {
  /** relative to the report's folder, with forward slashes */
  readonly path: string;
  /** in parts where it is long: they are made while the file is written */
  readonly content: string | Buffer | Iterable<string>;
}

export interface Report {
  readonly files: readonly ReportFile[];
  readonly data: ReportData;
  /** what the terminal prints at the end of a run */
  readonly summaryText: string;
  /** of joining runs */
  readonly warnings: readonly string[];
}

/** The report of one run, or of several together. @throws {UsageError} two runs hold one case from two machines */
export function buildReport(input: ReportInput): Report {
  const evidence = evidenceOf(input.runs);
  const present = presentSuites(input.suites, evidence);
  const data = reportData(input, evidence, present);
  const files: ReportFile[] = present.flatMap((suite) => csvFiles(suite, evidence));
  for (const picture of data.suites.flatMap(({ pictures }) => pictures).filter(isWorthDrawing)) {
    const [config, size] = [chartConfig(picture), pictureSize(picture)];
    files.push({ path: chartPath(picture.id), content: drawChart(config, size).png });
    files.push({ path: chartPath(picture.id, "svg"), content: drawSvg(config, size) });
  }
  for (const table of data.paperTables)
    files.push(
      { path: tablePath(table.id, "md"), content: markdownOf(table) },
      { path: tablePath(table.id, "csv"), content: csvOfTable(table) },
      { path: tablePath(table.id, "tex"), content: latexOf(table) },
    );
  for (const table of data.suites.flatMap(({ tables }) => tables))
    files.push({ path: tablePath(table.id, "md"), content: markdownOf(table) });
  files.push({ path: "report.html", content: reportHtml(data) });
  return { files, data, summaryText: summaryText(data, evidence), warnings: evidence.warnings };
}

/** The paper's tables alone: no picture is drawn. */
export function buildTables(
  input: ReportInput,
): Pick<Evidence, "warnings"> & { readonly tables: readonly TextTable[] } {
  const evidence = evidenceOf(input.runs);
  return { tables: paperTablesOf(evidence, valuesOf(input)), warnings: evidence.warnings };
}

function valuesOf({ userValues = [] }: ReportInput): readonly PublishedValue[] {
  return withUserValues(PUBLISHED_VALUES, userValues);
}

function paperTablesOf(evidence: Evidence, values: readonly PublishedValue[]): readonly TextTable[] {
  return paperTables.all().map((table) => paperTable(table, evidence, values));
}

function csvFiles(suite: Suite, evidence: Evidence): ReportFile[] {
  const { raw, ratios } = evidence;
  const curves = raw.curves(suite.id);
  return [
    { path: csvPath(suite.id), content: csvOf(resultsIn(suite, evidence), ratios, baselineOf(suite)) },
    { path: csvPath(suite.id, "samples"), content: gridCsv(raw.samples(suite.id)) },
    ...(curves === undefined ? [] : [{ path: csvPath(suite.id, "curves"), content: gridCsv(curves) }]),
  ];
}

function resultsIn({ id }: Suite, { results }: Evidence): readonly Result[] {
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
  const headline = headlineOf(evidence);
  const own = new Set<string>(results.map(({ id }) => id));
  return {
    ...(headline === undefined ? {} : { headline }),
    answer: answerOf(evidence),
    cautions: cautionsOf(evidence),
    title: `${manifests.map(({ run }) => run).join(" + ")} – lightnet-bench`,
    runs: manifests.map(({ run, command, scale: own, startedAt, finishedAt }) =>
      defined({ run, command, scale: own, startedAt, finishedAt }),
    ),
    environments,
    hasSynthetic: results.some(({ training }) => training?.first.synthetic === true),
    counts,
    claims: claimTexts(claims),
    paperTables: paperTablesOf(evidence, values),
    suites: suites.map((suite) => sectionOf(suite, evidence, input.generated)),
    history: historySeriesOf((input.history ?? []).filter(({ caseId }) => own.has(caseId))),
    failures: failuresTable(results),
    limitations: limitationsOf(evidence, values),
    citation: citationOf(manifests),
  };
}

function sectionOf(suite: Suite, evidence: Evidence, pictures: ReportInput["generated"]): SuiteSection {
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
    files: [
      csvPath(suite.id),
      csvPath(suite.id, "samples"),
      ...(own.some(({ training }) => training !== undefined) ? [csvPath(suite.id, "curves")] : []),
      ...tables.map(({ id }) => tablePath(id, "md")),
    ],
    pictures: drawn,
    tables,
    generated: generatedOf(own, pictures),
  };
}

/** What the first seed of each contender made. */
function generatedOf(results: readonly Result[], pictures: ReportInput["generated"]): readonly GeneratedPicture[] {
  return results.flatMap(({ id, contender, training }) => {
    const png = pictures?.get(id);
    if (png === undefined || training === undefined) return [];
    const { dataLabel, method = "" } = training.first;
    return [{ id, title: `${labelOf(contender)}: samples, ${dataLabel}`, method, png }];
  });
}
