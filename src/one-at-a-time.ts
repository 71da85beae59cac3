/** Has works done one after the other, in the order in which they were asked for. */
export interface OneAtATime {
  /** Resolves or rejects as the work does. One that fails holds up none behind it. */
  do<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all that was asked for until now is over. */
  settled(): Promise<void>;
}

export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return {
    do(work) {
      const mine = last.then(work);
      last = mine.catch(() => {});
      return mine;
    },
    async settled() {
      await last;
    },
  };
}
