// Names for what is being computed. Nobody listens but a profile: without a listener a scope is one comparison.

/** Told of every scope as it begins and ends; scopes are nested. */
export interface ScopeListener {
  /** "part": data, forward, loss, backward, optimiser; "module": a piece of the model, within a part; "step": all of it */
  enter(kind: ScopeKind, name: string): void;
  leave(): void;
}

export type ScopeKind = "step" | "part" | "module";

let listener: ScopeListener | undefined;

/** Tells `next` of all scopes from now on; undefined: nobody. */
export function listenToScopes(next: ScopeListener | undefined): void {
  listener = next;
}

/** Runs a part of a training step under its name. */
export function inPart<T>(name: string, run: () => T): T {
  return listener === undefined ? run() : within(listener, "part", name, run);
}

/** Runs a piece of a model under its name; within another it is called by both. */
export function inModule<T>(name: string, run: () => T): T {
  return listener === undefined ? run() : within(listener, "module", name, run);
}

/** Runs a part that is waited for; nothing else may run meanwhile. */
export function untilInPart<T>(name: string, run: () => Promise<T>): Promise<T> {
  return listener === undefined ? run() : until(listener, "part", name, run);
}

/** Runs a training step. */
export function inStep<T>(run: () => Promise<T>): Promise<T> {
  return listener === undefined ? run() : until(listener, "step", "step", run);
}

async function until<T>(told: ScopeListener, kind: ScopeKind, name: string, run: () => Promise<T>): Promise<T> {
  told.enter(kind, name);
  try {
    return await run();
  } finally {
    told.leave();
  }
}

function within<T>(told: ScopeListener, kind: ScopeKind, name: string, run: () => T): T {
  told.enter(kind, name);
  try {
    return run();
  } finally {
    told.leave();
  }
}
