// One run of the page, from start to end, over pauses and reloads. Whatever interrupts it, going on is always the same: what
// the store holds is taken off the plan, and the rest is measured.

import { systemClock } from "#base/clock";
import { describeError } from "#base/errors";
import type { Seconds } from "#base/units";
import { host } from "#host/current";
import type { Activity } from "#runner/activity";
import { deviceOf } from "#runner/choose-engine";
import { runLocally } from "#runner/executors/local";
import { InterruptedError } from "#runner/interrupted";
import type { Atom } from "#runner/plan";
import { loadManifest, loadRun } from "#store/load";
import { SCHEMA_VERSION, type Manifest, type RunRecord } from "#store/record";
import { RunWriter } from "#store/writer";
import { choicesOf, commandOf, flagsOf, type Choices } from "./choices.ts";
import { endingsOf } from "./crashes.ts";
import { earlierRecords } from "./earlier.ts";
import { optionsOf, planOf, type Plan } from "./plan.ts";

/** Where a run stands. `waiting`: the page is not in view, and it goes on by itself. */
export type State =
  | { readonly kind: "measuring"; readonly isEnding: boolean }
  | { readonly kind: "waiting" }
  | { readonly kind: "paused" }
  | { readonly kind: "stopped"; readonly reason: string }
  | { readonly kind: "finished" };

export interface SessionEvents {
  onState(state: State): void;
  onActivity(activity: Activity): void;
  onAtom(atom: Atom, records: readonly RunRecord[], seconds: Seconds): void;
}

export class Session {
  readonly folder: string;
  readonly choices: Choices;
  readonly #events: SessionEvents;
  state: State = { kind: "paused" };
  manifest: Manifest;
  records: readonly RunRecord[];
  plan: Plan;
  activity: Activity | undefined;
  #abort = new AbortController();
  #pause = new AbortController();
  #why: State = { kind: "paused" };

  private constructor(folder: string, manifest: Manifest, choices: Choices, events: SessionEvents) {
    this.folder = folder;
    this.manifest = manifest;
    this.choices = choices;
    this.#events = events;
    this.records = [];
    this.plan = planOf(choices, []);
  }

  /** A new run in a folder that does not exist. @throws as `planOf` */
  static begin(folder: string, choices: Choices, events: SessionEvents): Session {
    const manifest: Manifest = {
      schema: SCHEMA_VERSION,
      run: host.files.basename(folder),
      command: commandOf(choices),
      scale: choices.scale,
      suites: choices.suites.map(({ id }) => id),
      flags: flagsOf(choices),
      startedAt: systemClock.timestamp(),
      environments: {},
      loadAverage: [],
    };
    const session = new Session(folder, manifest, choices, events);
    session.#writing((writer) => writer.writeManifest(manifest));
    return session;
  }

  /** A run that is there. @throws {StoreError} damaged @throws {UsageError} of another version of the page */
  static open(folder: string, events: SessionEvents): Session {
    const { manifest, records } = loadRun(folder);
    const session = new Session(folder, manifest, choicesOf(manifest), events);
    session.#take(records);
    if (session.plan.remaining.length === 0) session.state = { kind: "finished" };
    return session;
  }

  #take(records: readonly RunRecord[], earlier: readonly (readonly RunRecord[])[] = []): void {
    this.records = records;
    this.plan = planOf(this.choices, records, earlier);
  }

  #writing<T>(use: (writer: RunWriter) => T): T {
    const writer = RunWriter.open(this.folder);
    try {
      return use(writer);
    } finally {
      writer.close();
    }
  }

  #become(state: State): void {
    this.state = state;
    this.#events.onState(state);
  }

  /** Measures what is left until that is done, or until it is paused, stopped, or out of view. */
  async go(): Promise<void> {
    if (this.state.kind === "measuring") return;
    this.#abort = new AbortController();
    this.#pause = new AbortController();
    this.#become({ kind: "measuring", isEnding: false });
    try {
      const { manifest, records } = loadRun(this.folder);
      this.manifest = manifest;
      this.#take(records, earlierRecords(this.choices.engine));
      const left = await this.#measure();
      this.#become(
        left === 0 ? { kind: "finished" } : this.#pause.signal.aborted ? this.#why : { kind: "stopped", reason: SPENT },
      );
    } catch (error) {
      this.#become(error instanceof InterruptedError ? this.#why : { kind: "stopped", reason: describeError(error) });
    }
  }

  async #measure(): Promise<number> {
    const { remaining, estimate } = this.plan;
    const { signal } = this.#abort;
    const options = optionsOf(this.choices, this.folder);
    const device = await deviceOf(options.engine, {}, signal);
    const writer = RunWriter.open(this.folder);
    try {
      return await runLocally({
        atoms: remaining,
        options,
        device,
        writer,
        manifest: this.manifest,
        records: this.records,
        endings: endingsOf(this.folder),
        signal,
        pause: this.#pause.signal,
        events: {
          say: () => undefined,
          onActivity: (activity) => {
            this.activity = activity;
            this.#events.onActivity(activity);
          },
          onAtom: (atom, records, seconds) => {
            estimate.note(atom, seconds);
            this.records = [...this.records, ...records];
            this.manifest = loadManifest(this.folder); // with the environment that the records name
            this.#events.onAtom(atom, records, seconds);
          },
        },
      });
    } finally {
      writer.close();
      this.manifest = loadManifest(this.folder);
      await host.files.saved();
    }
  }

  /** What is measured now goes on to its end; a check of correctness, which keeps each form, ends at once. */
  pause(): void {
    if (this.state.kind === "waiting") return this.#become({ kind: "paused" });
    if (this.state.kind !== "measuring") return;
    this.#why = { kind: "paused" };
    this.#pause.abort();
    if (this.activity === undefined || this.activity.phase === "checking correctness") this.#abort.abort();
    else this.#become({ kind: "measuring", isEnding: true });
  }

  /** Ends at once; the process in work is lost. */
  stop(): void {
    this.#interrupt({ kind: "stopped", reason: "stopped by you" });
  }

  /** The page went out of view: its times would be those of a throttled page. */
  hide(): void {
    if (this.state.kind === "measuring")
      this.#interrupt(this.#pause.signal.aborted ? { kind: "paused" } : { kind: "waiting" });
  }

  /** The page is in view again. */
  async show(): Promise<void> {
    if (this.state.kind === "waiting") await this.go();
  }

  #interrupt(why: State): void {
    if (this.state.kind !== "measuring") return this.#become(why);
    this.#why = why;
    this.#abort.abort();
  }
}

const SPENT = "the time you gave is spent";
