import { useState } from "react";
import { isTimezone } from "../../src/config/schema.ts";
import { timezoneProblem } from "../answers.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame } from "../parts/frame.tsx";

interface TimezoneStepProps {
  place: string;
  /** Comes first and is marked. */
  current: string;
  now: Date;
  onAnswer(timezone: string): void;
  onBack(): void;
}

export function TimezoneStep({ place, current, now, onAnswer, onBack }: TimezoneStepProps) {
  const [problem, setProblem] = useState<string>();
  const zones = [...new Set([current, "UTC", ...Intl.supportedValuesOf("timeZone")])].filter(isTimezone);
  return (
    <Frame
      place={place}
      question="Which time zone do you live in?"
      help="The agent's days and times go by it."
      problem={problem}
      keys="↑↓ choose · type to search · Enter next · Esc back"
    >
      <ChoiceList
        filter
        choices={zones.map((zone) => ({
          value: zone,
          label: zone,
          detail: zone === current ? `now ${timeIn(zone, now)}` : undefined,
        }))}
        onFree={(typed) => {
          const wrong = timezoneProblem(typed);
          return wrong ? setProblem(wrong) : onAnswer(typed.trim());
        }}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}

function timeIn(timeZone: string, now: Date): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(now);
}
