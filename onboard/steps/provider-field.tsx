import { useState } from "react";
import { type Field, settingFrom, settingText } from "../fields.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";
import { TextInput } from "../parts/text-input.tsx";

interface ProviderFieldStepProps {
  place: Place;
  section: string;
  field: Field;
  /** What stands there now; of a secret `$NAME`. */
  current: unknown;
  /** What is usual here where that is not the setting's own default. */
  usual: unknown;
  /** What is wrong with an answer. */
  check(value: unknown): string | undefined;
  /** Undefined: what stands there is kept, or nothing is to stand there. */
  onAnswer(value: unknown): void;
  onBack(): void;
}

export function ProviderFieldStep({
  place,
  section,
  field,
  current,
  usual,
  check,
  onAnswer,
  onBack,
}: ProviderFieldStepProps) {
  const [problem, setProblem] = useState<string>();
  const { name, question, secret, choices, required } = field;
  const fallback = usual ?? field.default;
  const submit = (typed: string) => {
    if (typed.trim() === "" && required && !secret) return setProblem("This must be answered.");
    if (typed.trim() === "" && (!required || (secret && current !== undefined))) return onAnswer(usual);
    const value = settingFrom(field, typed);
    const wrong = check(value);
    return wrong ? setProblem(wrong) : onAnswer(value);
  };
  const known = settingText(current ?? fallback);

  return (
    <Frame
      place={place}
      question={question ?? name}
      help={helpFor({ ...field, default: fallback }, section, current)}
      problem={problem}
      keys={choices ? "↑↓ choose · Enter next · Esc back" : "Enter next · Esc back"}
    >
      {choices ? (
        <ChoiceList
          choices={choices.map((choice) => ({ value: choice, label: choice }))}
          initial={choices.indexOf(known)}
          onChoose={submit}
          onBack={onBack}
        />
      ) : (
        <TextInput
          initial={secret ? "" : known}
          hidden={secret}
          onSubmit={submit}
          onBack={onBack}
          onChange={() => setProblem(undefined)}
        />
      )}
    </Frame>
  );
}

function helpFor({ secret, required, default: fallback }: Field, section: string, current: unknown): string {
  if (secret && current !== undefined) return `For ${section}. It is known already; Enter keeps it.`;
  if (secret) return `For ${section}. It is kept in .env and nowhere else${required ? "" : "; Enter leaves it out"}.`;
  if (required) return `For ${section}.`;
  return `For ${section}. Left empty it is ${settingText(fallback) || "not set"}.`;
}
