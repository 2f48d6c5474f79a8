/** Marks what `defineMixer` and `defineContender` return: a file may export other things beside. */
export const KIND = Symbol.for("lightnet-bench.kind");
