// The whole report from records: CSV files, pictures, tables, one page, and what the terminal prints.
// Nothing is written here; paths are relative to the report's folder.

import { summariseScores, type SeedScores } from "#evidence/scores";
import { summarise } from "#evidence/summary";
import { paperTables } from "#catalogue/paper/tables";
import type { KnownValue } from "#catalogue/paper/value";
import { withUserValues } from "#catalogue/paper/import";
import { PUBLISHED_VALUES } from "#catalogue/paper/values";
import type { Environment, Manifest, RunRecord } from "#store/record";
import type { Suite } from "#case/suite";
import { chartConfig, pictureSize } from "./charts/config.ts";
import { picturesOf } from "./charts/lay-out.ts";
import { drawChart, drawSvg } from "./charts/render.ts";
import { isWorthDrawing } from "./charts/picture.ts";
import { citationOf } from "./citation.ts";
import { evaluateClaims } from "#evidence/claims/evaluate";
import { csvOf, samplesCsvOf } from "./csv.ts";
import { curvesCsvOf } from "./curves-csv.ts";
import { chartPath, csvPath, tablePath } from "./file-paths.ts";
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
import { baselineOf, suiteTable } from "./tables/suite-table.ts";
import { csvOfTable, markdownOf, type TextTable } from "./tables/text-table.ts";
import { ratioLookup, viewsOf, withoutSoftwareTimes, type CaseView, type RatioLookup } from "./view.ts";

export interface ReportInput {
  /** one, or several where runs were merged */
  readonly manifests: readonly Manifest[];
  readonly records: readonly RunRecord[];
  /** declarations of the suites the records belong to; records of other suites are listed without figures */
  readonly suites: readonly Suite[];
  /** PNG files that trainings made, by case */
  readonly generated?: ReadonlyMap<string, Buffer>;
  /** published values that the user imported */
  readonly userValues?: readonly KnownValue[];
}

export interface ReportFile {
  /** relative to the report's folder, with forward slashes */
  readonly path: string;
  readonly content: string | Buffer;
}

export interface Report {
  readonly files: readonly ReportFile[];
  readonly data: ReportData;
  /** what the terminal prints at the end of a run */
  readonly summaryText: string;
}

/** The report of one run, or of several together. */
export function buildReport(input: ReportInput): Report {
  const prepared = prepare(input);
  const data = reportData(input, prepared);
  const files: ReportFile[] = [];
  for (const suite of prepared.suites) {
    const baseline = baselineOf(suite);
    files.push({
      path: csvPath(suite.id),
      content: csvOf(suite.id, prepared.views, { ratios: prepared.ratios, baseline }),
    });
    files.push({ path: csvPath(suite.id, "samples"), content: samplesCsvOf(suite.id, prepared.records) });
    const curves = curvesCsvOf(suite.id, prepared.records);
    if (curves !== undefined) files.push({ path: csvPath(suite.id, "curves"), content: curves });
  }
  for (const picture of data.suites.flatMap(({ pictures }) => pictures).filter(isWorthDrawing)) {
    const [config, size] = [chartConfig(picture), pictureSize(picture)];
    files.push({ path: chartPath(picture.id), content: drawChart(config, size).png });
    files.push({ path: chartPath(picture.id, "svg"), content: drawSvg(config, size) });
  }
  for (const table of data.paperTables) files.push(...tableFiles(table));
  for (const table of data.suites.flatMap(({ tables }) => tables))
    files.push({ path: tablePath(table.id), content: markdownOf(table) });
  files.push({ path: "report.html", content: reportHtml(data) });
  return { files, data, summaryText: summaryText(data, prepared) };
}

/** The paper's tables alone: no picture is drawn. */
export function buildTables(input: ReportInput): readonly TextTable[] {
  return paperTablesOf(input, prepare(input));
}

function tableFiles(table: TextTable): ReportFile[] {
  return [
    { path: tablePath(table.id, "md"), content: markdownOf(table) },
    { path: tablePath(table.id, "csv"), content: csvOfTable(table) },
    { path: tablePath(table.id, "tex"), content: latexOf(table) },
  ];
}

interface Prepared {
  readonly environments: Readonly<Record<string, Environment>>;
  /** without the times of software GPUs */
  readonly records: readonly RunRecord[];
  readonly views: readonly CaseView[];
  /** training results over seeds */
  readonly scores: readonly SeedScores[];
  readonly ratios: RatioLookup;
  /** those with records */
  readonly suites: readonly Suite[];
}

function prepare({ manifests, records: all, suites: declared }: ReportInput): Prepared {
  const environments = Object.assign({}, ...manifests.map((manifest) => manifest.environments)) as Record<
    string,
    Environment
  >;
  const records = withoutSoftwareTimes(all, environments);
  const present = new Set(records.map((record) => record.case.suite));
  const unknown = [...present]
    .filter((id) => !declared.some((suite) => suite.id === id))
    .map((id) => undeclared(id, records));
  const suites = [...declared.filter(({ id }) => present.has(id)), ...unknown];
  const summaries = summarise(records);
  const scores = summariseScores(summaries);
  return { environments, records, views: viewsOf(summaries, scores), scores, ratios: ratioLookup(records), suites };
}

/** Stands for a suite that is no longer declared: its records are listed, without figures. */
function undeclared(id: string, records: readonly RunRecord[]): Suite {
  const { kind } = records.find((record) => record.case.suite === id)!.case;
  const claim = "This suite is not declared in this version; its records are listed as they are.";
  return { id, title: id, claim, kind, processes: { smoke: 1, small: 1, paper: 1 }, figures: [], cases: () => [] };
}

function paperTablesOf({ userValues = [] }: ReportInput, { views, scores, ratios }: Prepared): readonly TextTable[] {
  const values = withUserValues(PUBLISHED_VALUES, userValues);
  return paperTables.all().map((table) => paperTable(table, { values, views, scores, ratios }));
}

function reportData(input: ReportInput, prepared: Prepared): ReportData {
  const { manifests, userValues = [] } = input;
  const { views, scores, ratios, records, environments } = prepared;
  const current = views.filter(({ stale }) => !stale);
  const summaries = current.flatMap((view) => view.summaries);
  const scale = [...new Set(manifests.map((manifest) => manifest.scale))].join(", ");
  const claims = evaluateClaims({ views: current, summaries, records, scores, ratios }, scale);
  const values = withUserValues(PUBLISHED_VALUES, userValues);
  return {
    title: `lightnet-bench / ${manifests.map(({ run }) => run).join(" + ")}`,
    runs: manifests.map(({ run, command, scale: own, startedAt, finishedAt }) => ({
      run,
      command,
      scale: own,
      startedAt,
      ...(finishedAt === undefined ? {} : { finishedAt }),
    })),
    environments,
    hasSynthetic: views.some(({ training }) => training?.results.some(({ synthetic }) => synthetic) ?? false),
    counts: countsOf(views),
    claims,
    paperTables: paperTablesOf(input, prepared),
    suites: prepared.suites.map((suite) => ({
      ...sectionOf(suite, prepared, manifests),
      generated: generatedOf(suite, prepared, input.generated),
    })),
    failures: failuresTable(views),
    limitations: limitationsOf({ manifests, views, claims, values }),
    citation: citationOf(manifests),
  };
}

/** What the first seed of each contender made. */
function generatedOf(
  suite: Suite,
  { views }: Prepared,
  pictures: ReportInput["generated"],
): readonly GeneratedPicture[] {
  return views.flatMap(({ item, caseId, contender, training }) => {
    const png = item.suite === suite.id ? pictures?.get(caseId) : undefined;
    if (png === undefined || training === undefined) return [];
    const { dataLabel, method = "" } = training.results[0]!;
    return [{ id: caseId, title: `${labelOf(contender)}: samples, ${dataLabel}`, method, png }];
  });
}

function sectionOf(
  suite: Suite,
  { views, records, ratios, environments }: Prepared,
  manifests: readonly Manifest[],
): Omit<SuiteSection, "generated"> {
  const own = views.filter(({ item }) => item.suite === suite.id);
  const deviceOf = (hash: string): string => {
    const environment = environments[hash];
    return environment === undefined
      ? `environment ${hash}`
      : `engine ${environment.engine} on ${environment.device.name}`;
  };
  const tables = [
    suiteTable(suite, own, ratios),
    growthTable(suite, own, records),
    decompositionTable(suite, own, ratios),
  ].filter((table) => table !== undefined);
  return {
    id: suite.id,
    title: suite.title,
    claim: suite.claim,
    command: suiteCommand(suite.id, manifests),
    files: [
      csvPath(suite.id),
      csvPath(suite.id, "samples"),
      ...(own.some(({ training }) => training !== undefined) ? [csvPath(suite.id, "curves")] : []),
      ...tables.map(({ id }) => tablePath(id)),
    ],
    pictures: picturesOf(suite, own, { ratios, deviceOf }),
    tables,
  };
}

function countsOf(views: readonly CaseView[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { summaries } of views) for (const { status } of summaries) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
