import { describe, expect, test } from "vitest";
import * as tf from "#engine/tf";
import { expectGate, GATE_CASES } from "#testing/decay-gates";
import { describeOnEachEngine } from "#testing/engines";
import { decayGate } from "./decay-gate.ts";

await describeOnEachEngine("gates of decays", (engine, id) => {
  test.each(GATE_CASES)("$shape, bounded $bounded, temperature $temperature, tied $tied", (gate) =>
    expectGate(engine(), gate),
  );

  describe.skipIf(id === "cpu")("where nothing is kept, or nothing is known", () => {
    test("a logit of −∞ forgets all, one that is no number stays none", () => {
      const [decays, keys] = tf.tidy(() => {
        const x = tf.tensor([-Infinity, Infinity, NaN], [1, 1, 3, 1]);
        const { logDecay, key } = decayGate({ x, temperature: 1, tied: true });
        const bounded = decayGate({ x, bound: tf.tensor2d([[0.25]]), temperature: 1, tied: true });
        return [[...logDecay.dataSync(), ...bounded.logDecay.dataSync()], [...key!.dataSync()]];
      });
      expect(decays.slice(0, 3)).toEqual([-Infinity, 0, NaN]);
      expect(decays[3]).toBeCloseTo(Math.log(0.25), 6);
      expect(decays.slice(4)).toEqual([0, NaN]);
      expect(keys).toEqual([1, 0, NaN]);
    });
  });
});
