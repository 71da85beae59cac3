import { useState } from "react";
import { nameProblem } from "../answers.ts";
import { Frame, type Place } from "../parts/frame.tsx";
import { TextInput } from "../parts/text-input.tsx";

interface NameStepProps {
  place: Place;
  initial: string;
  onAnswer(name: string): void;
  onBack(): void;
}

export function NameStep({ place, initial, onAnswer, onBack }: NameStepProps) {
  const [problem, setProblem] = useState<string>();
  const submit = (name: string) => {
    const wrong = nameProblem(name);
    return wrong ? setProblem(wrong) : onAnswer(name.trim());
  };
  return (
    <Frame
      place={place}
      question="What shall your agent be called?"
      help="A few questions, then it can begin. Nothing is written before the end, and you can change every answer later by running this again."
      problem={problem}
      keys="Enter next"
    >
      <TextInput initial={initial} onSubmit={submit} onBack={onBack} onChange={() => setProblem(undefined)} />
    </Frame>
  );
}
