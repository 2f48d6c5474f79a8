// The report as one HTML file that needs nothing else: style, chart library and data are inside, and
// its content security policy forbids every request.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { formatBytes } from "#base/units";
import type { Environment } from "#store/record";
import { chartConfig } from "../charts/config.ts";
import type { Picture } from "../charts/picture.ts";
import { hydrate } from "../charts/hydrate.ts";
import { chartPath, csvPath } from "../file-paths.ts";
import { GROUND_INK, styleOf } from "../palette.ts";
import type { ReportData, RunFacts, SuiteSection } from "../report-data.ts";
import { startPage, type PageData } from "./client.ts";
import type { TextTable } from "../tables/text-table.ts";
import { anchorOf, escapeHtml as text, scriptJson } from "./escape.ts";
import { factsHtml, figureHtml, filterHtml, tableHtml } from "./parts.ts";
import { generatedHtml } from "./generated.ts";
import { PAGE_STYLE } from "./style.ts";

const DARK_GROUND = { text: "#e8eaec", quiet: "#aeb4ba", grid: "#32383e", mark: "#7d858d", white: "#15181b" } as const;
const LONG_TABLE = 12;

/** The report page. */
export function reportHtml(data: ReportData): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${text(data.title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#claims">Skip to the claims</a>
<header><h1>${text(data.title)}</h1>
${summaryHtml(data)}
<nav aria-label="Contents"><ul>${sections(data)
    .map(([id, title]) => `<li><a href="#${id}">${title}</a></li>`)
    .join("")}</ul></nav>
</header>
<main>
${sections(data)
  .map(
    ([id, title, body]) =>
      `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>\n${body}</section>`,
  )
  .join("\n")}
</main>
${scripts(data)}
</body>
</html>
`;
}

type Section = readonly [id: string, title: string, body: string];

function sections(data: ReportData): readonly Section[] {
  return [
    ["claims", "Claims", claimsHtml(data)],
    [
      "tables",
      "The paper's tables",
      data.paperTables
        .map((table) => `<h3 id="${anchorOf(table.id)}">${text(table.title)}</h3>${tableHtml(table)}`)
        .join("\n"),
    ],
    [
      "figures",
      "Figures and measurements",
      data.suites.length === 0 ? "<p>No records.</p>" : data.suites.map(suiteHtml).join("\n"),
    ],
    ["environment", "Environment", environmentHtml(data)],
    [
      "failures",
      "Failures and skipped cases",
      data.failures.rows.length === 0 ? "<p>None: every planned case has a result.</p>" : tableHtml(data.failures),
    ],
    ["limitations", "Limitations", `<ul>${data.limitations.map((limit) => `<li>${text(limit)}</li>`).join("")}</ul>`],
    [
      "cite",
      "How to cite a result",
      `<p>Name the run: its records hold every sample behind these numbers.</p><pre><code>${text(data.citation)}</code></pre>`,
    ],
  ];
}

function summaryHtml({ runs, environments, counts, hasSynthetic }: ReportData): string {
  const devices = [
    ...new Set(
      Object.values(environments).map(
        ({ engine, device }) =>
          `${engine} on ${device.name}${device.software ? " (software GPU: times not shown)" : ""}`,
      ),
    ),
  ];
  const results = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  return factsHtml([
    ["Run", runs.map(({ run }) => run).join(", ")],
    ["Scale", [...new Set(runs.map(({ scale }) => scale))].join(", ")],
    ["Engine", devices.join("; ")],
    ["Cases", results.join(", ")],
    ["Started", runs.map(({ startedAt }) => startedAt).join(", ")],
    ["Data", hasSynthetic ? "some results are on synthetic data, and say so" : undefined],
  ]);
}

const CLAIM_COLUMNS = ["claim", "verdict", "what is claimed", "found", "statistic and rule"] as const;

// The roles keep it a table for screen readers where a narrow page lays its rows out as blocks.
function claimsHtml({ claims, suites: present }: ReportData): string {
  const rows = claims.map(({ id, verdict, title, sentence, finding, statistic, rule, suites }) => {
    const links = suites
      .map((suite) =>
        present.some(({ id: own }) => own === suite)
          ? `<a href="#${anchorOf("suite", suite)}">${text(suite)}</a>`
          : text(suite),
      )
      .join(", ");
    const how = `${text(statistic)}${rule === "" ? "" : `<br><span class="quiet">${text(rule)}</span>`}`;
    const claimed = `<strong>${text(title)}</strong><br>${text(sentence)}${links === "" ? "" : `<br><span class="quiet">Suites: ${links}</span>`}`;
    const cells = [claimed, findingHtml(finding), how].map((cell) => `<td role="cell">${cell}</td>`);
    return `<tr role="row" id="${anchorOf("claim", id)}"><th role="rowheader" scope="row">${text(id)}</th><td role="cell" class="verdict ${anchorOf(verdict)}">${text(verdict)}</td>${cells.join("")}</tr>`;
  });
  const head = CLAIM_COLUMNS.map((column) => `<th role="columnheader" scope="col">${column}</th>`).join("");
  return `<p>Each claim, its statistic and what would refute it were written down before any run. At reduced scale only orderings, ratios and exponents are claimed.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Claims and verdicts"><table class="claims" role="table"><caption>Claims and verdicts</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${rows.join("\n")}</tbody></table></div>`;
}

/** Findings at several points are a list. */
function findingHtml(finding: string): string {
  const points = finding.split("; ");
  return points.length === 1 ? text(finding) : `<ul>${points.map((point) => `<li>${text(point)}</li>`).join("")}</ul>`;
}

function suiteHtml(suite: SuiteSection): string {
  const figures = suite.pictures.map((picture) =>
    figureHtml(picture, { command: suite.command, csv: csvBehind(picture), png: chartPath(picture.id) }),
  );
  return `<section id="${anchorOf("suite", suite.id)}" aria-labelledby="${anchorOf("suite", suite.id)}-title">
<h3 id="${anchorOf("suite", suite.id)}-title">${text(suite.title)}</h3>
<p>${text(suite.claim)}</p>
<p class="quiet">Command <code>${text(suite.command)}</code> · files ${suite.files.map((file) => `<a href="${text(file)}">${text(file)}</a>`).join(", ")}</p>
${figures.join("\n")}
${generatedHtml(suite.generated)}
${suite.tables.map((table) => `<details><summary>${text(summaryOf(table))}</summary>${table.rows.length > LONG_TABLE ? filterHtml(table) : ""}${tableHtml(table)}</details>`).join("\n")}
</section>`;
}

/** What a closed table says of itself: its title without the suite's, under which it stands. */
function summaryOf({ title }: TextTable): string {
  const own = title.slice(title.lastIndexOf(": ") + 1).trim();
  return `Table: ${own}`;
}

function csvBehind({ suite, isCurve }: Picture): string {
  return csvPath(suite, isCurve === true ? "curves" : undefined);
}

function environmentHtml({ runs, environments }: ReportData): string {
  return [
    ...runs.map(runHtml),
    ...Object.entries(environments).map(([hash, environment]) => machineHtml(hash, environment)),
  ].join("\n");
}

function runHtml({ run, command, scale, startedAt, finishedAt }: RunFacts): string {
  return `<h3>Run ${text(run)}</h3>${factsHtml([
    ["Command", command],
    ["Scale", scale],
    ["Started", startedAt],
    ["Finished", finishedAt ?? "not finished"],
  ])}`;
}

function machineHtml(hash: string, environment: Environment): string {
  const {
    platform,
    cpu,
    cores,
    memoryBytes,
    node,
    nodeFlags = [],
    browser,
    packages,
    engine,
    device,
    gitCommit,
    gitDirty,
  } = environment;
  return `<h3>Environment ${text(hash)}</h3>${factsHtml([
    ["Engine", engine],
    ["Device", `${device.name} (${device.kind}${device.software ? ", software" : ""})`],
    [
      "Device details",
      Object.entries(device.details)
        .map(([name, value]) => `${name}: ${value}`)
        .join(", "),
    ],
    ["Processor", `${cpu}, ${cores} cores`],
    ["Memory", memoryBytes === undefined ? undefined : formatBytes(memoryBytes)],
    ["Platform", platform],
    ["Node", node === undefined ? undefined : [node, ...nodeFlags].join(" ")],
    ["Browser", browser === undefined ? undefined : `${browser.name} ${browser.version}`],
    [
      "Packages",
      Object.entries(packages)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ],
    [
      "Commit",
      gitCommit === undefined ? undefined : `${gitCommit}${gitDirty === true ? " with uncommitted changes" : ""}`,
    ],
  ])}`;
}

function scripts(data: ReportData): string {
  const pageData = pageDataOf(data);
  return `<script>${librarySource("chart.js", "chart.umd.min.js")}</script>
<script>${librarySource("chartjs-chart-error-bars", "index.umd.min.js")}</script>
<script>
"use strict";
const hydrate = ${hydrate.toString()};
(${startPage.toString()})(window, ${scriptJson(pageData)}, hydrate);
</script>`;
}

function pageDataOf(data: ReportData): PageData {
  const pictures = data.suites.flatMap(({ pictures: list }) => list);
  const styles = pictures.flatMap(({ series }) => series.map(({ style }) => style.ink));
  const inks = new Map([styleOf("additive-global").ink, ...styles].map(({ light, dark }) => [light, dark] as const));
  for (const part of ["text", "quiet", "grid", "mark"] as const) inks.set(GROUND_INK[part], DARK_GROUND[part]);
  inks.set("#ffffff", DARK_GROUND.white);
  return {
    charts: Object.fromEntries(
      pictures.map((picture) => [
        anchorOf("chart", picture.id),
        JSON.stringify(chartConfig(picture)).replaceAll("DejaVu Sans, sans-serif", "system-ui, sans-serif"),
      ]),
    ),
    inks: [...inks],
  };
}

/** Source text of a library's browser build; both libraries are MIT-licensed and carry their notice in it. */
function librarySource(name: string, file: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const source = readFileSync(join(dirname(entry), file), "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, "");
  return source.replaceAll("</script", "<\\/script");
}
