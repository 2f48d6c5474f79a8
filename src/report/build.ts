// The whole report from records: CSV files, pictures, tables, one page, and what the terminal prints.
// Nothing is written here; paths are relative to the report's folder.

import { evidenceOf, type Evidence } from "#evidence/evidence";
import type { Suite } from "#case/suite";
import { chartConfig, pictureSize } from "./charts/config.ts";
import { isWorthDrawing } from "./charts/picture.ts";
import { drawChart, drawSvg } from "./charts/render.ts";
import { csvOf, gridCsv } from "./csv.ts";
import { HEADLINE_FILE, chartPath, csvPath, tablePath } from "./file-paths.ts";
import { devicesOf, questionsOf, type Device } from "./devices.ts";
import { gatherReport, paperTablesOf, resultsIn, valuesOf, type Gathered, type ReportInput } from "./gather.ts";
import { devicesHtml } from "./page/devices.ts";
import { reportHtml } from "./page/html.ts";
import type { ReportData, SampleSheet } from "./report-data.ts";
import { sheetSvg } from "./sample-sheets.ts";
import { sheetPng } from "./sheet-picture.ts";
import { summaryText } from "./summary-text.ts";
import { latexOf } from "./tables/latex.ts";
import { baselineOf } from "./tables/suite-table.ts";
import { csvOfTable, markdownOf, type TextTable } from "./tables/text-table.ts";

export interface ReportFile {
  /** relative to the report's folder, with forward slashes */
  readonly path: string;
  /** in parts where it is long: they are made while the file is written */
  readonly content: string | Buffer | Iterable<string>;
}

export interface Report {
  readonly files: readonly ReportFile[];
  /** of several devices that of the first, with the answers of all */
  readonly data: ReportData;
  /** what the terminal prints at the end of a run */
  readonly summaryText: string;
  /** of joining runs */
  readonly warnings: readonly string[];
}

/** The report of one run, or of several together; of several devices one page over all, and the report of each below it. */
export async function buildWholeReport(input: ReportInput): Promise<Report> {
  const { sheets, ...report } = buildReport(input);
  const pictures: ReportFile[] = [];
  for (const { path, sheet } of sheets) pictures.push({ path, content: await sheetPng(sheet) });
  return { ...report, files: [...report.files, ...pictures] };
}

/** A report whose sheets of samples are not drawn yet. */
interface ReportInPart extends Report {
  readonly sheets: readonly { readonly path: string; readonly sheet: SampleSheet }[];
}

/** The same without the pictures that hold others, which can only be drawn asynchronously. */
export function buildReport(input: ReportInput): ReportInPart {
  const devices = devicesOf(input);
  return devices.length === 0 ? reportOf(gatherReport(input)) : reportOfDevices(devices);
}

function reportOfDevices(devices: readonly Device[]): ReportInPart {
  const folderOf = (device: Device): string => `device-${devices.indexOf(device) + 1}`;
  const reports = devices.map(reportOf);
  const page = { path: "report.html", content: devicesHtml(devices, questionsOf(devices), folderOf) };
  const below = <T extends { readonly path: string }>(device: Device, items: readonly T[]): T[] =>
    items.map((item) => ({ ...item, path: `${folderOf(device)}/${item.path}` }));
  return {
    files: [page, ...devices.flatMap((device, index) => below(device, reports[index]!.files))],
    sheets: devices.flatMap((device, index) => below(device, reports[index]!.sheets)),
    data: {
      ...devices[0]!.data,
      title: devices.map(({ name }) => name).join(" | "),
      answer: devices.flatMap(({ name, data }) => data.answer.map((sentence) => `${name}: ${sentence}`)),
    },
    summaryText: devices.map(({ name }, index) => `${name}\n\n${reports[index]!.summaryText}`).join("\n"),
    warnings: reports.flatMap(({ warnings }) => warnings),
  };
}

function reportOf({ evidence, suites, data }: Gathered): ReportInPart {
  const files: ReportFile[] = suites.flatMap((suite) => csvFiles(suite, evidence));
  for (const picture of data.suites.flatMap(({ pictures }) => pictures).filter(isWorthDrawing)) {
    const [config, size] = [chartConfig(picture), pictureSize(picture)];
    files.push({ path: chartPath(picture.id), content: drawChart(config, size).png });
    files.push({ path: chartPath(picture.id, "svg"), content: drawSvg(config, size) });
  }
  const samples = data.suites.flatMap((suite) => suite.samples);
  for (const sheet of samples) files.push({ path: chartPath(sheet.id, "svg"), content: sheetSvg(sheet) });
  for (const table of data.paperTables)
    files.push(
      { path: tablePath(table.id, "md"), content: markdownOf(table) },
      { path: tablePath(table.id, "csv"), content: csvOfTable(table) },
      { path: tablePath(table.id, "tex"), content: latexOf(table) },
    );
  for (const table of data.suites.flatMap(({ tables }) => tables))
    files.push({ path: tablePath(table.id, "md"), content: markdownOf(table) });
  files.push({ path: "report.html", content: reportHtml(data) });
  if (data.headline !== undefined) files.push({ path: HEADLINE_FILE, content: `${data.headline}\n` });
  const sheets = samples.map((sheet) => ({ path: chartPath(sheet.id), sheet }));
  return { files, sheets, data, summaryText: summaryText(data, evidence), warnings: evidence.warnings };
}

/** The paper's tables alone: no picture is drawn. */
export function buildTables(
  input: ReportInput,
): Pick<Evidence, "warnings"> & { readonly tables: readonly TextTable[] } {
  const evidence = evidenceOf(input.runs);
  return { tables: paperTablesOf(evidence, valuesOf(input)), warnings: evidence.warnings };
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
