/** The page's few icons: lines on a grid of 20, in the colour of the text beside them, which says the same in words. */
import type { TremorLevel } from "../operations.ts";

const PATHS = {
  trace: "M1 12h3l2-3 2 6 3-12 2 14 2-7 1 2h3",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4",
  moon: "M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z",
  RISING: "M3 15 15 5M8 5h7v7",
  STEADY: "M2 10h15M12 5l5 5-5 5",
  FALLING: "M3 5l12 10M15 8v7H8",
} as const;

/** Three bars, of which one, two or all stand out. */
export function LevelIcon({ level }: { level: TremorLevel }) {
  const count = { LOW: 1, MEDIUM: 2, HIGH: 3 }[level];
  return (
    <svg class="icon bars" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {[5, 10, 15].map((height, at) => (
        <rect key={height} x={2 + 6 * at} y={17 - height} width="4" height={height} class={at < count ? "" : "unlit"} />
      ))}
    </svg>
  );
}

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
