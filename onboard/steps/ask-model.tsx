import { useEffect } from "react";
import { messageOf } from "../../src/errors.ts";
import { ModelError } from "../../src/model-error.ts";
import type { ModelInfo, Provider } from "../../src/provider.ts";
import { describeModel } from "../connection.ts";
import { Frame } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { useKeys } from "../parts/use-keys.ts";

interface AskModelProps {
  place: string;
  provider: Provider;
  id: string;
  onKnown(model: ModelInfo): void;
  /** The model is not there, but can be fetched. */
  onMissing(): void;
  onProblem(sentence: string): void;
  onBack(): void;
}

/** Waits while the provider is asked about a model. */
export function AskModel({ place, provider, id, onKnown, onMissing, onProblem, onBack }: AskModelProps) {
  useKeys(({ type }) => {
    if (type === "escape" || type === "left") onBack();
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: one request for one model
  useEffect(() => {
    const leaving = new AbortController();
    describeModel(provider, id, leaving.signal).then(
      (model) => leaving.signal.aborted || onKnown(model),
      (error) => {
        if (leaving.signal.aborted) return;
        const canFetch =
          provider.pullModel !== undefined && error instanceof ModelError && error.kind === "missing-model";
        if (canFetch) onMissing();
        else onProblem(messageOf(error));
      },
    );
    return () => leaving.abort();
  }, []);
  return (
    <Frame place={place} question="Which model?" keys="Esc back">
      <Spinner>{`Asking about ${id} …`}</Spinner>
    </Frame>
  );
}
