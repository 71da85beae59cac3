import { Text, useWindowSize } from "ink";
import { wrapped } from "../wrapped.ts";
import { warning } from "./colors.ts";
import { widthOf } from "./screen-size.ts";

/** What is wrong, in a sentence or two. */
export function Problem({ children }: { children: string }) {
  const { columns } = useWindowSize();
  return <Text {...warning()}>{wrapped(children, widthOf(columns), "! ").join("\n")}</Text>;
}
