// What generating models made, side by side: as data for the page, and as one SVG file that carries its images.

import { groupBy } from "#base/group";
import type { Result } from "#evidence/result";
import { datasets } from "#data/sets/registry";
import { wordOf } from "./charts/facets.ts";
import { labelOfResult } from "./palette.ts";
import type { SampleSheet } from "./report-data.ts";

/** As many classes a grid of samples shows. */
const MOST_CLASSES = 10;

/** A sheet for each data set and model size: what the first seed of each contender made. @param pictures by case */
export function sampleSheets(
  suite: string,
  results: readonly Result[],
  pictures: ReadonlyMap<string, Buffer> = new Map(),
): readonly SampleSheet[] {
  const made = results.flatMap((result) => {
    const png = pictures.get(result.id);
    return png === undefined || result.training === undefined || result.stale ? [] : [{ result, png }];
  });
  return [...groupBy(made, ({ result: { axes } }) => `${axes["dataset"]}-${axes["variant"]}`)].map(
    ([name, members]) => {
      const { axes, training } = members[0]!.result;
      const { method = "", dataLabel, synthetic } = training!.first;
      const words = ["dataset", "variant"].map((axis) => wordOf(axis, axes[axis]!));
      return {
        id: `${suite}-samples-${name}`,
        title: `Samples below real images — ${words.join(", ")}`,
        note: [
          `First row: real images of the test split; a column per class${classNames(String(axes["dataset"]))}`,
          `seed ${axes["seed"]}, ${axes["steps"]} training steps, ${dataLabel}${synthetic ? " (synthetic)" : ""}, scale ${axes["scale"]}`,
          method,
        ].join(". "),
        grids: members.map(({ result, png }) => ({ caseId: result.id, label: labelOfResult(result), png })),
      };
    },
  );
}

function classNames(dataset: string): string {
  const { classes = [] } = datasets.has(dataset) ? (datasets.get(dataset) as { classes?: readonly string[] }) : {};
  const shown = classes.slice(0, MOST_CLASSES);
  return shown.length === 0 ? "" : `: ${shown.join(", ")}${classes.length > shown.length ? " …" : ""}`;
}

const COLUMNS = 3;
const BLOCK = 320;
const GAP = 16;
const LINE = 20;

/** Grids in rows of three with their names above them. */
export function sheetSvg({ title, grids }: SampleSheet): string {
  const sizes = grids.map(({ png }) => sizeOf(png));
  const tallest = Math.max(...sizes.map(({ width, height }) => (BLOCK * height) / width));
  const columns = Math.min(COLUMNS, grids.length);
  const [width, rowHeight] = [columns * (BLOCK + GAP) + GAP, tallest + LINE + GAP];
  const height = GAP + LINE + Math.ceil(grids.length / columns) * rowHeight;
  const blocks = grids.map(({ label, png }, index) => {
    const [x, y] = [GAP + (index % columns) * (BLOCK + GAP), GAP + LINE + Math.floor(index / columns) * rowHeight];
    const { width: wide, height: high } = sizes[index]!;
    return `<text x="${x}" y="${y + 14}" font-size="12">${escaped(label)}</text><image x="${x}" y="${y + LINE}" width="${BLOCK}" height="${((BLOCK * high) / wide).toFixed(1)}" style="image-rendering:pixelated" href="data:image/png;base64,${png.toString("base64")}"/>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height.toFixed(0)}" font-family="DejaVu Sans, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/><text x="${GAP}" y="${GAP + 6}" font-size="15" font-weight="bold">${escaped(title)}</text>${blocks.join("")}</svg>
`;
}

/** A PNG file says its size in its first chunk. */
function sizeOf(png: Buffer): { readonly width: number; readonly height: number } {
  return png.length < 24
    ? { width: 1, height: 1 }
    : { width: png.readUInt32BE(16) || 1, height: png.readUInt32BE(20) || 1 };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
