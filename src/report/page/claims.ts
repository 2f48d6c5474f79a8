// Claims with their verdicts: the tested ones a line each, everything behind them folded.

import type { ClaimText, ReportData } from "../report-data.ts";
import { anchorOf, html, type Html } from "./template.ts";

const SIGNS = { holds: "✓", fails: "✗", undecided: "?", "not decidable": "?", "not tested": "·" } as const;

export function claimsHtml({ claims, suites, runs }: ReportData): Html {
  const scales = [...new Set(runs.map(({ scale }) => scale))];
  const present = new Set(suites.map(({ id }) => id));
  const tested = claims.filter(({ verdict }) => verdict !== "not tested");
  const untested = claims.filter(({ verdict }) => verdict === "not tested");
  const verdicts = (["holds", "fails", "undecided", "not decidable"] as const).flatMap((verdict) => {
    const count = tested.filter((claim) => claim.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? verdict : PLURAL[verdict]}`];
  });
  return html`<p>
      ${[...verdicts, `${untested.length} not tested`].join(" · ")}, at scale ${scales.join(", ")}. A claim that is
      tested at several points holds if it holds at all of them, and fails if it fails at one. Each line opens:
      sentence, rule, every value. Rules were written down before any run; at reduced scale only orderings, ratios and
      exponents are claimed.
    </p>
    <ul class="claims">
      ${tested.map((claim) => html`<li>${claimHtml(claim, present)}</li>`)}
    </ul>
    ${
      untested.length > 0 &&
      html`<details>
        <summary>Not tested in this run: ${untested.map(({ id }) => id).join(", ")}</summary>
        <ul class="claims">
          ${untested.map((claim) => html`<li>${claimHtml(claim, present)}</li>`)}
        </ul>
      </details>`
    }`;
}

const PLURAL = {
  holds: "hold",
  fails: "fail",
  undecided: "undecided",
  "not decidable": "not decidable",
} as const;

function claimHtml(claim: ClaimText, present: ReadonlySet<string>): Html {
  const { id, verdict, verdictText, title, sentence, findings, statistic, rule, suites } = claim;
  const [first = "", ...more] = findings;
  const links = suites.map((suite, index) => [
    index === 0 ? "" : ", ",
    present.has(suite) ? html`<a href="#${anchorOf("suite", suite)}">${suite}</a>` : suite,
  ]);
  return html`<details class="claim" id="${anchorOf("claim", id)}">
    <summary>
      <span class="verdict ${anchorOf(verdict)}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdictText}</span>
      <strong>${id} ${title}</strong>
      <span class="found">${first}${more.length > 0 && html` <span class="quiet">and ${more.length} more</span>`}</span>
    </summary>
    <p>${sentence}</p>
    ${
      more.length > 0 &&
      html`<ul>
        ${[first, ...more].map((point) => html`<li>${point}</li>`)}
      </ul>`
    }
    <p class="notes">${statistic !== "" && html`Statistic: ${statistic}. `}${rule}</p>
    ${links.length > 0 && html`<p class="notes">Suites: ${links}</p>`}
  </details>`;
}
