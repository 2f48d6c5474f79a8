import { expect, test } from "vitest";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import * as tf from "../tf.ts";

process.env["LIGHTNET_TEST_ENGINES"] = "tensorflow";

await describeOnEachEngine("small kernels", (engine) => {
  test("a cast to the same type and a reshape to the same shape give the values, and live on their own", async () => {
    await expectNoLeak(engine(), () => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      const copies = [tf.cast(x, "float32"), tf.reshape(x, [2, 3])];
      x.dispose();
      for (const copy of copies)
        tf.tidy(() => void expect([...tf.add(copy, 0).dataSync()]).toEqual([1, 2, 3, 4, 5, 6]));
      tf.dispose(copies);
    });
  });

  test("casts and reshapes that change something", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([1.7, -2.2, 0, 4], [2, 2]);
      expect([...tf.cast(x, "int32").dataSync()]).toEqual([1, -2, 0, 4]);
      expect(tf.cast(x, "bool").dtype).toBe("bool");
      expect(tf.reshape(x, [4, 1, 1]).shape).toEqual([4, 1, 1]);
      expect(tf.reshape(tf.cast(x, "int32"), [4]).dtype).toBe("int32");
      expect(tf.reshape(tf.slice(x, [0, 0], [1, 1]), []).arraySync()).toBeCloseTo(1.7, 6);
      expect(() => tf.reshape(x, [5])).toThrow();
    });
  });

  test("more shapes than are kept", async () => {
    await expectNoLeak(engine(), () => {
      for (let n = 1; n <= 1100; n++) {
        const shape = tf.tidy(() => tf.reshape(tf.zeros([n]), [n, 1]).shape);
        expect(shape).toEqual([n, 1]);
      }
      tf.tidy(() => void expect([...tf.reshape(tf.tensor1d([1, 2]), [2, 1]).dataSync()]).toEqual([1, 2]));
    });
  });
});
