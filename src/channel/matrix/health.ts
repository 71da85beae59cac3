/** How the connection of one account is. */
export interface MatrixHealth {
  lastSyncAt?: Date;
  /** Events of the last two minutes that could not be read; from three on the connection counts as degraded. */
  undecryptable: number;
  /** Events that are kept until their keys come. */
  waitingForKeys: number;
  /** The device's keys are on the disk, and the homeserver has the same. */
  keysStored: boolean;
  /** The account's own cross-signing identity has signed this device: its owner sees it as verified. */
  crossSigned: boolean;
  /** New keys are backed up at the homeserver, and the backup can be read here. */
  backup: boolean;
  /** One sentence, with its remedy. */
  problem?: string;
}

/** What can be wrong at the same time; the first that is there is the one that is told. */
export const troubles = ["login", "store", "homeserver", "handling", "keys"] as const;
export type Trouble = (typeof troubles)[number];

/** Collects what the parts of a connection know about its state. */
export interface HealthRecord {
  synced(): void;
  failedToDecrypt(): void;
  setKeys(keys: Pick<MatrixHealth, "keysStored" | "crossSigned" | "backup">): void;
  /** Says what is wrong, or with undefined that it no longer is. */
  set(trouble: Trouble, sentence: string | undefined): void;
  read(waitingForKeys: number): MatrixHealth;
}

const freshMs = 120_000;

export function createHealthRecord(now: () => Date): HealthRecord {
  const sentences = new Map<Trouble, string>();
  let lastSyncAt: Date | undefined;
  let failures: number[] = [];
  let keys = { keysStored: false, crossSigned: false, backup: false };
  const fresh = () => failures.filter((at) => now().getTime() - at < freshMs);

  return {
    synced() {
      lastSyncAt = now();
    },
    failedToDecrypt() {
      failures = [...fresh(), now().getTime()];
    },
    setKeys(states) {
      keys = states;
    },
    set(trouble, sentence) {
      if (sentence === undefined) sentences.delete(trouble);
      else sentences.set(trouble, sentence);
    },
    read(waitingForKeys) {
      const worst = troubles.find((trouble) => sentences.has(trouble));
      return {
        ...keys,
        ...{ undecryptable: fresh().length, waitingForKeys },
        ...(lastSyncAt === undefined ? {} : { lastSyncAt }),
        ...(worst === undefined ? {} : { problem: sentences.get(worst) as string }),
      };
    },
  };
}
