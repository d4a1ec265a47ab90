/** What is shown, as files: the numbers from the server, step by step as drawn, and the picture from the canvas. */
import { useState } from "preact/hooks";
import type uPlot from "uplot";
import { getFile, readsAreClosed } from "../client.ts";
import { useFormats } from "../language/format.ts";
import { useTexts } from "../language/language.ts";
import { readColours } from "./colours.ts";
import { stepWords } from "./readout.tsx";
import type { Span } from "./span.ts";

export interface DownloadsProps {
  span: Span;
  stepMs: number;
  chart: () => uPlot | undefined;
  synthetic: boolean;
}

const MINUTE_MS = 60_000;

export function Downloads({ span, stepMs, chart, synthetic }: DownloadsProps) {
  const { record, frame, now } = useTexts();
  const formats = useFormats();
  const [failed, setFailed] = useState(false);
  const minute = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}:00Z`;
  const name = `etna-tremor_${[span.startMs, span.endMs].map((ms) => minute(ms).slice(0, 10)).join("_")}`;
  const href = (format: string): string =>
    `api/tremor?${new URLSearchParams({
      start: minute(span.startMs),
      end: minute(span.endMs),
      step: `PT${stepMs / MINUTE_MS}M`,
      format,
    })}`;

  const save = (make: () => Promise<Blob>, fileName: string) => async (event: Event) => {
    event.preventDefault();
    setFailed(false);
    await make().then(
      (blob) => saveBlob(blob, fileName),
      () => setFailed(true),
    );
  };

  const savePicture = (): Promise<Blob> => {
    const range = `${formats.instant(span.startMs, "utc")} – ${formats.instant(span.endMs, "utc")} ${frame.utc}`;
    return drawPicture(chart()!, `${now.heading}, RMS mV`, range, synthetic ? frame.demo : frame.source);
  };

  return (
    <div class="downloads">
      <h2>{record.download}</h2>
      <p>
        {(["csv", "geocsv"] as const).map((format) => (
          <a
            key={format}
            href={href(format)}
            download={`${name}.${format}`}
            onClick={
              readsAreClosed() ? save(async () => (await getFile(href(format))).blob(), `${name}.${format}`) : undefined
            }
          >
            {{ csv: "CSV", geocsv: "GeoCSV" }[format]}
          </a>
        ))}
        <button type="button" class="link" onClick={save(savePicture, `${name}.png`)}>
          {record.png}
        </button>
        <span class="aside">{record.step(stepWords(stepMs / 1000, record))}</span>
      </p>
      {failed && <p role="alert">{record.downloadFailed}</p>}
    </div>
  );
}

function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The canvas on paper, with what a picture needs that travels alone: what it shows, when, and whose data these are. */
async function drawPicture({ ctx, width }: uPlot, title: string, range: string, source: string): Promise<Blob> {
  const chart = ctx.canvas;
  const scale = chart.width / width;
  const [head, foot] = [44 * scale, 28 * scale];
  const canvas = document.createElement("canvas");
  canvas.width = chart.width;
  canvas.height = chart.height + head + foot;
  const context = canvas.getContext("2d")!;
  const colours = readColours();
  context.fillStyle = colours.paper;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(chart, 0, head);
  const inset = 12 * scale;
  context.fillStyle = colours.ink;
  context.font = `600 ${14 * scale}px ${colours.font}`;
  context.fillText(title, inset, 20 * scale);
  context.fillStyle = colours.ink2;
  context.font = `${12 * scale}px ${colours.font}`;
  context.fillText(range, inset, 37 * scale);
  context.fillText(source, inset, canvas.height - 10 * scale, canvas.width - 2 * inset);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("The canvas gave no picture")) : resolve(blob)));
  });
}
