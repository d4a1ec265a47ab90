/**
 * Misspelt names: a setting whose name is wrong by a letter would silently leave its default in force, and that may be
 * to let pictures go, to make no backup, to tell nobody of failures, or to let everybody read.
 */

/** Of settings that only we have. Others are like names of other programs, such as `PORTS` or `CORS_ORIGIN`. */
const OURS = /^(ALERT|ARCHIVE|BACKUP|CATALOG|INGV|READ|TREMOR|VERIFY)_/;

/** The first name that is one letter away from such a setting that isn't set, or written in other case; and that one. */
export function findMisspelt(names: readonly string[], own: readonly string[]): [string, string] | undefined {
  const unset = own.filter((name) => OURS.test(name) && !names.includes(name));
  for (const name of names) {
    if (own.includes(name)) continue;
    const meant = unset.find((one) => isOneLetterOff(name.toUpperCase(), one));
    if (meant !== undefined) return [name, meant];
  }
  return undefined;
}

/** Is it the same but for one letter more, less or other, or two that changed places? */
function isOneLetterOff(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  const [lessA, lessB] = [restA.slice(1), restB.slice(1)];
  const isSwapped = restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
  return lessA === lessB || lessA === restB || restA === lessB || isSwapped;
}
