import { useEffect, useEffectEvent } from "react";

/** Does something once, when the screen opens. A screen that goes ends it, and hears no more of it. */
export function useOnce<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  onDone: (result: Result) => void,
): void {
  const begin = useEffectEvent((signal: AbortSignal) => {
    void work(signal).then((result) => {
      if (!signal.aborted) onDone(result);
    });
  });
  useEffect(() => {
    const leaving = new AbortController();
    begin(leaving.signal);
    return () => leaving.abort();
  }, []);
}
