import { useWindowSize } from "ink";

/** How many rows of a list fit on the screen beside what stands around it. */
export function useListRows(): number {
  const { rows } = useWindowSize();
  return Math.max(3, Math.min(9, rows - 15));
}
