/**
 * Dates in HTTP headers (RFC 9110, 5.6.7): written in one form, read in three.
 */
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";

const FORMS = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^[A-Z][a-z]{2}, (?<day>\\d\\d) (?<month>[A-Z][a-z]{2}) (?<year>\\d{4}) ${TIME} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^[A-Z][a-z]{5,8}, (?<day>\\d\\d)-(?<month>[A-Z][a-z]{2})-(?<year>\\d\\d) ${TIME} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[\\d ]\\d) ${TIME} (?<year>\\d{4})$`),
];

export function formatHttpDate(timeMs: number): string {
  return new Date(timeMs).toUTCString();
}

/**
 * The instant in ms since 1970; `undefined` when the text is none of the three forms.
 * @param nowMs says which century two digits of a year mean: the last one that isn't over 50 years ahead
 */
export function parseHttpDate(text: string, nowMs: number): number | undefined {
  for (const form of FORMS) {
    const found = form.exec(text)?.groups;
    if (found === undefined) continue;
    const month = MONTHS.indexOf(found["month"] ?? "");
    if (month < 0) return undefined;
    const year = fullYear(found["year"] ?? "", new Date(nowMs).getUTCFullYear());
    return Date.UTC(
      year,
      month,
      Number(found["day"]),
      Number(found["hour"]),
      Number(found["minute"]),
      Number(found["second"]),
    );
  }
  return undefined;
}

function fullYear(digits: string, currentYear: number): number {
  if (digits.length === 4) return Number(digits);
  const year = currentYear - (currentYear % 100) + Number(digits);
  return year > currentYear + 50 ? year - 100 : year;
}
