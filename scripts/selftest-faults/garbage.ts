// Messages that no child should send. Each is one trial.

export const GARBAGE: readonly unknown[] = [
  42,
  "text",
  true,
  [],
  {},
  { type: "nonsense" },
  { type: "line" },
  { type: "line", line: { caseId: "unknown", round: 0, startedAt: "then" } },
  { type: "line", line: { caseId: "__proto__", round: -1, startedAt: "2026-01-01T00:00:00Z" } },
  { type: "failed", caseId: "constructor", status: "failed", reason: "\u001B[2J\u0000" },
  { type: "failed", caseId: "unknown", status: "ok", reason: "" },
  { type: "touching", caseId: "toString" },
  { type: "progress", text: "x".repeat(2 ** 20), fraction: 1e308 },
  { type: "gate", results: [] },
  { type: "available", device: null },
  { type: "done", extra: { deep: Array.from({ length: 10_000 }, () => ({})) } },
  { type: "done" },
];
