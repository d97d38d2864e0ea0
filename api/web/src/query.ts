/** What the reader chose: the state of the page, kept in the address bar. */
export interface Choice {
  group: string[];
  industry: string[];
  district: string[];
  level: string[];
  stat: "worst" | "share";
  style: string;
}

const lists = ["group", "industry", "district", "level"] as const;
export type Dimension = (typeof lists)[number];

export const nothingChosen = (): Choice => ({ group: [], industry: [], district: [], level: [], stat: "share", style: "day" });

/** The filter as the server's query, in one order, so that equal choices share caches. */
export function filterQuery(c: Choice): string {
  const q = new URLSearchParams();
  for (const name of lists) if (c[name].length) q.set(name, [...c[name]].sort().join(","));
  return q.toString();
}

/** The query of styles, and through them of tiles. */
export function styleQuery(c: Choice, english: boolean): string {
  const q = new URLSearchParams(filterQuery(c));
  q.set("stat", c.stat);
  if (english) q.set("lang", "en");
  return q.toString();
}

export function readAddress(): { choice: Choice; english: boolean } {
  const q = new URLSearchParams(location.search);
  const choice = nothingChosen();
  for (const name of lists) choice[name] = (q.get(name) ?? "").split(",").filter(Boolean);
  if (q.get("stat") === "worst") choice.stat = "worst";
  choice.style = q.get("style") ?? "day";
  const lang = q.get("lang") ?? navigator.language;
  return { choice, english: !lang.startsWith("zh") };
}

export function writeAddress(c: Choice, english: boolean): void {
  const q = new URLSearchParams(filterQuery(c));
  if (c.stat !== "share") q.set("stat", c.stat);
  if (c.style !== "day") q.set("style", c.style);
  q.set("lang", english ? "en" : "zh");
  history.replaceState(null, "", `?${q}${location.hash}`);
}
