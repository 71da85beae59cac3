import { useReducer, useRef } from "react";

/** State that a key handler can read at once: several keys may come in before the screen is drawn again. */
export function useLatest<Value>(initial: Value): [{ readonly current: Value }, (value: Value) => void] {
  const latest = useRef(initial);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  return [
    latest,
    (value) => {
      latest.current = value;
      draw();
    },
  ];
}
