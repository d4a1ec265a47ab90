/** What the colours mean. */
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { HEAT_STEPS, type Heat } from "./heat.ts";

export function Legend({ heat: { scale } }: { heat: Heat }) {
  const { calendar: texts } = useTexts();
  const formats = useFormats();
  const decades = scale.ticks.filter((mv) => Number.isInteger(Number(Math.log10(mv).toFixed(6))));
  return (
    <div class="legend">
      <span>{texts.legend}</span>
      <div class="legend-scale" aria-hidden="true">
        {Array.from({ length: HEAT_STEPS }, (_, step) => (
          <i key={step} class={`heat-${step}`} />
        ))}
        {decades.map((mv) => (
          <span key={mv} style={{ left: `${100 * scale.partOf(mv)}%` }}>
            {formats.number(mv)}
          </span>
        ))}
      </div>
      <span class="legend-missing">
        <i class="heat-missing" />
        {texts.missing}
      </span>
    </div>
  );
}
