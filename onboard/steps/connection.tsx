import { useState } from "react";
import type { ProviderAnswer } from "../answers.ts";
import { type Connection, type ConnectionTools, connect } from "../connection.ts";
import { Frame, type Place } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { TryAgain } from "../parts/try-again.tsx";
import { useKeys } from "../parts/use-keys.ts";
import { useOnce } from "../parts/use-once.ts";

interface ConnectionStepProps {
  place: Place;
  provider: ProviderAnswer;
  tools: ConnectionTools;
  /** The provider answered. */
  onConnected(connection: Extract<Connection, { problem?: undefined }>): void;
  onBack(): void;
}

/** Really asks the provider, and goes on by itself when it answers. */
export function ConnectionStep({ place, provider, tools, onConnected, onBack }: ConnectionStepProps) {
  const [problem, setProblem] = useState<string>();
  if (problem === undefined)
    return (
      <Asking
        {...{ place, provider, tools, onBack }}
        onDone={(connection) => {
          if (connection.problem === undefined) onConnected(connection);
          else setProblem(connection.problem);
        }}
      />
    );
  return (
    <Frame place={place} question={`${provider.section} cannot be used like this`} keys="↑↓ choose · Enter · Esc back">
      <TryAgain problem={problem} onAgain={() => setProblem(undefined)} onBack={onBack} />
    </Frame>
  );
}

type AskingProps = Pick<ConnectionStepProps, "place" | "provider" | "tools" | "onBack"> & {
  onDone(connection: Connection): void;
};

function Asking({ place, provider, tools, onDone, onBack }: AskingProps) {
  useKeys(({ type }) => {
    if (type === "escape" || type === "left") onBack();
  });
  useOnce((signal) => connect(provider, tools, { signal }), onDone);
  return (
    <Frame place={place} question="Trying the connection" keys="Esc back">
      <Spinner>{`Asking ${provider.section} which models it has …`}</Spinner>
    </Frame>
  );
}
