// What a person should know of a result before trusting it: a code for programs, facts, and the words.

export const WARNINGS = {
  "failed process": ({ process, status, reason }) => `process ${process}: ${status}: ${reason}`,
  environments: ({ count }) => `measured in ${count} environments`,
  throttled: ({ throttled, processes }) => `GPU clocks held down by power or heat in ${throttled} of ${processes}`,
  overhead: ({ share }) => `measuring adds ${percent(share)} % to each sample`,
  "one process": () => "one process: differences between processes are not in the interval",
  "few processes": ({ processes, enough }) => `${processes} processes: headline times need ${enough}`,
  noisy: ({ spread }) => `noisy: rounds spread over ${spread} % of the median`,
  "hardly usable": ({ spread }) => `hardly usable: rounds spread over ${spread} % of the median`,
  "below resolution": ({ rounds, of, clock }) =>
    `${rounds} of ${of} rounds lie below the resolution of the ${clock} clock and are left out`,
} as const satisfies Readonly<Record<string, (facts: Facts) => string>>;

export type WarningCode = keyof typeof WARNINGS;
type Facts = Readonly<Record<string, string | number>>;

export interface Warning {
  readonly code: WarningCode;
  readonly text: string;
  readonly facts: Facts;
}

export function warning(code: WarningCode, facts: Facts = {}): Warning {
  return { code, text: WARNINGS[code](facts), facts };
}

/** Each text once. */
export function distinctWarnings(warnings: readonly Warning[]): Warning[] {
  return [...new Map(warnings.map((one) => [one.text, one])).values()];
}

function percent(share: string | number | undefined): string {
  return (100 * Number(share)).toPrecision(2);
}
