import { useEffect, useState } from "react";
import type { ProviderAnswer } from "../answers.ts";
import { type Connection, type ConnectionTools, connect } from "../connection.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";

interface ConnectionStepProps {
  place: string;
  provider: ProviderAnswer;
  tools: ConnectionTools;
  /** The provider answered. */
  onConnected(connection: Extract<Connection, { problem?: undefined }>): void;
  onBack(): void;
}

/** Really asks the provider, and goes on by itself when it answers. */
export function ConnectionStep({ place, provider, tools, onConnected, onBack }: ConnectionStepProps) {
  const [attempt, setAttempt] = useState(1);
  const [problem, setProblem] = useState<string>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: one request an attempt; the answers cannot change meanwhile
  useEffect(() => {
    const leaving = new AbortController();
    void connect(provider, tools, { signal: leaving.signal }).then((connection) => {
      if (leaving.signal.aborted) return;
      if (connection.problem === undefined) onConnected(connection);
      else setProblem(connection.problem);
    });
    return () => leaving.abort();
  }, [attempt]);

  const again = () => {
    setProblem(undefined);
    setAttempt(attempt + 1);
  };
  return (
    <Frame
      place={place}
      question="Trying the connection"
      problem={problem}
      keys={problem ? "↑↓ choose · Enter · Esc back" : "Esc back"}
    >
      {problem === undefined && <Spinner>{`Asking ${provider.section} which models it has …`}</Spinner>}
      <ChoiceList
        key={problem}
        choices={
          problem === undefined
            ? []
            : [
                { value: again, label: "Try again" },
                { value: onBack, label: "Change the answers" },
              ]
        }
        empty=""
        onChoose={(choice) => choice()}
        onBack={onBack}
      />
    </Frame>
  );
}
