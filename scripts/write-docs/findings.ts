// What the published records say: a verdict per claim and run, scores per training, what each run is.

import { tasks } from "#catalogue/tasks";
import { groupBy } from "#base/group";
import { escapeMarkdown, markdownTable } from "#base/markdown";
import type { Result } from "#evidence/result";
import { answerOf } from "#report/answer";
import { apartBy } from "#report/apart-by";
import { claimTexts } from "#report/claim-words";
import type { ClaimText } from "#report/report-data";
import { labelOf } from "#report/palette";
import { printEstimate } from "#report/print";
import { scoreNameOf } from "#report/score-names";
import type { PublishedRun } from "./published.ts";

/** Runs at scale smoke show that everything works; their numbers decide nothing. */
const isTelling = ({ run }: PublishedRun): boolean => run.manifest.scale !== "smoke";

/** Runs whose answers open the README, and how many sentences of each: a layer, decoding, a training on real data. */
const OPENING = [
  ["layers-small", 1],
  ["decode-small", 1],
  ["mnist-models-small", 2],
] as const;
const MOST_SENTENCES = 4;

/** Up to four sentences of what was found, each with its run. */
export function foundText(runs: readonly PublishedRun[]): string {
  const sentences = OPENING.flatMap(([name, most]) =>
    runs
      .filter((run) => run.name === name)
      .flatMap(({ evidence }) =>
        answerOf(evidence)
          .sentences.slice(0, most)
          .map((text) => `- ${escapeMarkdown(text)} (\`${name}\`)`),
      ),
  );
  return sentences.slice(0, MOST_SENTENCES).join("\n");
}

/** A section per claim: what each run found that tested it. */
export function claimFindings(runs: readonly PublishedRun[]): string {
  const texts = runs.filter(isTelling).map(({ name, evidence }) => ({ name, claims: claimTexts(evidence.claims) }));
  const ids = [...new Set(texts.flatMap(({ claims }) => claims.map(({ id }) => id)))];
  return ids
    .map((id) => {
      const found = texts.flatMap(({ name, claims }) =>
        claims.filter((claim) => claim.id === id && claim.verdict !== "not tested").map((claim) => ({ name, claim })),
      );
      const any = texts.flatMap(({ claims }) => claims.filter((claim) => claim.id === id))[0]!;
      const lines = found.map(({ name, claim }) => findingOf(name, claim));
      return [
        headingOf(any),
        lines.length === 0 ? "No published run beyond scale smoke tests it." : lines.join("\n"),
      ].join("\n\n");
    })
    .join("\n\n");
}

function headingOf({ id, title, sentence, rule }: ClaimText): string {
  return rule === "" ? `### ${id}\n\n${sentence}` : `### ${id} ${title}\n\n${sentence} ${rule}`;
}

function findingOf(name: string, { verdictText, findings }: ClaimText): string {
  return [`- \`${name}\`: **${verdictText}**`, ...findings.map((finding) => `  - ${escapeMarkdown(finding)}`)].join(
    "\n",
  );
}

/** A table per trained task and run: the score that the task is judged by, mean over seeds with its interval. */
export function scoreTables(runs: readonly PublishedRun[]): string {
  const trained = runs
    .filter(isTelling)
    .flatMap(({ name, evidence }) =>
      evidence.results
        .filter(({ stale, training, axes }) => !stale && training !== undefined && axes["suite"] !== "learning-rates")
        .map((result) => ({ name, result })),
    );
  const groups = groupBy(trained, ({ name, result: { axes } }) => `${name}, ${axes["task"]}, ${axes["dataset"]}`);
  const tables = [...groups].flatMap(([title, members]) => {
    const namesakes = groupBy(members, ({ result }) => labelOf(result.contender));
    const rows = members.flatMap(({ result }) =>
      scoreRow(
        result,
        apartBy(
          result,
          namesakes.get(labelOf(result.contender))!.map((other) => other.result),
        ),
      ),
    );
    return rows.length === 0 ? [] : [`### ${title}\n\n${markdownTable(SCORE_COLUMNS, rows)}`];
  });
  return tables.join("\n\n");
}

const SCORE_COLUMNS = ["model", "score", "mean [95 % interval]", "seeds", "parameters"];

function scoreRow({ contender, axes, training, n }: Result, apart: readonly string[]): string[][] {
  const task = String(axes["task"]);
  if (training === undefined || !tasks.has(task)) return [];
  const metric = tasks.get(task).metric.name;
  const score = training.scores.get(metric);
  if (score === undefined) return [];
  const { title, isFraction } = scoreNameOf(metric);
  return [
    [
      [labelOf(contender), ...apart].join(", "),
      title,
      printEstimate(score, isFraction ? "percent" : "plain"),
      String(n),
      training.first.parameters.toLocaleString("en-GB"),
    ],
  ];
}

const MOST_NAMED = 6;

/** What each published run is: command, machine, cases, time. */
export function runTable(runs: readonly PublishedRun[]): string {
  const rows = runs.map(({ name, run: { manifest, records }, evidence }) => {
    const engines = [...new Set(Object.values(manifest.environments).map(({ engine }) => engine))].join(", ");
    const cases = new Set(records.map(({ caseId }) => caseId)).size;
    const open = evidence.results.filter(({ status }) => status !== "ok").length;
    return [
      name,
      manifest.suites.length > MOST_NAMED ? `${manifest.suites.length} suites` : manifest.suites.join(", "),
      manifest.scale,
      engines,
      `${cases}${open === 0 ? "" : `, ${open} without a result`}`,
      manifest.startedAt.slice(0, 10),
    ];
  });
  return markdownTable(["run", "suites", "scale", "engine", "cases", "begun"], rows);
}
