import { useState } from "react";
import type { ModelInfo } from "../../src/provider.ts";
import { contextTokensProblem, suggestContextTokens } from "../answers.ts";
import { Frame, type Place } from "../parts/frame.tsx";
import { TextInput } from "../parts/text-input.tsx";

interface ContextTokensStepProps {
  place: Place;
  model: ModelInfo;
  current: number | undefined;
  onAnswer(tokens: number): void;
  onBack(): void;
}

export function ContextTokensStep({ place, model, current, onAnswer, onBack }: ContextTokensStepProps) {
  const [problem, setProblem] = useState<string>();
  const window = model.contextTokens;
  const submit = (typed: string) => {
    const tokens = Number(typed.replaceAll(/[\s,_.]/g, "") || Number.NaN);
    const wrong = contextTokensProblem(tokens, window);
    return wrong ? setProblem(wrong) : onAnswer(tokens);
  };
  const most = window === undefined ? "" : ` ${model.id} itself holds up to ${window.toLocaleString("en")}.`;
  return (
    <Frame
      place={place}
      question="How many tokens may it hold in mind at once?"
      help={`16,384 is good for a home machine: more remembers longer conversations and needs more memory.${most}`}
      problem={problem}
      keys="Enter next · Esc back"
    >
      <TextInput
        initial={String(current ?? suggestContextTokens(model))}
        onSubmit={submit}
        onBack={onBack}
        onChange={() => setProblem(undefined)}
      />
    </Frame>
  );
}
