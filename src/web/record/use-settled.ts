/** A value as it was when it last stood still. */
import { useEffect, useState } from "preact/hooks";

/** The first value is there at once; later ones when they have not changed for `calmMs`. */
export function useSettled<Value>(value: Value, calmMs: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (settled === undefined) {
      setSettled(() => value);
      return;
    }
    const timer = setTimeout(() => setSettled(() => value), calmMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
