/** What may take its time: a sync waits for news and has a bound of its own, and a file is as long as it is. */
const unbounded = /\/sync(\?|$)|\/upload(\?|$)/;

/**
 * `fetch`, with an end for a request that nothing comes back to: the SDK would wait for it for ever, and all that stands
 * behind it. What is thrown then counts as a connection that failed, which is tried again.
 */
export function createPatientFetch(patienceMs: number): typeof fetch {
  return (input, init = {}) => {
    if (unbounded.test(addressOf(input))) return fetch(input, init);
    const late = AbortSignal.timeout(patienceMs);
    return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, late]) : late });
  };
}

function addressOf(input: string | URL | Request): string {
  return input instanceof Request ? input.url : String(input);
}
