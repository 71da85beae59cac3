import { Text } from "ink";
import type { ProviderModule } from "../../src/provider.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame } from "../parts/frame.tsx";
import type { ProviderChoice } from "../wizard-steps.ts";

interface ProviderStepProps {
  place: string;
  choices: readonly ProviderChoice[];
  /** The section that is chosen now. */
  current: string | undefined;
  modules: ReadonlyMap<string, ProviderModule>;
  running: ReadonlyMap<string, number>;
  onAnswer(choice: ProviderChoice): void;
  onBack(): void;
}

export function ProviderStep({ place, choices, current, modules, running, onAnswer, onBack }: ProviderStepProps) {
  const detail = ({ section, type, known, ready }: ProviderChoice) => {
    if (ready) return <Text color="green">runs on this machine, {plural(running.get(type) ?? 0, "model")}</Text>;
    if (known) return <Text dimColor>as it is set up now{section === type ? "" : ` (${type})`}</Text>;
    if (running.has(type)) return <Text dimColor>at another address</Text>;
    return <Text dimColor>{modules.get(type)?.description}</Text>;
  };
  return (
    <Frame
      // A server that is found while the question stands changes the rows.
      key={running.size}
      place={place}
      question="Where do its models come from?"
      keys="↑↓ choose · Enter next · Esc back"
    >
      <ChoiceList
        choices={choices.map((choice) => ({ value: choice, label: choice.section, detail: detail(choice) }))}
        initial={choices.findIndex(({ section, ready }) => section === current || (!current && ready))}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
