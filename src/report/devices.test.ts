import { expect, test } from "vitest";
import { hashJson } from "#base/json";
import { fixtureRun } from "#testing/fixture-records";
import { buildReport } from "./build.ts";
import { devicesOf, questionsOf } from "./devices.ts";

const whole = fixtureRun({ processes: 3, rounds: 12 });
const { manifest, suites } = whole;
/** Of one suite: all pictures of a page are drawn. */
const records = whole.records.filter(
  ({ case: { suite } }) => suite === suites.find(({ kind }) => kind === "operator")!.id,
);

/** The same run as of another machine, each time `factor` times as long. */
function on(cpu: string, factor: number) {
  const [[hash, environment]] = Object.entries(manifest.environments) as [
    [string, (typeof manifest.environments)[string]],
  ];
  const other = { ...environment, cpu };
  const moved = records.map((record) => ({
    ...record,
    environment: record.environment === hash ? hashJson(other) : record.environment,
    ...(record.status === "ok" && record.secondsSamples !== undefined
      ? { secondsSamples: record.secondsSamples.map((seconds) => factor * seconds) }
      : {}),
  }));
  return {
    manifest: { ...manifest, run: cpu, environments: { [hashJson(other)]: other } },
    records: moved,
    folder: cpu,
  };
}

const runs = [on("slow processor", 4), on("fast processor", 1)];

test("runs of one machine are no devices, and are joined as ever", () => {
  expect(devicesOf({ runs: [runs[0]!], suites })).toEqual([]);
});

test("two machines are never joined: relative times agree where all times of one are longer, absolute ones do not", () => {
  const devices = devicesOf({ runs, suites });
  expect(devices.map(({ name }) => name)).toEqual([
    "wasm on slow processor, 2 cores",
    "wasm on fast processor, 2 cores",
  ]);
  const [question] = questionsOf(devices).filter(({ suite }) => suite.kind === "operator");
  const [relative, absolute] = question!.pictures;
  const valuesOf = (picture: typeof relative, name: string) =>
    picture!.series.filter(({ label }) => label.includes(name)).map(({ points }) => points[0]!.x);
  expect(valuesOf(relative, "slow").length).toBeGreaterThan(1);
  valuesOf(relative, "slow").forEach((value, i) => expect(value).toBeCloseTo(valuesOf(relative, "fast")[i]!));
  valuesOf(absolute, "slow").forEach((value, i) => expect(value / valuesOf(absolute, "fast")[i]!).toBeCloseTo(4));
  expect(relative!.marks).toMatchObject({ at: [1] });
});

test("the report has a page over the devices and the own report of each", () => {
  const { files, data, summaryText } = buildReport({ runs, suites });
  const paths = files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["report.html", "device-1/report.html", "device-2/report.html"]));
  expect(new Set(paths).size).toBe(paths.length);
  const page = String(files[0]!.content);
  expect(page).toContain("The same questions on 2 devices");
  expect(page).toContain("device-2/report.html");
  expect(data.answer.some((sentence) => sentence.startsWith("wasm on fast processor"))).toBe(true);
  expect(summaryText).toContain("slow processor");
});
