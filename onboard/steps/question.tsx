import { useEffect, useState } from "react";
import { Frame } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { TextInput } from "../parts/text-input.tsx";
import { useKeys } from "../parts/use-keys.ts";

export interface QuestionProps {
  place: string;
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

/** One line of text that is checked before it is taken. */
export function Question({ place, question, help, initial, hidden = false, waiting, ...props }: QuestionProps) {
  const { check, onAnswer, onBack } = props;
  const [typed, setTyped] = useState(initial);
  const [checking, setChecking] = useState(false);
  const [problem, setProblem] = useState<string>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: one check for one answer
  useEffect(() => {
    if (!checking) return;
    const leaving = new AbortController();
    void Promise.resolve(check(typed, leaving.signal)).then((wrong) => {
      if (leaving.signal.aborted) return;
      if (wrong === undefined) return onAnswer(typed);
      setProblem(wrong);
      setChecking(false);
    });
    return () => leaving.abort();
  }, [checking]);

  const submit = (text: string) => {
    setTyped(text.trim());
    setProblem(undefined);
    setChecking(true);
  };
  return (
    <Frame place={place} question={question} help={help} problem={problem} keys="Enter next · Esc back">
      {checking ? (
        <Waiting onBack={() => setChecking(false)}>{waiting ?? "Looking at it …"}</Waiting>
      ) : (
        <TextInput
          initial={typed}
          hidden={hidden}
          onSubmit={submit}
          onBack={onBack}
          onChange={() => setProblem(undefined)}
        />
      )}
    </Frame>
  );
}

function Waiting({ children, onBack }: { children: string; onBack(): void }) {
  useKeys(({ type }) => {
    if (type === "escape" || type === "left") onBack();
  });
  return <Spinner>{children}</Spinner>;
}
