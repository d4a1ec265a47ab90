/**
 * The plan past one machine, in numbers: `npm run capacity -- [--readers 100000] [--stations 50] [--years 50] …`.
 * What it assumes are parameters with their defaults below, prices included: list prices of AWS in us-east-1 (S3
 * Standard, CloudFront in Europe), in dollars, as of 2026. Change them for your own contract; nothing here is looked up.
 */
import { parseArgs } from "node:util";

const DEFAULTS = {
  readers: 100_000,
  stations: 50,
  years: 50,
  /** Servers beside the store. */
  servers: 3,
  /** Bytes of a published plot, and of its record with its samples, as they lie in the bucket. */
  "picture-bytes": 50_000,
  "record-bytes": 16_000,
  /** Bytes of the answers that a page reads: tremor of a week, compressed by the CDN, and a list. */
  "page-bytes": 30_000,
  /** What a reader does in a day: pages opened, pictures looked at; a page asks anew each ten minutes while it is open. */
  "pages-a-day": 4,
  "pictures-a-day": 6,
  "refreshes-a-page": 3,
  /** Part of requests that the CDN answers itself: pictures of past days never change, today's answers live for 60 s. */
  "cdn-hits-pictures": 0.99,
  "cdn-hits-pages": 0.9,
  /** Fetches of each station in a day: ARCHIVE_CRON. */
  "fetches-a-day": 48,
  /** How often each server's /readyz is asked, which tries the store by a PUT, every 30 s at most; 0: never. */
  "ready-seconds": 10,
  /** Requests a second that one server answers on one core: `npm run bench`, with room to spare. */
  "requests-a-second": 2000,
  /** Busiest hour beside the mean: an eruption. */
  peak: 20,
  /** Dollars. */
  "price-gb-month": 0.023,
  "price-1000-puts": 0.005,
  "price-1000-gets": 0.0004,
  "price-cdn-gb": 0.085,
  "price-cdn-10000-requests": 0.009,
  "price-server-month": 30,
} as const;

type Name = keyof typeof DEFAULTS;
const options = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, { type: "string" as const }]));
const { values } = parseArgs({ options });
function of(name: Name): number {
  const value = Number(values[name] ?? DEFAULTS[name]);
  if (!(value >= 0)) throw new RangeError(`--${name} needs a number from 0 on (found ${String(values[name])})`);
  return value;
}

const GB = 1e9;
const DAYS_A_MONTH = 30.4;
const DAY_SECONDS = 86_400;

/** What servers ask of the store beside their readers, as counted between two of them and a real one. */
const TURNS_LOOK_SECONDS = 5;
const LEADER_LOOK_SECONDS = 1.2;
const LEASE_SECONDS = 5; // a third of the TTL
const RECENT_LOOK_SECONDS = 60;
const READY_SECONDS = 30;
/** Of a look at the last days: the years there are, and this one. */
const RECENT_LISTS = 2;
/** Of one fetch that brought a new plot: by the leader, and by each server that follows. LISTs cost what PUTs do. */
const FETCH = { lists: 5, puts: 8, reads: 18 };
const FOLLOW = { lists: 2, reads: 6 };

const archives = of("stations") * of("years") * 365.25;
const storedBytes = archives * (of("picture-bytes") + of("record-bytes"));

const pages = of("readers") * of("pages-a-day") * (1 + of("refreshes-a-page"));
const pictures = of("readers") * of("pictures-a-day");
const servedBytes = pages * of("page-bytes") + pictures * of("picture-bytes");
const toServers = pages * (1 - of("cdn-hits-pages")) + pictures * (1 - of("cdn-hits-pictures"));
const peakASecond = (toServers / DAY_SECONDS) * of("peak");
const serversNeeded = Math.max(2, Math.ceil(peakASecond / of("requests-a-second")) + 1);

const servers = Math.max(of("servers"), serversNeeded);
// A program serves one station, so that each server runs one for each, and each station has a leader.
const stations = of("stations");
const others = servers - 1;
const daily = (seconds: number): number => (stations * DAY_SECONDS) / seconds;
const fetches = stations * of("fetches-a-day");
const leases = daily(LEASE_SECONDS);
const lists = RECENT_LISTS * servers * daily(RECENT_LOOK_SECONDS) + fetches * (FETCH.lists + FOLLOW.lists * others);
const probes = of("ready-seconds") === 0 ? 0 : servers * daily(Math.max(of("ready-seconds"), READY_SECONDS));
const putsADay = lists + leases + probes + fetches * FETCH.puts;
/** A look is two HEADs; where it finds the next lease, two more and a GET. */
const looks = 2 * servers * daily(TURNS_LOOK_SECONDS) + 2 * others * daily(LEADER_LOOK_SECONDS) + 3 * others * leases;
const readsOfStore = looks + fetches * (FETCH.reads + FOLLOW.reads * others) + pictures * (1 - of("cdn-hits-pictures"));

const monthly = {
  "the bucket's bytes": (storedBytes / GB) * of("price-gb-month"),
  "its PUTs and LISTs": ((putsADay * DAYS_A_MONTH) / 1000) * of("price-1000-puts"),
  "its GETs": ((readsOfStore * DAYS_A_MONTH) / 1000) * of("price-1000-gets"),
  "CDN, bytes": ((servedBytes * DAYS_A_MONTH) / GB) * of("price-cdn-gb"),
  "CDN, requests": (((pages + pictures) * DAYS_A_MONTH) / 10_000) * of("price-cdn-10000-requests"),
  servers: servers * of("price-server-month"),
};

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const line = (what: string, figure: string): void => console.log(`${what.padEnd(52)} ${figure.padStart(18)}`);
console.log(`${whole(of("readers"))} readers, ${of("stations")} stations, ${of("years")} years\n`);
line("archive days", whole(archives));
line("bytes in the bucket", `${(storedBytes / GB).toFixed(1)} GB`);
line("objects in the bucket", whole(2 * archives));
line("requests of readers a day", whole(pages + pictures));
line("bytes to readers a day", `${(servedBytes / GB).toFixed(1)} GB`);
line("requests that reach a server a day", whole(toServers));
line(`requests a second in the busiest hour (${of("peak")} x the mean)`, peakASecond.toFixed(1));
line("servers for that, with one to spare", whole(serversNeeded));
line(`requests to the store a day, ${servers} servers: LIST, PUT`, whole(putsADay));
line("                                          GET, HEAD", whole(readsOfStore));
console.log("\nDollars a month, at the prices given");
for (const [what, dollars] of Object.entries(monthly)) line(`  ${what}`, dollars.toFixed(2));
line(
  "  together",
  Object.values(monthly)
    .reduce((sum, dollars) => sum + dollars, 0)
    .toFixed(2),
);
