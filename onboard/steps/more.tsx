import { Text } from "ink";
import type { Config } from "../../src/config/schema.ts";
import type { Source } from "../draft.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { accent } from "../parts/colors.ts";
import { Frame, type Place } from "../parts/frame.tsx";

interface MoreStepProps {
  place: Place;
  /** Those chosen so far, up to this screen. */
  sources: readonly Source[];
  existing: Config | undefined;
  /** One follows already. */
  more: boolean;
  onAnswer(more: boolean): void;
  onBack(): void;
}

/** More of those that are known already do not fit. */
const mostShown = 5;

export function MoreStep({ place, sources, existing, more, onAnswer, onBack }: MoreStepProps) {
  const chosen = sources.map(({ provider, model }) => ({ section: provider?.section, id: model?.id }));
  const known = Object.values(existing?.models ?? {})
    .map(({ provider, model }) => ({ section: provider, id: model }))
    .filter(({ section, id }) => !chosen.some((each) => each.section === section && each.id === id));
  return (
    <Frame
      place={place}
      question="Shall it have another model?"
      help="One is enough. With several you switch by /model in the conversation."
      keys="↑↓ choose · Enter next · Esc back"
    >
      {chosen.map(({ section, id }) => (
        <Text key={`${section}/${id}`} wrap="truncate-middle">
          <Text {...accent()}>● </Text>
          {id} <Text dimColor>from {section}</Text>
        </Text>
      ))}
      {known.slice(0, mostShown).map(({ section, id }) => (
        <Text key={`${section}/${id}`} dimColor wrap="truncate-middle">{`○ ${id} from ${section}, known already`}</Text>
      ))}
      <Text> </Text>
      <ChoiceList
        choices={[
          { value: false, label: "No, this is enough" },
          { value: true, label: "Yes, add one" },
        ]}
        initial={more ? 1 : 0}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}
