// `data list|fetch|check`: where data sets come from, bringing them here, and whether what is here is sound. Nothing is
// downloaded but by `data fetch` with the names of the data sets.

import type { Command } from "commander";
import { SingleBar } from "cli-progress";
import { EXIT, UsageError } from "#base/errors";
import { formatBytes } from "#base/units";
import { checkSource, type SourceCheck } from "#data/check-data";
import { datasets, findDatasets, sources } from "#data/sets/registry";
import { downloadBytes, type DataSource } from "#data/source";
import { asText } from "./list.ts";
import { checkDataDir, flag } from "./options.ts";
import { abortOnSignals } from "./signals.ts";

interface DataFlags {
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addData(program: Command): void {
  const command = program.command("data").description("data sets: where they come from, download, verification");
  const dataDir = () => flag("--data-dir <dir>", "folder with data sets");
  const list = command
    .command("list")
    .argument("[dataset]", "one data set, with the layout of its files")
    .description("every data set, its size, licence, and whether it is here")
    .addOption(dataDir())
    .addOption(flag("--json", "as JSON"));
  list.action((name: string | undefined) =>
    name === undefined ? listData(readFlags(list)) : listOne(name, readFlags(list)),
  );
  const fetch = command
    .command("fetch")
    .argument("<dataset...>", "names from `lightnet-bench data list`")
    .description("download data sets into the data folder, verified; an interrupted download goes on where it stopped")
    .addOption(dataDir());
  fetch.action((names: string[]) => fetchData(names, readFlags(fetch)));
  const check = command
    .command("check")
    .argument("[dataset...]", "names from `lightnet-bench data list`; all by default")
    .description(
      "verify the files of the data folder; exit 1 when one is damaged or a set is not whole, 4 when there is none",
    )
    .addOption(dataDir())
    .addOption(flag("--json", "as JSON"));
  check.action((names: string[]) => checkData(names, readFlags(check)));
}

function readFlags(command: Command): DataFlags {
  return command.opts<DataFlags>();
}

function listData(flags: DataFlags): void {
  checkDataDir(flags);
  const found = new Map(findDatasets(flags.dataDir).map((dataset) => [dataset.id, dataset]));
  const rows = datasets.all().map(({ id, kind, licence, source }) => {
    const here = found.get(id)!;
    const fetch = source === undefined || source.downloads.length === 0 ? "" : source.id;
    return { id, kind, size: sizeOf(source), fetch, licence, here: here.available ? here.label : "no" };
  });
  console.log(flags.json === true ? JSON.stringify(rows, undefined, 2) : asText(rows));
  for (const { id, byHand } of sources.all()) if (byHand !== undefined) console.error(`${id}: ${byHand}`);
}

function listOne(name: string, flags: DataFlags): void {
  checkDataDir(flags);
  const { id, title, kind, provenance, licence, source, find } = datasets.get(name);
  const found = find(flags.dataDir);
  const facts = {
    id,
    title,
    kind,
    provenance,
    licence,
    size: sizeOf(source),
    layout: source?.layout ?? "made by this program, no files",
    ...(source?.byHand === undefined ? {} : { byHand: source.byHand }),
    here: found.available ? found.label : `no: ${found.reason}`,
  };
  const lines = Object.entries(facts).map(([fact, value]) => `${fact.padEnd(12)}${value}`);
  console.log(flags.json === true ? JSON.stringify(facts, undefined, 2) : lines.join("\n"));
}

function sizeOf(source: DataSource | undefined): string {
  if (source === undefined) return "generated";
  return source.downloads.length === 0 ? "by hand" : formatBytes(downloadBytes(source));
}

/** A source by its own name or by that of a data set read from it. */
function findSource(name: string): DataSource {
  if (!datasets.has(name)) return sources.get(name);
  const { source } = datasets.get(name);
  if (source === undefined)
    throw new UsageError(`${name} is made by this program; there is nothing to fetch or check.`);
  return source;
}

async function fetchData(names: readonly string[], { dataDir }: DataFlags): Promise<void> {
  if (dataDir === undefined)
    throw new UsageError("--data-dir says where to; it becomes the folder that `run --data-dir` takes.");
  const wanted = [...new Set(names.map(findSource))];
  const impossible = wanted.find(({ downloads }) => downloads.length === 0);
  if (impossible !== undefined)
    throw new UsageError(`${impossible.id} cannot be downloaded: ${impossible.byHand ?? "no source is known"}.`);
  const { signal, exitCode } = abortOnSignals();
  for (const source of wanted) {
    console.error(`${source.id}: ${formatBytes(downloadBytes(source))} into ${dataDir}; licence: ${licenceOf(source)}`);
    const progress = progressDisplay();
    try {
      const { fetchSource } = await import("#data/fetch/fetch-source"); // archives and network: for this command alone
      const fresh = await fetchSource(source, dataDir, {
        signal,
        onDownload: ({ file }, state) => progress.begin(`${state} ${file.urls[0]}`),
        onProgress: (_item, received, total) => progress.update(received, total),
      });
      progress.end();
      for (const path of fresh) console.log(path);
    } catch (error) {
      progress.end();
      if (!signal.aborted) throw error;
      console.error("interrupted; the same command goes on from here");
      process.exitCode = exitCode();
      return;
    }
  }
}

function licenceOf(source: DataSource): string {
  return datasets.all().find((dataset) => dataset.source === source)?.licence ?? "see its source";
}

/** A bar on a terminal, elsewhere a line at each tenth. */
function progressDisplay() {
  const bar = process.stderr.isTTY
    ? new SingleBar({ stream: process.stderr, format: "{bar} {received} of {size} · {percentage} %", hideCursor: true })
    : undefined;
  let tenths = 0;
  let isStarted = false;
  const end = () => {
    if (isStarted) bar?.stop();
    isStarted = false;
  };
  return {
    begin(text: string) {
      end();
      tenths = 0;
      console.error(text);
    },
    update(received: number, total: number) {
      const payload = { received: formatBytes(received), size: formatBytes(total) };
      if (bar !== undefined) {
        if (!isStarted) bar.start(total, 0, payload);
        isStarted = true;
        bar.update(received, payload);
      } else if (Math.floor((10 * received) / total) > tenths) {
        tenths = Math.floor((10 * received) / total);
        console.error(`  ${tenths}0 % of ${payload.size}`);
      }
    },
    end,
  };
}

async function checkData(names: readonly string[], { dataDir, json }: DataFlags): Promise<void> {
  if (dataDir === undefined) throw new UsageError("--data-dir names the folder to check.");
  checkDataDir({ dataDir });
  const wanted = names.length === 0 ? sources.all() : [...new Set(names.map(findSource))];
  const checks: SourceCheck[] = [];
  for (const source of wanted) checks.push(await checkSource(source, dataDir));
  const here = checks.filter(({ findings }) => findings.length > 0);
  console.log(json === true ? JSON.stringify(here, undefined, 2) : checksAsText(here));
  const absent = names.length === 0 && here.length > 0 ? [] : checks.filter(({ findings }) => findings.length === 0);
  for (const { source, layout } of absent)
    console.error(`${source}: nothing of it is in ${dataDir}; expected: ${layout}`);
  const isUnsound = here.some(({ findings }) =>
    findings.some(({ verdict }) => verdict === "damaged" || verdict === "missing"),
  );
  process.exitCode = isUnsound ? EXIT.regression : absent.length > 0 ? EXIT.environment : EXIT.ok;
}

function checksAsText(checks: readonly SourceCheck[]): string {
  const rows = checks.flatMap(({ source, findings }) =>
    findings.map(({ path, verdict, detail }) => ({ dataset: source, verdict, file: path, detail })),
  );
  const counts = (["ok", "subset", "absent", "damaged", "missing"] as const).map(
    (wanted) => `${rows.filter(({ verdict }) => verdict === wanted).length} ${wanted}`,
  );
  return `${rows.length === 0 ? "" : `${asText(rows)}\n`}${counts.join(", ")}`;
}
