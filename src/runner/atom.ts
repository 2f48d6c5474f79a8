// One atom from start to records. When a case brings the child down, it alone is written off and the others
// are measured in a new child.

import { loadavg } from "node:os";
import { join } from "node:path";
import { systemClock } from "#base/clock";
import { caseId, type Case } from "#case/case";
import { SCHEMA_VERSION, recordSchema, type RunRecord } from "#store/record";
import { writeFileAtomic } from "#store/files";
import type { RunPaths } from "#store/layout";
import type { SamplingOptions } from "#measure/sampler";
import { runChild } from "./child-process.ts";
import { codeHash } from "./code-hash.ts";
import { gateItemOf, gateKey } from "./gate-items.ts";
import { engineOf, type RunOptions } from "./options.ts";
import { caseKey, type Atom } from "./plan.ts";
import type { AtomRequest, GateResult, Line, Reply } from "./protocol.ts";
import { samplingFor } from "./sampling.ts";
import type { Limits } from "./skips.ts";

export interface AtomTools {
  readonly options: RunOptions;
  readonly gate: ReadonlyMap<string, GateResult>;
  readonly environmentHash: string;
  readonly paths: RunPaths;
  readonly signal: AbortSignal;
  readonly limits: Limits;
  onProgress(text: string): void;
}

interface Verdict {
  readonly status: "failed" | "oom" | "timeout" | "skipped";
  readonly reason: string;
  readonly error?: string;
  readonly logFile?: string;
}

/** Runs an atom to its end; failures of any kind become records. */
export async function runAtom(atom: Atom, tools: AtomTools): Promise<RunRecord[]> {
  const settled = new Map<string, Verdict>();
  for (const item of atom.cases) {
    const verdict = verdictBeforehand(item, tools);
    if (verdict !== undefined) settled.set(caseId(item), verdict);
  }
  let lines: Line[] = [];
  const before = loadavg()[0]!;
  for (let attempt = 0; settled.size < atom.cases.length; attempt++) {
    lines = [];
    const open = atom.cases.filter((item) => !settled.has(caseId(item)));
    const culprit = await attemptAtom({ atom, open, attempt, lines, settled }, tools);
    if (tools.signal.aborted || culprit === undefined) break;
  }
  for (const item of atom.cases) tools.limits.note(item, settled.get(caseId(item))?.status ?? "ok");
  return recordsOf(atom, { lines, settled, load: { before, after: loadavg()[0]! } }, tools);
}

/** What is known without starting a process: a failed check, or a shorter length that already ran out. */
function verdictBeforehand(item: Case, tools: AtomTools): Verdict | undefined {
  const gate = tools.gate.get(gateKey(gateItemOf(item)));
  if (gate !== undefined && !gate.ok)
    return { status: "failed", reason: `correctness: ${gate.reason ?? "the result is outside its tolerance"}` };
  const skip = tools.limits.reasonToSkip(item);
  return skip === undefined ? undefined : { status: "skipped", reason: skip };
}

interface Attempt {
  readonly atom: Atom;
  readonly open: readonly Case[];
  readonly attempt: number;
  readonly lines: Line[];
  readonly settled: Map<string, Verdict>;
}

/** One child for the open cases. Returns the case that ended it early, if one did; that case is settled then. */
async function attemptAtom(
  { atom, open, attempt, lines, settled }: Attempt,
  tools: AtomTools,
): Promise<string | undefined> {
  let touching: string | undefined;
  const onReply = (reply: Reply) => {
    if (reply.type === "touching") touching = reply.caseId;
    if (reply.type === "line") lines.push(reply.line);
    if (reply.type === "progress") tools.onProgress(reply.text);
    if (reply.type === "failed") {
      const { status, reason, error } = reply;
      settled.set(reply.caseId, { status, reason, ...(error === undefined ? {} : { error }) });
    }
  };
  const { sampling, timeoutSeconds } = samplingFor(open, tools.options);
  const limits = { timeoutSeconds, memoryLimitBytes: tools.options.memoryLimitBytes, signal: tools.signal };
  const outcome = await runChild(requestFor(atom, open, sampling, tools), limits, onReply);
  if (outcome.failure === undefined || tools.signal.aborted) return undefined;

  const logFile = join("logs", `${atom.matchup}-${atom.process}-${attempt}.log`);
  writeFileAtomic(join(tools.paths.folder, logFile), outcome.log);
  const blamed = touching === undefined ? open.map(caseId) : [touching];
  for (const id of blamed) settled.set(id, { ...outcome.failure, logFile });
  return blamed[0];
}

function requestFor(
  atom: Atom,
  cases: readonly Case[],
  sampling: SamplingOptions,
  { options, paths }: AtomTools,
): AtomRequest {
  return {
    type: "atom",
    ...engineOf(options),
    cases: [...cases],
    process: atom.process,
    sampling,
    checkpointFolder: paths.checkpoints,
    samplesFolder: paths.samples,
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    ...(options.inceptionWeights === undefined ? {} : { inceptionWeights: options.inceptionWeights }),
    ...(options.checkpointEverySeconds === undefined ? {} : { checkpointEverySeconds: options.checkpointEverySeconds }),
    ...(options.trainBudgetSeconds === undefined ? {} : { trainBudgetSeconds: options.trainBudgetSeconds }),
  };
}

interface Results {
  readonly lines: readonly Line[];
  readonly settled: ReadonlyMap<string, Verdict>;
  readonly load: NonNullable<RunRecord["load"]>;
}

/** The atom's lines: measured cases in the order declared, round by round, then the others; the last one says `final`. */
function recordsOf(atom: Atom, { lines, settled, load }: Results, tools: AtomTools): RunRecord[] {
  const byId = new Map(atom.cases.map((item) => [caseId(item), item]));
  const position = new Map(atom.cases.map((item, index) => [caseId(item), index]));
  const measured = lines
    .filter((line) => !settled.has(line.caseId))
    .sort((a, b) => position.get(a.caseId)! - position.get(b.caseId)! || a.round - b.round);
  const drafts = [
    ...measured.map((line) => ({ status: "ok", ...gateOf(byId.get(line.caseId)!, tools), ...line })),
    ...[...settled].map(([id, verdict]) => ({ caseId: id, round: 0, startedAt: systemClock.timestamp(), ...verdict })),
  ];
  return drafts.map((draft, index) => {
    const item = byId.get(draft.caseId)!;
    return recordSchema.parse({
      schema: SCHEMA_VERSION,
      ...draft,
      ...(draft.round === 0 ? { load } : {}),
      key: caseKey(item),
      codeHash: codeHash(item),
      matchup: atom.matchup,
      process: atom.process,
      final: index === drafts.length - 1,
      environment: tools.environmentHash,
      case: item,
    });
  });
}

function gateOf(item: Case, tools: AtomTools): { correctness?: { largestError: number; tolerance: number } } {
  const gate = tools.gate.get(gateKey(gateItemOf(item)));
  return gate === undefined ? {} : { correctness: { largestError: gate.largestError, tolerance: gate.tolerance } };
}
