/** Says how far long work with bytes is, from its third second on; on a terminal in one line. */
export interface ByteProgress extends Disposable {
  show(doing: string, bytes: number): void;
}

const quietMs = 2_000;

export function createByteProgress(all?: number): ByteProgress {
  const begun = performance.now();
  const everyMs = process.stderr.isTTY ? 200 : 10_000;
  let shownAt = begun + quietMs - everyMs;
  let isOpen = false;
  return {
    show(doing, bytes) {
      const now = performance.now();
      if (now - shownAt < everyMs) return;
      shownAt = now;
      const share = all ? `, ${Math.min(100, Math.round((100 * bytes) / all))} %` : "";
      const line = `${doing} … ${sizeText(bytes)}${share}`;
      isOpen = process.stderr.isTTY;
      process.stderr.write(isOpen ? `\r${line}\x1b[K` : `${line}\n`);
    },
    [Symbol.dispose]() {
      if (isOpen) process.stderr.write("\r\x1b[K");
    },
  };
}

/** `1.4 MB`. */
export function sizeText(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
