import { beforeAll, expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildReport, type Report, type ReportFile } from "./build.ts";
import { scriptJson } from "./page/template.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2 });
let report: Report;
let files: ReadonlyMap<string, string | Buffer>;

let page: string;

beforeAll(() => {
  report = buildReport({ runs: [{ manifest, records }], suites });
  files = new Map(report.files.map(({ path, content }) => [path, wholeOf(content)]));
  page = String(files.get("report.html"));
});

function wholeOf(content: ReportFile["content"]): string | Buffer {
  return typeof content === "string" || Buffer.isBuffer(content) ? content : [...content].join("");
}

test("the folder holds CSV, pictures, tables in three formats and one page, each path once", () => {
  expect(files.size).toBe(report.files.length);
  for (const { id } of suites)
    for (const path of [`csv/${id}.csv`, `csv/${id}-samples.csv`, `tables/suite-${id}.md`])
      expect(files.has(path), path).toBe(true);
  for (const format of ["md", "csv", "tex"]) expect(files.has(`tables/scan-speed.${format}`)).toBe(true);
  const pictures = [...files].filter(([path]) => path.startsWith("charts/"));
  expect(pictures.length).toBe(2 * report.data.suites.flatMap((suite) => suite.pictures).length);
  for (const [path, content] of pictures) {
    if (path.endsWith(".svg")) expect(content, path).toMatch(/^<\?xml .*<svg .*<\/svg>\s*$/s);
    else expect((content as Buffer).subarray(1, 4).toString(), path).toBe("PNG");
  }
});

test("the terminal's text gives headline ratios, claims and counts", () => {
  expect(report.summaryText).toMatch(
    /^Time over that of LightNet \(.*\), below 1 is faster, 95 % intervals, 2 processes:\nscan-count mixer forward 64x64, N 4096/m,
  );
  expect(report.summaryText).toMatch(/vector decay \(GLA-like\), 4 scans +1\.7/);
  expect(report.summaryText).toMatch(/[✓✗?] C1 +One scan is faster +(holds|fails|undecided)/);
  expect(report.summaryText).toMatch(/cases: \d+ ok, 2 failed, 1 timeout, 1 oom, 1 skipped/);
});

test("text from records is escaped, and no script can end early", () => {
  expect(page).not.toContain('<script>alert("x")');
  expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
  expect(page).toContain("Fixture CPU &lt;model&gt;");
  expect(page.match(/<script>/g)).toHaveLength(3);
  expect(page.match(/<\/script>/g)).toHaveLength(3);
  expect(String(scriptJson("</script><!--\u2028"))).toBe('"\\u003c/script\\u003e\\u003c!--\\u2028"');
});

test("the page names no address but those of the libraries' licences, and every link leads somewhere", () => {
  const [body] = page.split("<script>");
  expect(body).not.toMatch(/https?:\/\//);
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids.has(target), target).toBe(true);
  for (const [, path] of page.matchAll(/href="((?:csv|charts|tables)\/[^"]+)"/g))
    expect(files.has(path!), path).toBe(true);
});

test("ids of the page are unique", () => {
  const [body] = page.split("<script>");
  const ids = [...body!.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test("limitations come from the records: scale, engine, processes, seeds, synthetic data, gaps", () => {
  const text = report.data.limitations.join("\n");
  for (const part of [
    "Scale smoke",
    "wasm on Fixture CPU",
    "fewer than 8 processes",
    "fewer than 7 seeds",
    "synthetic shapes",
    "have no result",
    "shown as absent",
  ])
    expect(text).toContain(part);
});

test("failures are listed with their reasons", () => {
  expect(report.data.failures.rows.map(({ cells }) => cells["status"]!.text).sort()).toEqual([
    "FAIL",
    "FAIL",
    "OOM",
    "SKIP",
    "TIMEOUT",
  ]);
});

test("results of older code are listed as stale and not drawn", () => {
  const old = records
    .filter(({ case: item }) => item.suite === "decode")
    .map((record) => ({
      ...record,
      codeHash: "older",
      key: `${record.caseId}-older`,
      process: record.process + 10,
      startedAt: "2025-01-01T00:00:00.000Z",
    }));
  const both = [...old, ...records.filter(({ case: item }) => item.suite === "decode")];
  const { data } = buildReport({ runs: [{ manifest, records: both }], suites });
  const [section] = data.suites;
  expect(section!.tables[0]!.rows.filter(({ cells }) => cells["note"]!.text.startsWith("stale"))).toHaveLength(15);
  expect(section!.pictures).toHaveLength(1);
  expect(section!.pictures[0]!.series.flatMap(({ points }) => points)).toHaveLength(15);
});

test("records of a suite that is not declared are listed; a run without records gives a report too", () => {
  const decode = records.filter(({ case: item }) => item.suite === "decode");
  const { data } = buildReport({ runs: [{ manifest, records: decode }], suites: [] });
  expect(data.suites.map(({ id, pictures }) => [id, pictures.length])).toEqual([["decode", 0]]);
  const empty = buildReport({ runs: [{ manifest, records: [] }], suites });
  expect(empty.files.map(({ path }) => path)).toContain("report.html");
  expect(empty.data.claims.every(({ verdict }) => verdict === "not tested")).toBe(true);
});
