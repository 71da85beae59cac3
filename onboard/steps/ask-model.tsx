import { messageOf } from "../../src/errors.ts";
import { ModelError } from "../../src/model-error.ts";
import type { ModelInfo, Provider } from "../../src/provider.ts";
import { describeModel } from "../connection.ts";
import { Frame, type Place } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { useKeys } from "../parts/use-keys.ts";
import { useOnce } from "../parts/use-once.ts";

interface AskModelProps {
  place: Place;
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
  const failure = (error: unknown) => () => {
    const isMissing = error instanceof ModelError && error.kind === "missing-model";
    if (isMissing && provider.pullModel) onMissing();
    else onProblem(messageOf(error));
  };
  useOnce(
    (signal) => describeModel(provider, id, signal).then((model) => () => onKnown(model), failure),
    (tell) => tell(),
  );
  return (
    <Frame place={place} question="Which model?" keys="Esc back">
      <Spinner>{`Asking about ${id} …`}</Spinner>
    </Frame>
  );
}
