/** The usual stretches of time, and moving by buttons for whom gestures and keys don't suit. */
import { useTexts } from "../language/language.ts";
import { fitSpan, panSpan, PRESET_NAMES, zoomSpan, type Preset, type Span } from "./span.ts";

export function Toolbar({
  shown,
  span,
  record,
  show,
}: {
  shown: Preset | Span;
  span: Span;
  record: Span;
  show: (shown: Preset | Span) => void;
}) {
  const { record: texts } = useTexts();
  const steps = [
    { label: texts.back, sign: "‹", to: panSpan(span, -0.5) },
    { label: texts.on, sign: "›", to: panSpan(span, 0.5) },
    { label: texts.zoomOut, sign: "−", to: zoomSpan(span, 2) },
    { label: texts.zoomIn, sign: "+", to: zoomSpan(span, 0.5) },
  ];
  return (
    <div class="toolbar">
      <div class="joined" role="group" aria-label={texts.spansLabel}>
        {PRESET_NAMES.map((name) => (
          <button key={name} type="button" aria-pressed={shown === name} onClick={() => show(name)}>
            {texts.spans[name]}
          </button>
        ))}
      </div>
      <div class="joined">
        {steps.map(({ label, sign, to }) => (
          <button key={sign} type="button" aria-label={label} title={label} onClick={() => show(fitSpan(to, record))}>
            {sign}
          </button>
        ))}
      </div>
    </div>
  );
}
