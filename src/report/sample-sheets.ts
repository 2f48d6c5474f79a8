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

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface SheetLayout {
  readonly width: number;
  readonly height: number;
  /** where the title begins */
  readonly title: { readonly x: number; readonly y: number };
  readonly blocks: readonly {
    readonly label: string;
    readonly labelAt: { readonly x: number; readonly y: number };
    readonly png: Buffer;
    /** a picture of a usual size, so that it may be decoded */
    readonly isDrawable: boolean;
    readonly box: Box;
  }[];
}

/** Grids in rows of three with their names above them, in CSS pixels. */
export function layOutSheet({ grids }: SampleSheet): SheetLayout {
  const sizes = grids.map(({ png }) => sizeOf(png));
  const heights = sizes.map(({ width, height }) => (width === 0 ? BLOCK : (BLOCK * height) / width));
  const columns = Math.min(COLUMNS, grids.length);
  const rowHeight = Math.max(...heights) + LINE + GAP;
  return {
    width: columns * (BLOCK + GAP) + GAP,
    height: Math.round(GAP + LINE + Math.ceil(grids.length / columns) * rowHeight),
    title: { x: GAP, y: GAP + 6 },
    blocks: grids.map(({ label, png }, index) => {
      const [x, y] = [GAP + (index % columns) * (BLOCK + GAP), GAP + LINE + Math.floor(index / columns) * rowHeight];
      const box = { x, y: y + LINE, width: BLOCK, height: heights[index]! };
      return { label, labelAt: { x, y: y + 14 }, png, isDrawable: sizes[index]!.width > 0, box };
    }),
  };
}

/** All grids in one file that carries them. */
export function sheetSvg(sheet: SampleSheet): string {
  const { width, height, title, blocks } = layOutSheet(sheet);
  const parts = blocks.map(
    ({ label, labelAt, png, box }) =>
      `<text x="${labelAt.x}" y="${labelAt.y}" font-size="12">${escaped(label)}</text><image x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height.toFixed(1)}" style="image-rendering:pixelated" href="data:image/png;base64,${png.toString("base64")}"/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/><text x="${title.x}" y="${title.y}" font-size="15" font-weight="bold">${escaped(sheet.title)}</text>${parts.join("")}</svg>
`;
}

/** Larger or longer pictures were made by no training of this program; they get a square. */
const MOST_PIXELS = 4096;
const MOST_RATIO = 8;

/** A PNG file says its size in its first chunk. */
function sizeOf(png: Buffer): { readonly width: number; readonly height: number } {
  const [width, height] = png.length < 24 ? [0, 0] : [png.readUInt32BE(16), png.readUInt32BE(20)];
  const isKnown = width > 0 && height > 0 && Math.max(width, height) <= MOST_PIXELS && height / width <= MOST_RATIO;
  return isKnown ? { width, height } : { width: 0, height: 0 };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
