import { useEffect, useRef, useState } from "react";

/** How long a first Ctrl-C is remembered. */
const rememberedMs = 2000;

/** Ctrl-C: `once` the first time, `twice` when it comes again soon. `isArmed`: the next one leaves. */
export function useInterrupt(once: () => void, twice: () => void): { isArmed: boolean; interrupt(): void } {
  const [isArmed, setArmed] = useState(false);
  const lastAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (!isArmed) return;
    const timer = setTimeout(() => setArmed(false), rememberedMs);
    return () => clearTimeout(timer);
  }, [isArmed]);

  return {
    isArmed,
    interrupt() {
      const isSecond = performance.now() - lastAt.current < rememberedMs;
      lastAt.current = performance.now();
      setArmed(true);
      if (isSecond) twice();
      else once();
    },
  };
}
