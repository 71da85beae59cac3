import type { TextProps } from "ink";

type Style = Pick<TextProps, "color" | "bold">;

/** The one accent. Without colours (no-color.org) it is bold alone. Legible on dark and on light. */
export const accent = (): Style => colored("cyan", { bold: true });

/** What is wrong, or not as good as it could be. */
export const warning = (): Style => colored("red");

function colored(color: string, style: Style = {}): Style {
  return process.env.NO_COLOR ? style : { ...style, color };
}
