import { stripVTControlCharacters } from "node:util";
import { clean } from "../channel/cli/clean.ts";
import { timeOfDay } from "../channel/cli/clock.ts";
import { columnsOf } from "../channel/cli/graphemes.ts";
import { markdownLines } from "../channel/cli/markdown.ts";
import { paint, type Style, span, wrap } from "../channel/cli/spans.ts";

/** Where the conversation is shown, line by line, never changed afterwards. */
export interface Screen {
  title(text: string): void;
  /** What no person says: who comes in, how things stand. */
  remark(text: string): void;
  said(words: Said): void;
  plain(text?: string): void;
}

export interface Said {
  at: Date;
  name: string;
  who: "person" | "agent" | "other-agent";
  text: string;
  /** Beside the answer, such as the tool calls that led to it. */
  isAside?: boolean;
}

export interface ScreenOptions {
  write(text: string): void;
  /** Styles are used. */
  isTerminal: boolean;
  columns: number;
  timezone: string;
}

const nameColumns = 9;
const widest = 96;
const colors: Record<Said["who"], NonNullable<Style["color"]>> = {
  ...{ person: "cyan", agent: "magenta", "other-agent": "green" },
};

export function createScreen({ write, isTerminal, columns, timezone }: ScreenOptions): Screen {
  const width = Math.min(columns, widest);
  const margin = "00:00  ".length + nameColumns;
  const line = (text: string): void => write(`${text}\n`);
  const styled = (text: string, style: Style): string => (isTerminal ? paint([span(text, style)]) : text);
  const wrapped = (text: string, room: number, style: Style): string[] =>
    wrap([span(text, style)], room).map((one) => styled(one.map((part) => part.text).join(""), style));

  return {
    title(text) {
      const rule = "─".repeat(Math.max(2, width - text.length - 4));
      line(`\n${styled(`── ${text} ${rule}`, { dim: true })}`);
    },
    remark(text) {
      for (const one of wrapped(text, width - margin, { dim: true, italic: true })) line(`${" ".repeat(margin)}${one}`);
    },
    said({ at, name, who, text, isAside = false }) {
      const time = styled(timeOfDay(at, at, timezone), { dim: true });
      const filled = name.padEnd(nameColumns + name.length - columnsOf(name));
      const head = `${time}  ${styled(filled, { bold: true, color: colors[who] })}`;
      const lines =
        who === "person"
          ? wrapped(clean(text), width - margin, {})
          : markdownLines(text.trim(), width - margin, isAside ? { dim: true } : {});
      for (const [index, one] of lines.entries()) {
        const shown = isTerminal ? one : stripVTControlCharacters(one);
        line(index === 0 ? `${head}${shown}` : shown === "" ? "" : `${" ".repeat(margin)}${shown}`);
      }
    },
    plain: (text = "") => line(text),
  };
}
