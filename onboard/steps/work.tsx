import { Text } from "ink";
import { useState } from "react";
import { messageOf } from "../../src/errors.ts";
import { accent } from "../parts/colors.ts";
import { Frame } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { TryAgain } from "../parts/try-again.tsx";
import { useOnce } from "../parts/use-once.ts";

interface WorkStepProps {
  /** Does what was answered. Rejects with what the owner has to mend. */
  work(onProgress: (sentence: string) => void, signal: AbortSignal): Promise<void>;
  onDone(): void;
  onBack(): void;
}

/** Shows what is being done; where something fails, it can be tried again here. */
export function WorkStep({ work, onDone, onBack }: WorkStepProps) {
  const [problem, setProblem] = useState<string>();
  if (problem === undefined)
    return (
      <Working
        work={work}
        onEnd={(failure) => {
          if (failure === undefined) onDone();
          else setProblem(failure);
        }}
      />
    );
  return (
    <Frame
      place={undefined}
      question="This did not work yet"
      help="What was made so far is found again when it is tried again."
      keys="↑↓ choose · Enter · Esc back"
    >
      <TryAgain problem={problem} onAgain={() => setProblem(undefined)} onBack={onBack} />
    </Frame>
  );
}

function Working({ work, onEnd }: Pick<WorkStepProps, "work"> & { onEnd(failure: string | undefined): void }) {
  const [said, setSaid] = useState<readonly string[]>([]);
  const onProgress = (sentence: string) =>
    setSaid((before) => (before.at(-1) === sentence ? before : [...before, sentence]));
  useOnce((signal) => work(onProgress, signal).then(() => undefined, messageOf), onEnd);
  return (
    <Frame place={undefined} question="Setting it up" help="This may take a minute or two." keys="">
      {said.slice(0, -1).map((sentence) => (
        <Text key={sentence} wrap="truncate">
          <Text {...accent()}>✓</Text> {sentence}
        </Text>
      ))}
      <Spinner>{said.at(-1) ?? "Beginning"}</Spinner>
    </Frame>
  );
}
