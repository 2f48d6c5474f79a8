// Every error a person may meet: a constant `code`, the facts as fields, the exit code of the
// command line, and a message that says where, which rule, what came, and what to do.

export type Facts = Readonly<Record<string, unknown>>;

/** Exit codes of the command line. */
export const EXIT = {
  ok: 0,
  regression: 1,
  failedCases: 2,
  usage: 3,
  environment: 4,
  incomplete: 5,
  interrupted: 130,
  terminated: 143,
} as const;

/** What each code says, for help and README. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "ok; out of memory, timeout and skipped are results",
  regression: "regression or failed verification",
  failedCases: "some cases failed",
  usage: "wrong usage, incomparable runs or damaged input",
  environment: "something is not available here, or output cannot be written",
  incomplete: "incomplete: the budget ended with work left, or compare misses cases of the baseline",
  interrupted: "SIGINT",
  terminated: "SIGTERM",
};

/** `0 ok · 1 regression … · 143 SIGTERM`: all codes in one sentence. */
export function describeExitCodes(): string {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  return names.map((name) => `${EXIT[name]} ${EXIT_MEANINGS[name]}`).join(" · ");
}

export class HarnessError extends Error {
  override readonly name: string = "HarnessError";
  readonly exitCode: number = EXIT.usage;
  readonly code: string;
  readonly facts: Facts;

  constructor(code: string, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.facts = facts;
  }
}

/** A wrong flag, value or combination: thrown before any work starts. */
export class UsageError extends HarnessError {
  override readonly name = "UsageError";

  constructor(message: string, facts: Facts = {}, options?: ErrorOptions) {
    super("E_USAGE", message, facts, options);
  }
}

/** A name nobody registered; the message offers the nearest and the list. */
export class UnknownNameError extends HarnessError {
  override readonly name = "UnknownNameError";

  constructor(kind: string, given: string, nearest: string | undefined, known: readonly string[]) {
    const hint = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
    super(
      "E_UNKNOWN_NAME",
      `No ${kind} is called "${given}".${hint} ${known.length === 0 ? "There are none yet" : `Known: ${known.join(", ")}`}.`,
      {
        kind,
        given,
        nearest,
        known,
      },
    );
  }
}

/** A tensor or buffer whose size disagrees with the operator's definition. */
export class ShapeError extends HarnessError {
  override readonly name = "ShapeError";

  constructor(where: string, name: string, expected: string, got: readonly number[] | string) {
    const found = typeof got === "string" ? got : `[${got.join(", ")}]`;
    super("E_SHAPE", `${where}: \`${name}\` must be ${expected}, got ${found}.`, { where, name, expected, got });
  }
}

/** A file that is missing, truncated, corrupt or not what its name says. */
export class DataError extends HarnessError {
  override readonly name = "DataError";
  override readonly exitCode = EXIT.environment;

  constructor(path: string, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super("E_DATA", `${path}: ${message}`, { path, ...facts }, options);
  }
}

/** Something this machine lacks: an engine, a device, a library, room on the disk. */
export class EnvironmentError extends HarnessError {
  override readonly name = "EnvironmentError";
  override readonly exitCode = EXIT.environment;

  constructor(message: string, facts: Facts = {}, options?: ErrorOptions) {
    super("E_ENVIRONMENT", message, facts, options);
  }
}

/** A run folder that cannot be read, written or understood. */
export class StoreError extends HarnessError {
  override readonly name = "StoreError";

  constructor(path: string, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super("E_STORE", `${path}: ${message}`, { path, ...facts }, options);
  }
}

/** A result outside its tolerance: the contender may not be timed. */
export class CorrectnessError extends HarnessError {
  override readonly name = "CorrectnessError";
  override readonly exitCode = EXIT.regression;

  constructor(message: string, facts: Facts = {}) {
    super("E_CORRECTNESS", message, facts);
  }
}

/** Text of any thrown value, with the code at its end where there is one. */
export function describeError(error: unknown): string {
  if (error instanceof HarnessError) return `${error.message} [${error.code}]`;
  return error instanceof Error ? error.message : String(error);
}

/** The same without the code: a reason within another message. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
