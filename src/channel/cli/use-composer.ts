import { useRef, useState } from "react";
import { type Composer, emptyComposer } from "./composer.ts";

export interface ComposerState {
  /** As of this rendering. */
  current: Composer;
  /** As of the last key: several can come before the screen is rendered again. */
  latest(): Composer;
  set(composer: Composer): void;
}

export function useComposer(): ComposerState {
  const [current, setCurrent] = useState(emptyComposer);
  const latest = useRef(emptyComposer);
  return {
    current,
    latest: () => latest.current,
    set(composer) {
      latest.current = composer;
      setCurrent(composer);
    },
  };
}
