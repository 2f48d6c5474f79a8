import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { gatherReport } from "../gather.ts";

const FEW = { resamples: 100 };

function gathered(trainingSeeds: number) {
  const { manifest, records, suites } = fixtureRun({ processes: 1, trainingSeeds });
  const trained = records.filter(({ case: item }) => item.kind === "training");
  const { evidence, data } = gatherReport({ runs: [{ manifest, records: trained }], suites }, FEW);
  return { evidence, pictures: data.suites.flatMap((suite) => suite.pictures) };
}

const { evidence, pictures } = gathered(7);
const picture = pictures.find(({ figure }) => figure === "accuracy-difference")!;

test("each contender's difference to LightNet is the comparison that tables and claims read, seen from the contender", () => {
  const rivals = picture.series.filter(({ isSubject }) => isSubject !== true);
  expect(rivals.map(({ label }) => label).sort()).toEqual(["softmax attention", "vector decay (GLA-like), 2 scans"]);
  for (const { id, points } of rivals) {
    const compared = evidence.scores.of(
      evidence.results.find((result) => result.id === id)!,
      "top1",
    )!;
    const { estimate, low, high } = compared.difference;
    expect(points[0]).toMatchObject({ x: -estimate, low: -high!, high: -low! });
    expect(points[0]!.value).toMatch(/^[+−][\d.]+ \[−?[\d.]+, −?[\d.]+\] points$/);
    expect(points[0]!.text).toMatch(/points, n = 7 seeds: (LightNet is (not )?worse|open)$/);
  }
});

test("rows go from the best to the worst around zero, LightNet's own with its score, and the margin is marked", () => {
  const places = picture.series.map(({ points }) => points[0]!.x);
  expect(places).toEqual(places.toSorted((a, b) => b - a));
  const [own] = picture.series.find(({ isSubject }) => isSubject === true)!.points;
  expect(own).toMatchObject({ x: 0, value: expect.stringMatching(/^0 \(\d\d\.\d %\)$/) as unknown });
  expect(picture.marks).toMatchObject({ at: [0, 0.005] });
  expect(picture.marks!.label).toBe("0, LightNet's own score; 0.50 points, the margin");
  expect(picture.x.hint).toBe("← worse than LightNet │ better →");
  expect([picture.x.min, picture.x.max].map(Math.sign)).toEqual([-1, 1]);
  expect(picture.subtitle).toContain("mean with two one-sided 95 % limits, paired by seed, n = 7 seeds");
});

test("it stands before the figure of the scores themselves, and one seed gives none", () => {
  const figures = pictures.map(({ figure }) => figure);
  expect(figures.indexOf("accuracy-difference")).toBe(figures.indexOf("accuracy") - 1);
  const single = gathered(1).pictures.map(({ figure }) => figure);
  expect(single).toContain("accuracy");
  expect(single).not.toContain("accuracy-difference");
});
