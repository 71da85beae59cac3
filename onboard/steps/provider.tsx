import { Text } from "ink";
import type { ProviderAnswer } from "../answers.ts";
import type { RunningServer } from "../find-running.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { accent } from "../parts/colors.ts";
import { Frame, type Place } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { useKeys } from "../parts/use-keys.ts";
import { type ProviderChoice, providerChoices } from "../provider-choices.ts";
import type { Setup } from "../setup.ts";

interface ProviderStepProps {
  place: Place;
  setup: Setup;
  /** Answered for other models. */
  earlier: readonly ProviderAnswer[];
  /** What is chosen now, and whether it was found ready. */
  current: { section: string; ready: boolean } | undefined;
  /** Servers that run here, by type; undefined while they are looked for. */
  running: ReadonlyMap<string, RunningServer> | undefined;
  onAnswer(choice: ProviderChoice): void;
  onBack(): void;
}

const question = "Where do its models come from?";
const keys = "↑↓ choose · Enter next · Esc back";

export function ProviderStep({ place, setup, earlier, current, running, onAnswer, onBack }: ProviderStepProps) {
  if (!running) return <Looking {...{ place, onBack }} />;
  const choices = providerChoices(setup, earlier, running);
  const isMarked = ({ answer, ready }: ProviderChoice) =>
    current ? answer.section === current.section && ready === current.ready : ready;
  return (
    <Frame
      place={place}
      question={question}
      help="Ollama runs models on your own machine; for the others you need an account or a server."
      keys={keys}
    >
      <ChoiceList
        choices={choices.map((choice) => ({
          value: choice,
          label: choice.answer.section,
          detail: <Detail choice={choice} setup={setup} server={running.get(choice.answer.type)} />,
        }))}
        initial={choices.findIndex(isMarked)}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}

function Looking({ place, onBack }: Pick<ProviderStepProps, "place" | "onBack">) {
  useKeys(({ type }) => {
    if (type === "escape" || type === "left") onBack();
  });
  return (
    <Frame place={place} question={question} keys="Esc back">
      <Spinner>Looking for models on this machine …</Spinner>
    </Frame>
  );
}

interface DetailProps {
  choice: ProviderChoice;
  setup: Setup;
  server: RunningServer | undefined;
}

function Detail({ choice: { answer, known, ready }, setup, server }: DetailProps) {
  if (ready && !known && server)
    return <Text {...accent()}>found running here, with {plural(server.models, "model")}</Text>;
  if (ready) return <Text dimColor>another model of it</Text>;
  if (known)
    return <Text dimColor>as it is set up now{answer.section === answer.type ? "" : ` (${answer.type})`}</Text>;
  if (server) return <Text dimColor>at another address</Text>;
  return <Text dimColor>{setup.modules.get(answer.type)?.description}</Text>;
}

function plural(count: number, word: string): string {
  return count === 0 ? `no ${word} yet` : `${count} ${word}${count === 1 ? "" : "s"}`;
}
