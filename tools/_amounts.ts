/** `1 file`, `1,234 files`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** `812 bytes`, `1.2 kB`, `34 MB`. */
export function sized(bytes: number): string {
  if (bytes < 1000) return counted(bytes, "byte");
  const [unit, divisor] = bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
  const amount = bytes / Number(divisor);
  return `${amount.toFixed(amount < 10 ? 1 : 0)} ${unit}`;
}
