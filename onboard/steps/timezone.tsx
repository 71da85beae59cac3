import { isTimezone } from "../../src/config/schema.ts";
import { ChoiceList } from "../parts/choice-list.tsx";
import { Frame, type Place } from "../parts/frame.tsx";

interface TimezoneStepProps {
  place: Place;
  /** Comes first and is marked. */
  current: string;
  now: Date;
  onAnswer(timezone: string): void;
  onBack(): void;
}

export function TimezoneStep({ place, current, now, onAnswer, onBack }: TimezoneStepProps) {
  const zones = [...new Set([current, "UTC", ...Intl.supportedValuesOf("timeZone")])].filter(isTimezone);
  return (
    <Frame
      place={place}
      question="Which time zone do you live in?"
      help="The agent's days and times go by it."
      keys="↑↓ choose · type to search · Enter next · Esc back"
    >
      <ChoiceList
        filter
        choices={zones.map((zone) => ({
          value: zone,
          label: zone,
          detail: zone === current ? `now ${timeIn(zone, now)}` : undefined,
        }))}
        // The list has one name a zone; others that are good as well can be typed.
        onFree={onAnswer}
        freeLabel={(typed) => (isTimezone(typed) ? typed : undefined)}
        onChoose={onAnswer}
        onBack={onBack}
      />
    </Frame>
  );
}

function timeIn(timeZone: string, now: Date): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(now);
}
