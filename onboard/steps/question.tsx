import { useState } from "react";
import { Frame, type Place } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { TextInput } from "../parts/text-input.tsx";
import { useKeys } from "../parts/use-keys.ts";
import { useOnce } from "../parts/use-once.ts";

export interface QuestionProps {
  place: Place;
  question: string;
  help: string;
  initial: string;
  /** Typed hidden. */
  hidden?: boolean;
  /** What is wrong with an answer, in a sentence; may ask a server. */
  check(text: string, signal: AbortSignal): string | undefined | Promise<string | undefined>;
  /** What is said while a server is asked. */
  waiting?: string;
  onAnswer(text: string): void;
  onBack(): void;
}

/** `checked`: what was typed is looked at. */
type State = { kind: "typed"; problem?: string | undefined } | { kind: "checked" };

/** One line of text that is checked before it is taken; what is wrong is told on the same screen, to try again. */
export function Question({ place, question, help, initial, hidden = false, waiting, ...props }: QuestionProps) {
  const { check, onAnswer, onBack } = props;
  const [typed, setTyped] = useState(initial);
  const [state, setState] = useState<State>({ kind: "typed" });
  const submit = (text: string) => {
    setTyped(text.trim());
    setState({ kind: "checked" });
  };
  const onChecked = (problem: string | undefined) => {
    if (problem === undefined) onAnswer(typed);
    else setState({ kind: "typed", problem });
  };
  const problem = state.kind === "typed" ? state.problem : undefined;
  const keys = problem ? "Enter try again · Esc back" : "Enter next · Esc back";
  return (
    <Frame place={place} question={question} help={help} problem={problem} keys={keys}>
      {state.kind === "checked" ? (
        <Checking
          check={async (signal) => check(typed, signal)}
          onChecked={onChecked}
          onBack={() => setState({ kind: "typed" })}
        >
          {waiting ?? "Looking at it …"}
        </Checking>
      ) : (
        <TextInput
          initial={typed}
          hidden={hidden}
          onSubmit={submit}
          onBack={onBack}
          onChange={() => setState({ kind: "typed" })}
        />
      )}
    </Frame>
  );
}

interface CheckingProps {
  check(signal: AbortSignal): Promise<string | undefined>;
  onChecked(problem: string | undefined): void;
  onBack(): void;
  children: string;
}

function Checking({ check, onChecked, onBack, children }: CheckingProps) {
  useKeys(({ type }) => {
    if (type === "escape" || type === "left") onBack();
  });
  useOnce(check, onChecked);
  return <Spinner>{children}</Spinner>;
}
