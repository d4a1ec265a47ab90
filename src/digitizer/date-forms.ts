/**
 * Date forms: the ways in which dates and times are written under an axis.
 * Owns the forms; how well characters fit one is `date-slots`'.
 */

/**
 * Slots: y year, m month, n its name, d day, w its name, h hour, i minute; all else stands for itself, `_` for a small h, `*` for a piece of a separator, `|` for a stem of an H whose bar is too faint.
 * Day before month where both fit: the plots are Italian.
 */
const DATES = [
  ["dd/mm/yy"],
  ["dd/mm/yyyy"],
  ["yyyy-mm-dd"],
  ["dd/mm"],
  ["dd-mm"],
  ["ddnnn", "dnnn"],
  ["yyyy/mm/dd"],
  ["dd-mm-yyyy"],
  ["dd-mm-yy"],
  ["dd.mm.yyyy"],
  ["dd.mm.yy"],
  ["dd.mm"],
  ["mm/dd"],
  ["mm-dd"],
  ["mm/dd/yyyy"],
  ["mm/dd/yy"],
  ["ddnnnyyyy", "dnnnyyyy"],
  ["ddnnnyy", "dnnnyy"],
  ["dd-nnn", "d-nnn"],
  ["dd-nnn-yy", "d-nnn-yy"],
  ["dd-nnn-yyyy", "d-nnn-yyyy"],
  ["nnndd", "nnnd"],
  ["wwwddnnn", "wwwdnnn"],
  ["wwwdd/mm"],
  ["wwwdd-mm"],
  ["wwwdd/mm/yy"],
  // Also what is left of years whose first two digits are cut off at the picture's edge.
  ["yy-mm-dd"],
  ["yy/mm/dd"],
] as const;
const TIMES = [
  "hh:ii",
  "Hhh",
  "hh_",
  "",
  "hhH",
  "Thh:ii",
  "hh:ii:00",
  "-hh:ii",
  "-Hhh",
  "hh.ii",
  "Hhh:ii",
  "hh:iiZ",
  "Thh:iiZ",
  "Thh:ii:00Z",
];
/** Times without a mark that tells them from a year: only where nothing else fits. A broken H looks like eleven hours. */
const BARE_TIMES = ["||hh", "hhii", "hh"];
/** All characters of those forms but the names of months and days, and the Z of UTC. */
export const DATE_CHARACTERS = "0123456789/:-.HhT";

/** Forms that differ only in how many digits the day has; those from `whole` on lack a separator. */
export interface Family {
  forms: readonly string[];
  whole: number;
  /** Might its time be a year? */
  isBare: boolean;
}
const toFamily = (forms: readonly string[], isBare = false): Family => ({ forms, whole: forms.length, isBare });
export const FAMILIES: readonly Family[] = [
  ...DATES.flatMap((dates) => TIMES.map((time) => toFamily(dates.map((date) => date + time)))),
  ...DATES.flatMap((dates) =>
    BARE_TIMES.map((time) =>
      toFamily(
        dates.map((date) => date + time),
        true,
      ),
    ),
  ),
  ...DATES.flatMap((dates) => TIMES.slice(0, 3).map((time) => toFamily(dates.map((date) => time + date)))),
];

/** A separator that is drawn faintly, or touches a digit, is easily lost; a thin slash breaks in two pieces. */
const SEPARATORS = "/-.:";
export const LOSSY_FAMILIES: readonly Family[] = FAMILIES.map(({ forms, whole, isBare }) => ({
  forms: [
    ...forms,
    ...forms.flatMap((form) =>
      [...form].flatMap((slot, at) => (SEPARATORS.includes(slot) ? [form.slice(0, at) + form.slice(at + 1)] : [])),
    ),
    ...forms.flatMap((form) => (form.endsWith("-hh:ii") ? [form.replace("-hh:ii", "hhii")] : [])),
    ...forms.flatMap((form) => (/yyyy|yy[Hh]h[hH_]/.test(form) ? [form.replaceAll(/[/.-]/g, "")] : [])),
    // At the picture's edge a year's first digit is cut off, or a day's.
    ...forms.flatMap((form) => (/^(yyyy|dd)/.test(form) ? [form.slice(1)] : [])),
    ...forms.flatMap((form) =>
      form.includes("/") ? [form.replace("/", "**"), form.replace(/(.*)\//, "$1**"), form.replaceAll("/", "**")] : [],
    ),
  ],
  whole,
  isBare,
}));

/** A form whose day lacks its tens. */
export const LACKS_TENS = /^d[^d]/;
/** A form whose day has tens from the tenth on. */
export const PLAIN_DAYS = /^d?dn/;

export const MONTH_NAMES: readonly (readonly [string, number])[] = [
  ..."jan feb mar apr may jun jul aug sep oct nov dec".split(" ").map((name, index) => [name, index + 1] as const),
  ["gen", 1],
  ["mag", 5],
  ["giu", 6],
  ["lug", 7],
  ["ago", 8],
  ["set", 9],
  ["ott", 10],
  ["dic", 12],
];

export const DAY_NAMES = "mon tue wed thu fri sat sun lun mar mer gio ven sab dom".split(" ");
