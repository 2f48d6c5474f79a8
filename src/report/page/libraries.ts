// What draws charts in a browser.

/** Browser builds of libraries: package and file beside its main file. */
export const LIBRARIES = [
  ["chart.js", "chart.umd.min.js"],
  ["chartjs-chart-error-bars", "index.umd.min.js"],
] as const;
