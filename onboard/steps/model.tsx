import { Text } from "ink";
import { useState } from "react";
import type { ModelInfo, Provider } from "../../src/provider.ts";
import { modelDetail } from "../model-detail.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { warning } from "../parts/colors.ts";
import { Frame, type Place } from "../parts/frame.tsx";
import { AskModel } from "./ask-model.tsx";
import { FetchModel } from "./fetch-model.tsx";
import { ToollessModel } from "./toolless-model.tsx";

interface ModelStepProps {
  place: Place;
  section: string;
  provider: Provider;
  models: readonly ModelInfo[];
  /** Chosen before this one. */
  taken: readonly string[];
  current: string | undefined;
  onAnswer(model: ModelInfo): void;
  onBack(): void;
}

/** `asked`: the provider is asked about the model; `toolless`: it cannot call tools; `missing`: it could be fetched. */
type State =
  | { kind: "list"; problem: string | undefined }
  | { kind: "asked"; id: string }
  | { kind: "toolless"; model: ModelInfo }
  | { kind: "missing"; id: string };

export function ModelStep({ place, section, provider, models, taken, current, onAnswer, onBack }: ModelStepProps) {
  const [state, setState] = useState<State>({ kind: "list", problem: undefined });
  const ask = (id: string) => (taken.includes(id) ? list(`${id} is chosen already.`) : setState({ kind: "asked", id }));
  const list = (problem?: string) => setState({ kind: "list", problem });

  if (state.kind === "asked")
    return (
      <AskModel
        place={place}
        provider={provider}
        id={state.id}
        onKnown={(model) => (model.tools === false ? setState({ kind: "toolless", model }) : onAnswer(model))}
        onMissing={() => setState({ kind: "missing", id: state.id })}
        onProblem={list}
        onBack={() => list()}
      />
    );
  if (state.kind === "toolless")
    return (
      <ToollessModel place={place} model={state.model} onAnswer={() => onAnswer(state.model)} onBack={() => list()} />
    );
  if (state.kind === "missing")
    return (
      <FetchModel
        place={place}
        section={section}
        provider={provider}
        id={state.id}
        onFetched={() => ask(state.id)}
        onBack={() => list()}
      />
    );

  const rows = [...models].sort((a, b) => Number(a.tools === false) - Number(b.tools === false));
  return (
    <Frame
      place={place}
      question="Which model?"
      help={helpFor(section, models.length, provider.pullModel !== undefined)}
      problem={state.problem}
      keys="↑↓ choose · type to search · Enter next · Esc back"
    >
      <ChoiceList
        filter
        choices={rows.map((model) => ({
          value: model.id,
          label: model.id,
          detail: <Detail model={model} isTaken={taken.includes(model.id)} />,
        }))}
        initial={rows.findIndex(({ id }) => id === current)}
        onFree={ask}
        freeLabel={(text) => `use "${text}"`}
        empty="type the name of a model"
        onChoose={ask}
        onBack={onBack}
      />
    </Frame>
  );
}

function Detail({ model, isTaken }: { model: ModelInfo; isTaken: boolean }) {
  if (isTaken) return <Text dimColor>chosen already</Text>;
  if (model.tools === false) return <Text {...warning()}>! cannot call tools</Text>;
  return <Text dimColor>{modelDetail(model)}</Text>;
}

function helpFor(section: string, count: number, canFetch: boolean): string {
  const fetch = canFetch ? " Type the name of another, such as qwen3, to have it fetched." : "";
  if (count > 0) return `${section} answers: ${count === 1 ? "one model" : `${count} models`}.${fetch}`;
  return `${section} answers, but has no model yet.${fetch}`;
}
