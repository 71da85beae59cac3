import { constants } from "node:os";

/** Disposes of what `resources` gives before this process ends by a signal: what it has started would outlive it. */
export function endOnSignal(resources: () => AsyncDisposable): Disposable {
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
  const end = (signal: (typeof signals)[number]): void => {
    const exit = (): never => process.exit(128 + constants.signals[signal]);
    resources()[Symbol.asyncDispose]().then(exit, exit);
  };
  for (const signal of signals) process.once(signal, end);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, end);
    },
  };
}
