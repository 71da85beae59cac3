/** The vectors of one collection by id: an index that can be thrown away and made anew from the texts. */
export interface VectorIndex {
  readonly name: string;
  /** Is on the disk when it resolves. A known id gets the new vector. */
  upsert(items: readonly VectorItem[]): Promise<void>;
  /** Ids that are not there are passed over. */
  delete(ids: readonly string[]): Promise<void>;
  /** Nearest first, parts left out. `only`: nothing but these, parts or not; ids that are not there are passed over. */
  query(vector: Float32Array, limit: number, only?: readonly string[]): Promise<VectorHit[]>;
  /** Which of these are there. */
  has(ids: readonly string[]): Promise<Set<string>>;
  ids(): Promise<Set<string>>;
  count(): Promise<number>;
}

export interface VectorItem {
  id: string;
  vector: Float32Array;
  /** A part of something else that is there whole: a query finds it only when it is named. An id never becomes one, or ceases to be. */
  isPart?: boolean;
}

export interface VectorHit {
  id: string;
  /** Cosine: 1 for the same direction, 0 for nothing in common, down to -1. */
  similarity: number;
}

/**
 * All collections of this installation. Every method, and every method of an index that it gives, throws
 * VectorIndexAwayError while the vectors cannot be reached; an index goes on by itself when they are back.
 * What an index holds may be less than what was put into it, after somebody deleted it: `ids` and `count` tell the truth.
 */
export interface VectorIndexes extends AsyncDisposable {
  /**
   * Makes the collection when it is not there. The name has 3 to 128 letters, digits, dots, dashes and underscores, and
   * begins and ends with a letter or digit.
   */
  open(name: string, dimension: number): Promise<VectorIndex>;
  names(): Promise<string[]>;
  /** A name that is not there is passed over. */
  drop(name: string): Promise<void>;
  state(): VectorIndexesState;
  /** Calls back each time that the vectors can be reached again. Gives a function that ends it. */
  onBack(listener: () => void): () => void;
}

export interface VectorIndexesState {
  kind: "chroma" | "exact";
  /** True while every call throws VectorIndexAwayError. */
  away: boolean;
  /** One sentence for the person: which of them it is, and why. */
  text: string;
}

/** The vectors cannot be reached now. The message is one sentence that says why and what to do. */
export class VectorIndexAwayError extends Error {
  override name = "VectorIndexAwayError";
}
