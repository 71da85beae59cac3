/** A screen fits into a terminal of 80 × 24, and is no larger on others. */
const widest = 80;
const tallest = 23;
/** Free on the left and on the right. */
export const margin = 2;

/** How many columns are written on. */
export function widthOf(columns: number): number {
  return Math.min(columns, widest) - 2 * margin;
}

/** One row less than the terminal has: what fills it is drawn anew as a whole with each key. */
export function heightOf(rows: number): number {
  return Math.min(rows - 1, tallest);
}

/** How many rows of a list fit beside what stands around it. */
export function listRowsOf(rows: number): number {
  return Math.max(3, Math.min(9, rows - 15));
}
