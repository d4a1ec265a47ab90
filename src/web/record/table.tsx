/** The shown stretch as a table, for screen readers and for whoever wants the figures: asked for when it is opened. */
import { useState } from "preact/hooks";
import { parseDuration } from "../language/duration.ts";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { TremorPointsDocument } from "../operations.ts";
import { Failed } from "../parts/states.tsx";
import { useQuery } from "../use-query.ts";
import { stepWords } from "./readout.tsx";
import type { Span } from "./span.ts";
import { isoOf } from "./summary.tsx";

const MOST_ROWS = 150;

export function Table({ span }: { span: Span }) {
  const { record } = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="numbers" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{record.table}</summary>
      {isOpen && <Rows span={span} />}
    </details>
  );
}

function Rows({ span }: { span: Span }) {
  const { record } = useTexts();
  const formats = useFormats();
  const { data, error, askAgain } = useQuery(TremorPointsDocument, { ...isoOf(span), maxPoints: MOST_ROWS });
  if (error !== undefined) return <Failed error={error} askAgain={askAgain} />;
  return (
    <table>
      {/* So that the table stays one to read, its steps may be longer than the chart's. */}
      {data && <caption>{record.step(stepWords(parseDuration(data.tremor.step) / 1000, record))}</caption>}
      <thead>
        <tr>
          {[record.time, record.mean, record.least, record.greatest].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data?.tremor.points.map(({ timestamp, value, min, max, clipped }) => (
          <tr key={timestamp}>
            <th scope="row">
              <time dateTime={timestamp}>{formats.instant(Date.parse(timestamp), "utc")}</time>
            </th>
            <td>
              {clipped && "≥ "}
              {formats.amplitude(value)}
            </td>
            <td>{formats.amplitude(min)}</td>
            <td>
              {clipped && "≥ "}
              {formats.amplitude(max)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
