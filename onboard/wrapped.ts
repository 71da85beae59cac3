/** The text in lines of so many columns, broken at spaces: the first behind `begin`, the others below its end. */
export function wrapped(text: string, columns: number, begin = ""): string[] {
  const indent = " ".repeat(begin.length);
  const [first = "", ...words] = text.split(" ");
  const lines = [begin + first];
  for (const word of words) {
    const line = lines.at(-1) ?? "";
    if (line.length + 1 + word.length > columns) lines.push(indent + word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
