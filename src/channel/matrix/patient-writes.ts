import { diskProblem } from "../../errors.ts";
import type { DeviceDatabase } from "./device-database.ts";

/** Writes to a device's file, one work after the other. While the disk takes nothing they wait, in order. */
export interface PatientWrites {
  /** Written when this returns, or when what it returns resolves. Throws, or rejects, when it never will be. */
  write(work: () => void): Promise<void> | undefined;
  /** Something waits for room. */
  isWaiting(): boolean;
  /** From now on what cannot be written fails, and with it what waits. */
  stopWaiting(): void;
}

export interface PatientWritesOptions {
  device: Pick<DeviceDatabase, "transact">;
  /** Why nothing can be written, in a sentence; undefined when it can again. */
  onWaiting(problem: string | undefined): void;
  /**
   * Something will never be written, and nothing that comes later will be either. What the crypto knows in memory may be
   * ahead of what is stored: only a new start from the disk sets that right.
   */
  onFailure(error: unknown): void;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;

export function createPatientWrites({ device, onWaiting, onFailure }: PatientWritesOptions): PatientWrites {
  let waiting: { work(): void; written: PromiseWithResolvers<void> }[] = [];
  let isPatient = true;
  let failure: { error: unknown } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function fail(error: unknown): void {
    failure = { error };
    const given = waiting;
    waiting = [];
    onFailure(error);
    // The newest first: each is undone on what stood before it.
    for (const { written } of given.reverse()) written.reject(error);
  }

  function tryAgain(pauseMs: number): void {
    try {
      device.transact(() => {
        for (const { work } of waiting) work();
      });
    } catch (error) {
      if (isPatient && diskProblem(error) !== undefined)
        timer = setTimeout(tryAgain, pauseMs, Math.min(pauseMs * 2, longestPauseMs));
      else fail(error);
      return;
    }
    const given = waiting;
    waiting = [];
    onWaiting(undefined);
    for (const { written } of given) written.resolve();
  }

  return {
    write(work) {
      if (failure) throw failure.error;
      if (waiting.length === 0) {
        try {
          device.transact(work);
          return undefined;
        } catch (error) {
          const problem = diskProblem(error);
          if (!isPatient || problem === undefined) {
            fail(error);
            throw error;
          }
          onWaiting(problem);
          timer = setTimeout(tryAgain, firstPauseMs, firstPauseMs * 2);
        }
      }
      const written = Promise.withResolvers<void>();
      waiting.push({ work, written });
      return written.promise;
    },
    isWaiting: () => waiting.length > 0,
    stopWaiting() {
      isPatient = false;
      clearTimeout(timer);
      if (waiting.length > 0) tryAgain(0);
    },
  };
}
