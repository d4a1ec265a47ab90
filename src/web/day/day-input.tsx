/**
 * A field for a day. A browser calls it changed with each key, as years begin with 0002 and months with January; what
 * counts is what stands there when the reader stands still.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { isDay } from "../calendar/dates.ts";

export interface DayInputProps {
  label: string;
  /** Empty for none. */
  day: string;
  min: string | undefined;
  max: string | undefined;
  onDay: (day: string) => void;
}

/** More than most readers need from one key to the next. */
const STILL_MS = 400;
/** A year before that is half written. */
const FIRST_WRITTEN = "1000-01-01";

export function DayInput({ label, day, min, max, onDay }: DayInputProps) {
  const [written, setWritten] = useState<string>();
  const latest = useRef(onDay);
  latest.current = onDay;
  /** The day that was gone to last. */
  const gone = useRef<string | undefined>(undefined);
  useEffect(() => {
    // What was written on the way there is none of that day's, and still to be gone to.
    setWritten((now) => (day === gone.current && now !== day ? now : undefined));
    gone.current = undefined;
  }, [day]);
  useEffect(() => {
    // An input that is emptied names no day.
    if (written === undefined || written === day || !isDay(written) || written < FIRST_WRITTEN) return;
    const timer = setTimeout(() => {
      gone.current = written;
      latest.current(written);
    }, STILL_MS);
    return () => clearTimeout(timer);
  }, [written, day]);
  return (
    <label>
      {label}
      <input
        type="date"
        value={written ?? day}
        {...{ min, max }}
        onChange={({ currentTarget }) => setWritten(currentTarget.value)}
      />
    </label>
  );
}
