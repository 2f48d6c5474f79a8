// The claims with their rules, as they stand in the catalogue.

import { CLAIMS, UNTESTABLE_CLAIMS } from "#catalogue/claims";

/** A section per claim that can be tested, and a list of those that cannot. */
export function claimRules(): string {
  const tested = CLAIMS.map(({ id, title, sentence, suites, statistic, holdsIf, refutedIf }) =>
    [
      `### ${id} ${title}`,
      `${sentence}`,
      [
        `- Statistic: ${statistic}.`,
        `- Holds if ${holdsIf}.`,
        `- Refuted if ${refutedIf}.`,
        `- Suites: ${suites.map((suite) => `\`${suite}\``).join(", ")}.`,
      ].join("\n"),
    ].join("\n\n"),
  );
  const untestable = UNTESTABLE_CLAIMS.map(
    ({ id, sentence, reason }) => `- ${id}: ${sentence} Not testable here: ${reason}.`,
  );
  return [...tested, "### Claims that no run of this harness tests", untestable.join("\n")].join("\n\n");
}
