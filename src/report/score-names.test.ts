import { expect, test } from "vitest";
import { scoreNameOf } from "./score-names.ts";

test.each([
  ["fdOwn", "FD (own features)", false],
  ["fid50k", "FID-50K", false],
  ["fdInception.samples300", "FD (Inception, 300 samples)", false],
  ["recallInception.samples300", "recall (Inception, 300 samples) (%)", true],
  ["loss.tokens16-63", "test loss (nats), positions 16 to 63", false],
  ["accuracy.items8", "test accuracy (%), items8", true],
  ["unheard-of", "unheard-of", false],
])("%s reads %s", (key, title, isFraction) => {
  expect(scoreNameOf(key)).toMatchObject({ title, isFraction });
});
