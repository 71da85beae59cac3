import { Text } from "ink";
import { useState } from "react";
import { messageOf } from "../../src/errors.ts";
import { ModelError } from "../../src/model-error.ts";
import type { ModelInfo, Provider } from "../../src/provider.ts";
import { modelDetail } from "../model-detail.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { FetchModelStep } from "./fetch-model.tsx";

interface ModelStepProps {
  place: string;
  section: string;
  provider: Provider;
  models: readonly ModelInfo[];
  current: string | undefined;
  onAnswer(model: ModelInfo): void;
  onBack(): void;
}

export function ModelStep({ place, section, provider, models, current, onAnswer, onBack }: ModelStepProps) {
  const [asking, setAsking] = useState<string>();
  const [missing, setMissing] = useState<string>();
  const [problem, setProblem] = useState<string>();

  const choose = (id: string) => {
    setProblem(undefined);
    setAsking(id);
    provider
      .describeModel(id)
      .then(onAnswer, (error) => {
        const canFetch =
          provider.pullModel !== undefined && error instanceof ModelError && error.kind === "missing-model";
        return canFetch ? setMissing(id) : setProblem(messageOf(error));
      })
      .finally(() => setAsking(undefined));
  };

  if (missing !== undefined)
    return (
      <FetchModelStep
        place={place}
        section={section}
        provider={provider}
        id={missing}
        onFetched={() => {
          setMissing(undefined);
          choose(missing);
        }}
        onBack={() => setMissing(undefined)}
      />
    );

  const rows = [...models].sort((a, b) => Number(a.tools === false) - Number(b.tools === false));
  return (
    <Frame
      place={place}
      question="Which model?"
      help={helpFor(section, models.length, provider.pullModel !== undefined)}
      problem={problem}
      keys="↑↓ choose · type to search · Enter next · Esc back"
    >
      {asking !== undefined ? (
        <Spinner>{`Asking about ${asking} …`}</Spinner>
      ) : (
        <ChoiceList
          filter
          choices={rows.map((model) => ({ value: model.id, label: model.id, detail: <Detail model={model} /> }))}
          initial={rows.findIndex(({ id }) => id === current)}
          onFree={choose}
          freeLabel={(text) => `use "${text}"`}
          empty="type the name of a model"
          onChoose={choose}
          onBack={onBack}
        />
      )}
    </Frame>
  );
}

function Detail({ model }: { model: ModelInfo }) {
  if (model.tools === false) return <Text color="yellow">cannot call tools: it can only talk</Text>;
  return <Text dimColor>{modelDetail(model)}</Text>;
}

function helpFor(section: string, count: number, canFetch: boolean): string {
  if (count > 0) return `${section} answers: ${count === 1 ? "one model" : `${count} models`}.`;
  return `${section} answers, but has no model yet.${canFetch ? " Type the name of one, such as llama3.2, to have it fetched." : ""}`;
}
