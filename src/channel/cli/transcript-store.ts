import { advance, type Change, emptyTranscript, type Transcript } from "./transcript.ts";

/** The transcript as it stands, and word of each change: what React's `useSyncExternalStore` wants. */
export interface TranscriptStore {
  current(): Transcript;
  change(change: Change): void;
  subscribe(onChange: () => void): () => void;
}

export function createTranscriptStore(agent: string): TranscriptStore {
  let transcript = emptyTranscript(agent);
  const listeners = new Set<() => void>();
  return {
    current: () => transcript,
    change(change) {
      transcript = advance(transcript, change);
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
  };
}
