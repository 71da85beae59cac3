/**
 * An open directory. What is reached through it lies in it, whatever happens meanwhile to the names above it. Its calls
 * throw the system's errors. Whoever opens one disposes of it (`using`).
 */
export interface Directory extends Disposable {
  /** How the system finds `name` in here: for one name, which must not be followed when it is a link. */
  at(name: Name): Name;
  /** Opens the directory of this name; a link is none. */
  enter(name: Name): Directory;
  names(): Name[];
  /** Throws when what `at` gives no longer lies in this directory: to be called once it is open, before it is used. */
  verify(): void;
  /** Makes the names in here as durable as the disk can. */
  flush(): Promise<void>;
}

/** The name of a file; bytes when they are not UTF-8. */
export type Name = string | Buffer;

export function nameFromBytes(bytes: Buffer): Name {
  const name = bytes.toString("utf8");
  return Buffer.from(name).equals(bytes) ? name : bytes;
}
