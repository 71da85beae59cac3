import { useState } from "react";
import { nameProblem } from "../answers.ts";
import { Frame } from "../parts/frame.tsx";
import { TextInput } from "../parts/text-input.tsx";

interface NameStepProps {
  place: string;
  initial: string;
  onAnswer(name: string): void;
}

export function NameStep({ place, initial, onAnswer }: NameStepProps) {
  const [problem, setProblem] = useState<string>();
  const submit = (name: string) => {
    const wrong = nameProblem(name);
    return wrong ? setProblem(wrong) : onAnswer(name.trim());
  };
  return (
    <Frame
      place={place}
      question="What shall your agent be called?"
      help="You can change every answer later by running this again."
      problem={problem}
      keys="Enter next"
    >
      <TextInput initial={initial} onSubmit={submit} onBack={() => {}} onChange={() => setProblem(undefined)} />
    </Frame>
  );
}
