// One atom from start to records. When a case brings the child down, it alone is written off and the others
// are measured in a new child.

import { systemClock } from "#base/clock";
import { relativeHalfWidth } from "#stats/median-interval";
import { median } from "#stats/quantiles";
import { caseId, type Case } from "#case/case";
import { host } from "#host/current";
import type { Bytes, Seconds } from "#base/units";
import { SCHEMA_VERSION, recordSchema, type NotOkRecord, type RunRecord } from "#store/record";
import { writeFileAtomic } from "#store/files";
import type { RunPaths } from "#store/layout";
import type { Activity, RunEvents } from "./activity.ts";
import { runChild } from "./child-process.ts";
import type { CorrectnessResults } from "./correctness.ts";
import { gateOf } from "./gate-items.ts";
import type { RunOptions } from "./options.ts";
import type { StepTimes } from "./phases.ts";
import { caseKey, codeOf, type Atom } from "./plan.ts";
import type { AtomRequest, Line, Reply } from "./protocol.ts";
import type { Limits } from "./skips.ts";
import { WHOLE_MACHINE, type Slot } from "./slot.ts";

export interface AtomTools {
  readonly options: RunOptions;
  readonly correctness: CorrectnessResults;
  readonly environmentHash: string;
  readonly paths: RunPaths;
  readonly signal: AbortSignal;
  readonly slot?: Slot;
  /** given where it runs beside others: what step times may be claimed */
  readonly stepTimes?: StepTimes;
  readonly limits: Limits;
  /** of cases that are known to end the whole program: they are not tried */
  readonly endings?: ReadonlyMap<string, Ending> | undefined;
  readonly events: Pick<RunEvents, "onActivity">;
}

/** How a case ended that has no result. */
export type Ending = Pick<NotOkRecord, "status" | "reason" | "error" | "logFile">;

/** A case that says nothing for this long is ended. A single call of a slow contender may be 20 budgets long. */
const QUIET_FACTOR = 20;
const MINIMUM_TIMEOUT: Seconds = 120;
/** A training reports every few steps; an evaluation in between may take long. */
const TRAINING_TIMEOUT: Seconds = 1800;

/** Runs an atom to its end; failures of any kind become records. */
export async function runAtom(atom: Atom, tools: AtomTools): Promise<RunRecord[]> {
  const settled = new Map<string, Ending>();
  for (const item of atom.cases) {
    const ending = endingBeforehand(item, tools);
    if (ending !== undefined) settled.set(caseId(item), ending);
  }
  let lines: Line[] = [];
  const before = currentLoad();
  for (let attempt = 0; settled.size < atom.cases.length; attempt++) {
    lines = [];
    const open = atom.cases.filter((item) => !settled.has(caseId(item)));
    const culprit = await attemptAtom({ atom, open, attempt, lines, settled }, tools);
    if (tools.signal.aborted || culprit === undefined) break;
  }
  return recordsOf(atom, { lines, settled, load: { before, after: currentLoad() } }, tools);
}

/** 1-minute load average; undefined where the system does not tell. */
function currentLoad(): number | undefined {
  return host.machine.loadAverage()[0];
}

/** What is known without starting a process: a failed check, or a shorter length that already ran out. */
function endingBeforehand(item: Case, tools: AtomTools): Ending | undefined {
  const gate = gateOf(item, tools.correctness);
  if (gate !== undefined && !gate.ok)
    return { status: "failed", reason: `correctness: ${gate.reason ?? "the result is outside its tolerance"}` };
  const known = tools.endings?.get(caseId(item));
  if (known !== undefined) return known;
  const skip = tools.limits.reasonToSkip(item);
  return skip === undefined ? undefined : { status: "skipped", reason: skip };
}

interface Attempt {
  readonly atom: Atom;
  readonly open: readonly Case[];
  readonly attempt: number;
  readonly lines: Line[];
  readonly settled: Map<string, Ending>;
}

/** One child for the open cases. Returns the case that ended it early, if one did; that case is settled then. */
async function attemptAtom(
  { atom, open, attempt, lines, settled }: Attempt,
  tools: AtomTools,
): Promise<string | undefined> {
  const { options, signal, events } = tools;
  let touching: string | undefined;
  const onReply = (reply: Reply) => {
    if (reply.type === "touching") touching = reply.caseId;
    if (reply.type === "line") lines.push(reply.line);
    if (reply.type === "failed") {
      const { caseId: id, status, reason, error } = reply;
      settled.set(id, { status, reason, error });
    }
    const activity = activityOf(reply, atom, { touching, lines });
    if (activity !== undefined) events.onActivity(activity);
  };
  const limits = {
    timeoutSeconds: patienceWith(open, options),
    memoryLimitBytes: memoryLimitOf(tools),
    signal,
    slot: tools.slot,
    caseIds: new Set(open.map(caseId)),
  };
  const outcome = await runChild(requestFor(atom, open, options), limits, onReply);
  if (outcome.failure === undefined || tools.signal.aborted) return undefined;

  const logFile = host.files.join("logs", `${atom.matchup}-${atom.process}-${attempt}.log`);
  writeFileAtomic(host.files.join(tools.paths.folder, logFile), outcome.log);
  const blamed = touching === undefined ? open.map(caseId) : [touching];
  for (const id of blamed) settled.set(id, { ...outcome.failure, logFile });
  return blamed[0];
}

/** Beside others a child has its part of what all may use together. */
function memoryLimitOf({ options, slot = WHOLE_MACHINE }: Pick<AtomTools, "options" | "slot">): Bytes {
  const { memoryLimit, memoryShare, jobs } = options;
  return slot === WHOLE_MACHINE ? memoryLimit : Math.min(memoryLimit, Math.floor(memoryShare / jobs));
}

/** Steps whose times are taken, after a few that compile and warm up. */
const TIMED_STEPS = 20;

/** Times of a few steps of a training, in a child of its own; none where they cannot be taken: the training itself will say why. */
export async function timeSteps(atom: Atom, { options, signal, events }: AtomTools): Promise<readonly Seconds[]> {
  const taken: Seconds[] = [];
  events.onActivity({ phase: "training", atom, contender: `${atom.cases[0]!.contender}, timed steps` });
  const limits = {
    timeoutSeconds: patienceWith(atom.cases, options),
    memoryLimitBytes: options.memoryLimit,
    signal,
    caseIds: new Set(atom.cases.map(caseId)),
  };
  const request = { ...requestFor(atom, atom.cases, options), timedSteps: TIMED_STEPS };
  await runChild(request, limits, (reply) => {
    if (reply.type === "steps") taken.push(...reply.seconds);
  });
  return taken;
}

function requestFor({ process, programs = [] }: Atom, open: readonly Case[], options: RunOptions): AtomRequest {
  const { engine, gpuAdapter, threads, contenderBudget, training, memoryLimit, modules = [] } = options;
  const given = { cases: [...open], programs: [...programs], modules: [...modules] };
  return { type: "atom", engine, gpuAdapter, threads, contenderBudget, training, memoryLimit, process, ...given };
}

function patienceWith(cases: readonly Case[], { contenderBudget }: RunOptions): Seconds {
  if (cases.some(({ kind }) => kind === "training")) return TRAINING_TIMEOUT;
  return Math.max(MINIMUM_TIMEOUT, QUIET_FACTOR * contenderBudget);
}

/** What a word of the child says about what happens now. */
function activityOf(
  reply: Reply,
  atom: Atom,
  { touching, lines }: { readonly touching: string | undefined; readonly lines: readonly Line[] },
): Activity | undefined {
  const nameOf = (id: string | undefined) => atom.cases.find((item) => caseId(item) === id)?.contender;
  const phase = atom.cases[0]!.kind === "training" ? "training" : "measuring";
  if (reply.type === "touching") return { phase, atom, contender: nameOf(reply.caseId), caseId: reply.caseId };
  if (reply.type === "line" && phase === "measuring")
    return {
      phase,
      atom,
      contender: nameOf(reply.line.caseId),
      caseId: reply.line.caseId,
      done: reply.line.round + 1,
      halfWidth: halfWidthOf(lines.filter((line) => line.caseId === reply.line.caseId)),
    };
  if (reply.type !== "progress") return undefined;
  const { done, total, loss, secondsLeft } = reply;
  return { phase, atom, contender: nameOf(touching), caseId: touching, done, total, loss, secondsLeft };
}

function halfWidthOf(lines: readonly Line[]): number | undefined {
  const rounds = lines.flatMap(({ secondsSamples }) =>
    Array.isArray(secondsSamples) && secondsSamples.length > 0 ? [median(secondsSamples as number[])] : [],
  );
  return relativeHalfWidth(rounds);
}

interface Results {
  readonly lines: readonly Line[];
  readonly settled: ReadonlyMap<string, Ending>;
  readonly load: { readonly before: number | undefined; readonly after: number | undefined };
}

/** The atom's lines: measured cases in the order declared, round by round, then the others; the last one says `final`. */
function recordsOf(atom: Atom, { lines, settled, load }: Results, tools: AtomTools): RunRecord[] {
  const byId = new Map(atom.cases.map((item) => [caseId(item), item]));
  const position = new Map(atom.cases.map((item, index) => [caseId(item), index]));
  const measured = lines
    .filter((line) => !settled.has(line.caseId))
    .sort((a, b) => position.get(a.caseId)! - position.get(b.caseId)! || a.round - b.round);
  const drafts = [
    ...measured.map((line) => ({
      status: "ok",
      ...correctnessOf(byId.get(line.caseId)!, tools),
      ...asMeasured(line, tools),
    })),
    ...[...settled].map(([id, ending]) => ({ caseId: id, round: 0, startedAt: systemClock.timestamp(), ...ending })),
  ];
  return drafts.map((draft, index) => {
    const item = byId.get(draft.caseId)!;
    return recordSchema.parse({
      schema: SCHEMA_VERSION,
      ...draft,
      ...(draft.round === 0 && load.before !== undefined ? { load } : {}),
      key: caseKey(item, atom.programs),
      codeHash: codeOf(item, atom.programs),
      matchup: atom.matchup,
      process: atom.process,
      final: index === drafts.length - 1,
      environment: tools.environmentHash,
      case: item,
    });
  });
}

/** A training beside others claims no step times but those taken alone. */
function asMeasured(line: Line, { stepTimes }: AtomTools): Line {
  if (stepTimes === undefined || line["training"] === undefined) return line;
  const aloneStepSecondsSamples = stepTimes.get(line.caseId) ?? [];
  return { ...line, training: { ...line["training"], aloneStepSecondsSamples } };
}

function correctnessOf(item: Case, tools: AtomTools): { correctness?: { largestError: number; tolerance: number } } {
  const gate = gateOf(item, tools.correctness);
  return gate === undefined ? {} : { correctness: { largestError: gate.largestError, tolerance: gate.tolerance } };
}
