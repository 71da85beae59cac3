import { Text } from "ink";
import type { Source } from "../draft.ts";
import { modelDetail } from "../model-detail.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";

interface MainModelStepProps {
  place: Place;
  sources: readonly Source[];
  current: number;
  onAnswer(main: number): void;
  onBack(): void;
}

export function MainModelStep({ place, sources, current, onAnswer, onBack }: MainModelStepProps) {
  return (
    <Frame
      place={place}
      question="Which model does it begin with?"
      help="The others are there for /model."
      keys="↑↓ choose · Enter next · Esc back"
    >
      <ChoiceList
        choices={sources.map(({ provider, model }, index) => ({
          value: index,
          label: `${model?.id} from ${provider?.section}`,
          detail: model && <Text dimColor>{modelDetail(model)}</Text>,
        }))}
        initial={current}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}
