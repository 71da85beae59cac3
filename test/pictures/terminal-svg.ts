/** A terminal's screen, as an SVG picture of a dark window. `painted`: its lines with escape sequences for the styles. */
export function terminalSvg(
  painted: string,
  { title, columns, rows }: { title: string; columns: number; rows: number },
): string {
  const lines = linesOf(painted).slice(0, rows);
  const width = columns * cell.width + 2 * padding;
  const height = rows * cell.height + 2 * padding + titleBar;
  const baseline = (row: number) => titleBar + padding + (row + 0.75) * cell.height;
  const texts = lines.flatMap((spans, row) => spans.map((span) => drawn(span, baseline(row))));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">
<title>${title}</title>
<rect width="100%" height="100%" rx="10" fill="${colors.background}"/>
${["#ff5f57", "#febc2e", "#28c840"].map((color, dot) => `<circle cx="${20 + dot * 20}" cy="18" r="6" fill="${color}"/>`).join("\n")}
<g xml:space="preserve" fill="${colors.text}">
${texts.join("\n")}
</g>
</svg>
`;
}

const cell = { width: 8.4, height: 18 };
const padding = 14;
const titleBar = 26;
const colors = { background: "#16191f", text: "#d8dbe2" };
const palette = ["#5c6370", "#ef7a85", "#98c379", "#e5c07b", "#6fa8f0", "#c792ea", "#5ec4d0", "#d8dbe2"];

interface Style {
  color?: string | undefined;
  bold?: boolean;
  dim?: boolean;
  inverse?: boolean;
}

interface Span {
  column: number;
  text: string;
  style: Style;
}

/** The pieces that have one style each, line by line; a screen's text takes one column a character. */
function linesOf(painted: string): Span[][] {
  let style: Style = {};
  return painted.split("\n").map((line) => {
    const spans: Span[] = [];
    let column = 0;
    for (const [, codes, text = ""] of line.matchAll(/\u001b\[([\d;]*)m|([^\u001b]+)/g)) {
      // A style holds on into the next line.
      if (codes !== undefined) style = codes.split(";").map(Number).reduce(styled, style);
      if (text.trim() !== "" || style.inverse) spans.push({ column, text, style });
      column += [...text].length;
    }
    return spans.filter(({ text }) => text !== "");
  });
}

function styled(before: Style, code: number): Style {
  if (code === 0) return {};
  const color = code >= 30 && code <= 37 ? { color: palette[code - 30] } : undefined;
  return { ...before, ...changes[code], ...color };
}

const changes: Record<number, Style> = {
  1: { bold: true },
  2: { dim: true },
  7: { inverse: true },
  22: { bold: false, dim: false },
  27: { inverse: false },
  39: { color: undefined },
};

function drawn({ column, text, style }: Span, y: number): string {
  const begin = text.length - text.trimStart().length;
  const shown = style.inverse ? text : text.trim();
  const x = padding + (column + (style.inverse ? 0 : begin)) * cell.width;
  const width = [...shown].length * cell.width;
  const looks = [
    ...(style.color ? [`fill="${style.color}"`] : []),
    ...(style.bold ? ['font-weight="bold"'] : []),
    ...(style.dim ? ['opacity="0.6"'] : []),
  ];
  if (style.inverse)
    return `<rect x="${round(x)}" y="${round(y - 13)}" width="${round(width)}" height="${cell.height}" fill="${style.color ?? colors.text}"/>`;
  // The width is said, so that each column stands where it stood whatever font there is.
  return `<text x="${round(x)}" y="${round(y)}" textLength="${round(width)}" ${looks.join(" ")}>${escaped(shown)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
