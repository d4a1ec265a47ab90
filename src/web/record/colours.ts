/** The page's colours as a canvas needs them: resolved for the theme that it has now, or for paper. */

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

/** @param isPrinted paper is white, whatever the theme */
export function readColours(isPrinted = false): Colours {
  const probe = document.createElement("i");
  // Colours of the system's own would take the place of all of ours, and bands, curve and ground be one.
  probe.style.setProperty("forced-color-adjust", "none");
  if (isPrinted) probe.style.colorScheme = "light";
  document.body.append(probe);
  const { fontFamily: font } = getComputedStyle(probe);
  const colours = Object.entries(TOKENS).map(([name, token]) => {
    probe.style.color = `var(${token})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return { ...(Object.fromEntries(colours) as Record<keyof typeof TOKENS, string>), font };
}
