// Where the time of training steps goes: by part, by module of the model and by kernel. At every moment one frame is on top, and
// the clock's time goes to it alone, so that the times of all rows add up to that of the steps.

import type { Clock } from "#base/clock";
import type { ScopeKind, ScopeListener } from "#base/scopes";
import type { Bytes, Seconds } from "#base/units";
import type { KernelListener } from "#engine/watched-kernels";
import * as tf from "#engine/tf";

/** Part of a step that is in no other: reading the loss, freeing tensors, the loop. */
export const REST = "rest";

export interface ProfileRow {
  readonly part: string;
  /** pieces of the model, outermost first, as "mixer/operator"; empty outside the model */
  readonly module: string;
  /** empty: between kernels, in TensorFlow.js and in our own code */
  readonly kernel: string;
  /** over all profiled steps, as are seconds and bytes; between kernels 0 */
  calls: number;
  seconds: Seconds;
  bytes: Bytes;
}

interface Frame {
  readonly part: string;
  readonly module: string;
  readonly row: ProfileRow;
  /** nodes of the tape when it began */
  readonly tape: number;
}

/** A node of the tape, as far as gradients are concerned; absent from tfjs's types. */
interface TapeNode {
  gradient?: (...args: unknown[]) => Record<string, () => tf.Tensor>;
}

export class StepProfile implements ScopeListener, KernelListener {
  readonly #clock: Clock;
  readonly #rows = new Map<string, ProfileRow>();
  readonly #stack: Frame[] = [];
  readonly #placed = new WeakSet<TapeNode>();
  #mark: Seconds = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Times of the steps that have ended. */
  rows(): readonly ProfileRow[] {
    return [...this.#rows.values()];
  }

  enter(kind: ScopeKind, name: string): void {
    const { part = REST, module = "" } = this.#stack.at(-1) ?? {};
    switch (kind) {
      case "step":
        return this.#push(REST, "", "");
      case "part":
        return this.#push(name, "", "");
      case "module":
        return this.#push(part, module === "" ? name : `${module}/${name}`, "");
    }
  }

  leave(): void {
    const { tape, part, module } = this.#pop();
    if (part === "forward" || part === "loss") this.#placeGradients(tape, part === "loss" ? "loss" : module);
  }

  begin(kernel: string): void {
    const { part = REST, module = "" } = this.#stack.at(-1) ?? {};
    this.#push(part, module, kernel);
  }

  end(bytes: Bytes): void {
    const { row } = this.#pop();
    row.calls++;
    row.bytes += bytes;
  }

  /** Gradients of what was recorded since `from` count as those of this module, but for those of modules within it. */
  #placeGradients(from: number, module: string): void {
    for (const node of tapeNodes().slice(from)) {
      const { gradient } = node;
      if (gradient === undefined || this.#placed.has(node)) continue;
      this.#placed.add(node);
      const within = <T>(run: () => T): T => {
        this.#push("backward", module, "");
        try {
          return run();
        } finally {
          this.#pop();
        }
      };
      node.gradient = (...args) => {
        const gradients = within(() => gradient(...args));
        return Object.fromEntries(Object.entries(gradients).map(([name, take]) => [name, () => within(take)]));
      };
    }
  }

  #push(part: string, module: string, kernel: string): void {
    this.#lap();
    const key = `${part}\n${module}\n${kernel}`;
    let row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, (row = { part, module, kernel, calls: 0, seconds: 0, bytes: 0 }));
    this.#stack.push({ part, module, row, tape: tapeNodes().length });
  }

  #pop(): Frame {
    this.#lap();
    return this.#stack.pop()!;
  }

  /** Gives the time since the last look at the clock to the frame on top. */
  #lap(): void {
    const now = this.#clock.now();
    const top = this.#stack.at(-1);
    if (top !== undefined) top.row.seconds += now - this.#mark;
    this.#mark = now;
  }
}

/** What is recorded for the gradients that are being taken. */
function tapeNodes(): TapeNode[] {
  const { state } = tf.engine() as unknown as { readonly state: { readonly activeTape?: TapeNode[] | null } };
  return state.activeTape ?? [];
}
