const maxCharacters = 32_000;
/** Longer lines go on in further ones, so that an offset reaches every part of them. */
const maxLineCharacters = 2_000;
const roomForNote = 200;

/** Lines from `offset` on (the first is 1) with their numbers, as many as may be shown, and how to get the rest. */
export function numbered(text: string, { offset = 1, limit }: { offset?: number; limit?: number } = {}): string {
  const lines = linesOf(text);
  if (lines.length === 0) return "[The file is empty.]";
  if (offset > lines.length) return `[The file ends at line ${lines.length}.]`;

  const shown: string[] = [];
  let room = maxCharacters - roomForNote;
  for (const [index, line] of lines.slice(offset - 1, limit && offset - 1 + limit).entries()) {
    const row = `${offset + index}\t${line}`;
    room -= row.length + 1;
    if (room < 0) break;
    shown.push(row);
  }
  const last = offset + shown.length - 1;
  if (last < lines.length) {
    shown.push(`[Lines ${offset} to ${last} of ${lines.length}. The rest: offset ${last + 1}.]`);
  }
  return shown.join("\n");
}

function linesOf(text: string): string[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap(wrapped);
}

function wrapped(line: string): string[] {
  if (line.length <= maxLineCharacters) return [line];
  const pieces = line.match(new RegExp(`.{1,${maxLineCharacters}}`, "gsu")) ?? [];
  return pieces.map((piece, index) => (index < pieces.length - 1 ? `${piece} [the line goes on]` : piece));
}
