/** How long and how much one request may take. */
export interface EgressLimits {
  /** For the look-up, and again for the connection. */
  connectMs: number;
  /** From the request to the answer's headers. */
  headersMs: number;
  /** Between two pieces of the body. */
  idleMs: number;
  /** For all of it, with redirects. */
  totalMs: number;
  redirects: number;
  headerBytes: number;
  /** How many bytes may come out of a compressed one. */
  ratio: number;
}

export const defaultEgressLimits: EgressLimits = {
  ...{ connectMs: 5_000, headersMs: 30_000, idleMs: 30_000, totalMs: 60_000 },
  ...{ redirects: 5, headerBytes: 64 * 1024, ratio: 100 },
};
