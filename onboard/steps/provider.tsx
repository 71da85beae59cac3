import { Text } from "ink";
import type { Config } from "../../src/config/schema.ts";
import type { ProviderModule } from "../../src/provider.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame } from "../parts/frame.tsx";
import { Spinner } from "../parts/spinner.tsx";
import { type ProviderChoice, providerChoices } from "../wizard-steps.ts";

interface ProviderStepProps {
  place: string;
  existing: Config | undefined;
  /** The section that is chosen now. */
  current: string | undefined;
  modules: ReadonlyMap<string, ProviderModule>;
  /** Types that run here, with the number of their models; undefined while that is being found out. */
  running: ReadonlyMap<string, number> | undefined;
  onAnswer(choice: ProviderChoice): void;
  onBack(): void;
}

export function ProviderStep({ place, existing, current, modules, running, onAnswer, onBack }: ProviderStepProps) {
  const choices = running ? providerChoices(modules, existing, running) : [];
  const detail = ({ section, type, known, ready }: ProviderChoice) => {
    if (ready) return <Text color="green">runs on this machine, {plural(running?.get(type) ?? 0, "model")}</Text>;
    if (known) return <Text dimColor>as it is set up now{section === type ? "" : ` (${type})`}</Text>;
    if (running?.has(type)) return <Text dimColor>at another address</Text>;
    return <Text dimColor>{modules.get(type)?.description}</Text>;
  };
  return (
    <Frame place={place} question="Where do its models come from?" keys="↑↓ choose · Enter next · Esc back">
      {!running && <Spinner>Looking for models on this machine …</Spinner>}
      <ChoiceList
        key={String(!running)}
        empty=""
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
