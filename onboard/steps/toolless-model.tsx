import type { ModelInfo } from "../../src/provider.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";

interface ToollessModelProps {
  place: Place;
  model: ModelInfo;
  onAnswer(): void;
  onBack(): void;
}

/** What it means that a model cannot call tools, before it is taken. */
export function ToollessModel({ place, model, onAnswer, onBack }: ToollessModelProps) {
  return (
    <Frame
      place={place}
      question={`${model.id} cannot call tools`}
      help="It can talk with you and is reminded of earlier conversations, but it can write nothing down, read no files and search nothing. For all that the agent is made for, take a model with “tools” beside it."
      keys="↑↓ choose · Enter · Esc back"
    >
      <ChoiceList
        choices={[
          { value: onBack, label: "Choose another model" },
          { value: onAnswer, label: "Use it all the same" },
        ]}
        onChoose={(choice) => choice()}
        onBack={onBack}
      />
    </Frame>
  );
}
