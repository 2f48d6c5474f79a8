import { describe, expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { gatherReport } from "./gather.ts";
import { reportHtml } from "./page/html.ts";
import { deviceWords, runTitle } from "./run-title.ts";
import { summaryText } from "./summary-text.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2 });
const [environment] = Object.values(manifest.environments);

describe("the title of a run", () => {
  const decode = records.filter(({ case: item }) => item.suite === "decode");
  const merged = { ...manifest, run: "merged", command: "lightnet-bench merge a b" };

  test("says what it is, not how it came about", () => {
    const { data, evidence } = gatherReport({ runs: [{ manifest: merged, records: decode }], suites });
    expect(data.title).toBe("decode at scale smoke, wasm on Fixture CPU <model>, 2 cores");
    const page = reportHtml(data);
    expect(page).toMatch(/<h1>decode at scale smoke, wasm on Fixture CPU &lt;model&gt;, 2 cores<\/h1>/);
    expect(page).toMatch(/<title>.*decode at scale smoke, .* – lightnet-bench<\/title>/);
    expect(page.match(/<h1>.*?<\/h1>|<title>.*?<\/title>/g)!.join()).not.toContain("merge");
    expect(summaryText(data, evidence).split("\n").slice(0, 2)).toEqual([data.title, `run merged · cases: 15 ok`]);
  });

  test("counts suites where they are many, and says that nothing is there yet", () => {
    const { data } = gatherReport({ runs: [{ manifest, records }], suites });
    expect(data.title).toBe("5 suites at scale smoke, wasm on Fixture CPU <model>, 2 cores");
    expect(runTitle({ suites: [], scales: ["smoke"], environments: [] })).toBe("no result yet at scale smoke");
  });

  test("names each engine once", () => {
    const environments = [environment!, { ...environment!, node: "v22" }, { ...environment!, engine: "cpu" }];
    expect(runTitle({ suites: ["a", "b"], scales: ["small", "small"], environments })).toBe(
      "a, b at scale small, wasm on Fixture CPU <model>, 2 cores; cpu on Fixture CPU <model>, 2 cores",
    );
  });

  test("names a GPU in the place of the processor, and the browser", () => {
    const device = { ...environment!.device, kind: "gpu" as const, name: "Some GPU", software: true };
    const browser = { name: "Chromium", version: "140" };
    expect(deviceWords({ ...environment!, engine: "webgpu", device, browser })).toBe(
      "webgpu on Some GPU (software GPU: times not shown), Chromium",
    );
  });
});
