/** The page's colours as a canvas needs them: resolved for the theme that it has now. */

const TOKENS = {
  paper: "--paper",
  ink: "--ink",
  ink2: "--ink-2",
  rule: "--rule",
  envelope: "--envelope",
  episodeWash: "--episode-wash",
  low: "--low",
  lowWash: "--low-wash",
  medium: "--medium",
  mediumWash: "--medium-wash",
  high: "--high",
  highWash: "--high-wash",
} as const;

export type Colours = Record<keyof typeof TOKENS | "font", string>;

export function readColours(): Colours {
  const probe = document.createElement("i");
  document.body.append(probe);
  const { fontFamily: font } = getComputedStyle(probe);
  const colours = Object.entries(TOKENS).map(([name, token]) => {
    probe.style.color = `var(${token})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return { ...(Object.fromEntries(colours) as Record<keyof typeof TOKENS, string>), font };
}
