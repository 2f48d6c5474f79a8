import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { curvesCsvOf } from "./curves-csv.ts";

const { records } = fixtureRun();

test("one line a point of each seed's curve, with step, seconds and every value read there", () => {
  const rows = parse(curvesCsvOf("image-classification", records)!, { columns: true }) as Record<string, string>[];
  const trained = records.flatMap((record) =>
    record.status === "ok" && record.case.suite === "image-classification" && record.training !== undefined
      ? [record.training]
      : [],
  );
  expect(rows).toHaveLength(trained.reduce((sum, { curve }) => sum + curve.length, 0));
  const [point] = trained[0]!.curve;
  expect(rows[0]).toMatchObject({
    dataset: "synthetic-shapes",
    seed: "0",
    step: String(point!.step),
    elapsed_s: String(point!.elapsedSeconds),
    loss: String(point!.values["loss"]),
  });
});

test("a suite without trainings has no curves", () => {
  expect(curvesCsvOf("kernel-forward", records)).toBeUndefined();
});
