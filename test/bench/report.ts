import { styleText } from "node:util";

/** Measures, and gives its tables by name; undefined when it was only asked for help. */
export type Bench = (argv: string[]) => Promise<Record<string, Row[]> | undefined>;

/** One line of a table: how it was measured, and what came out. */
export type Row = Record<string, string | number | boolean | null | Quantiles>;

/** Of one measured quantity, in the unit that its name ends in. */
export interface Quantiles {
  n: number;
  p50: number;
  p95: number;
  p99: number;
}

/** By nearest rank, to a hundredth. */
export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN);
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** A figure that has a target, which stands in its row under the figure's name with this behind it. */
const targetSuffix = "Target";

/** What has a target, of all tables of a bench: a line each. */
export function judged(bench: string, tables: Record<string, Row[]>): Row[] {
  return Object.entries(tables).flatMap(([table, rows]) =>
    rows.flatMap((row) =>
      Object.entries(row).flatMap(([key, target]) => {
        if (!key.endsWith(targetSuffix) || typeof target !== "number") return [];
        const figure = key.slice(0, -targetSuffix.length);
        const value = figureIn(row, figure);
        const what = Object.entries(row)
          .filter(([name, cell]) => typeof cell === "string" || /^(messages|agents|chunks|bytes|burstMs)$/.test(name))
          .map(([name, cell]) => (typeof cell === "string" ? cell : `${cell} ${name}`));
        return [{ bench, table, what: what.join(", "), figure, value, target, met: value !== null && value <= target }];
      }),
    ),
  );
}

/** By its name, or as a quantile: `readyMsP95` is p95 of `readyMs`. */
function figureIn(row: Row, name: string): number | null {
  const plain = row[name];
  if (typeof plain === "number") return plain;
  const [, of = "", quantile] = /^(.*)P(50|95|99)$/.exec(name) ?? [];
  const values = row[of];
  return values && typeof values === "object" ? values[`p${quantile}` as "p50" | "p95" | "p99"] : null;
}

/** Prints a report for people: the machine, then one table after the other. */
export function printReport({
  bench,
  machine,
  ...tables
}: { bench: string; machine: Record<string, unknown> } & Record<string, unknown>): void {
  console.log(styleText("bold", bench));
  for (const [name, value] of Object.entries(machine)) console.log(`  ${name.padEnd(12)} ${String(value)}`);
  for (const [name, rows] of Object.entries(tables)) {
    console.log(`\n${styleText("bold", name)}`);
    printTable(rows as Row[]);
  }
}

function printTable(rows: readonly Row[]): void {
  const flat = rows.map(flattened);
  const columns = [...new Set(flat.flatMap((row) => Object.keys(row)))];
  const widths = columns.map((column) =>
    Math.max(column.length, ...flat.map((row) => String(row[column] ?? "–").length)),
  );
  const line = (cells: string[]) => `  ${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("  ")}`;
  console.log(line(columns));
  for (const row of flat) console.log(line(columns.map((column) => String(row[column] ?? "–"))));
}

/** Quantiles stand in columns of their own; how many values they are of is said once. */
function flattened(row: Row): Record<string, string | number | boolean | null> {
  const cells = Object.entries(row).flatMap(([name, value]) => {
    if (value === null || typeof value !== "object") return [[name, value] as const];
    const { n, p50, p95, p99 } = value;
    return [["n", n] as const, [`${name} p50`, p50] as const, ["p95", p95] as const, ["p99", p99] as const].map(
      ([column, cell]) => [column === "p95" || column === "p99" ? `${name} ${column}` : column, cell] as const,
    );
  });
  return Object.fromEntries(cells);
}
