import { ask, type Contribution, type Explained, type Measures, type RiskAnswer, type SourceFeature, type Taxonomy } from "./answers";
import { byId, el } from "./dom";
import type { Change } from "./live";
import { filterQuery, type Choice } from "./query";
import { levelName, named, say } from "./words";

const panel = () => byId("answer");

/** What is open, asked again; and whether a change may have to do with it. */
let shown: { again: () => Promise<void>; of?: string } | null = null;

export function closeAnswer(): void {
  shown = null;
  panel().hidden = true;
}

/** Asks again for the answer that is open, where a change (null: anything) may have to do with it. */
export async function answerAgain(changes: Change[] | null): Promise<void> {
  const open = shown;
  if (!open || (open.of && changes && !changes.some((c) => c.all || c.more || c.ids.includes(open.of!)))) return;
  const { scrollTop } = panel();
  try {
    await open.again();
  } catch (err) {
    if (shown !== open || (err instanceof DOMException && err.name === "AbortError")) return;
    closeAnswer(); // the source is gone
    throw err;
  }
  panel().scrollTop = scrollTop;
}

/** 2.07e-5 as 2.07×10⁻⁵. */
export function perYear(v: number): string {
  if (v === 0) return `0 ${say("perYear")}`;
  const [digits, exponent] = v.toExponential(2).split("e");
  const raised = exponent!.replace("+", "").replace(/[-0-9]/g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]!);
  return `${digits}×10${raised} ${say("perYear")}`;
}

export function metres(v: number): string {
  return v < 1000 ? `${Math.round(v)} m` : `${(v / 1000).toFixed(1)} km`;
}

/** Why is it this colour here: asks and shows. */
export async function explain(at: { lng: number; lat: number }, zoom: number, choice: Choice, t: Taxonomy): Promise<void> {
  const q = new URLSearchParams(filterQuery(choice));
  q.set("lon", at.lng.toFixed(6));
  q.set("lat", at.lat.toFixed(6));
  q.set("zoom", String(Math.max(5, Math.min(18, Math.floor(zoom)))));
  q.set("stat", choice.stat);
  q.set("limit", "8");
  const answer = await ask<RiskAnswer>("answer", `api/v1/risk?${q}`);
  shown = { again: () => explain(at, zoom, choice, t) };
  // A zoomed-out cell may be red by a place that is not under the finger: its
  // own sources explain the colour.
  const coloured: Explained = answer.cell ?? answer;
  const back = () => {
    shown = { again: () => explain(at, zoom, choice, t) };
    draw();
  };
  const draw = () => {
    head(say("why"));
    panel().append(
      verdict(coloured.level, perYear(coloured.ir), answer.cell ? say("cell") : say("here")),
      el("p", { className: "meta" }, `${say("here")}: ${perYear(answer.ir)} · ${levelName(answer.level)}`),
      ...(coloured.contributions.length
        ? [el("h3", {}, say("from")), el("ol", {}, ...coloured.contributions.map((c) => share(c, t, back)))]
        : [el("p", {}, say("nothing"))]),
      coloured.others ? el("p", { className: "meta" }, `${say("others", { n: coloured.others.count })}: ${perYear(coloured.others.ir)}`) : "",
      el("footer", {}, `${say("screening")} · ${say("revision")} ${answer.data_revision}`),
    );
  };
  draw();
}

function head(title: string, back?: () => void): void {
  const close = el("button", { type: "button", title: say("close"), ariaLabel: say("close") }, "×");
  close.addEventListener("click", closeAnswer);
  const returns = back ? el("button", { type: "button" }, `‹ ${say("back")}`) : null;
  returns?.addEventListener("click", back!);
  panel().hidden = false;
  panel().replaceChildren(el("header", {}, el("h2", {}, title), el("div", {}, returns, " ", close)));
  panel().scrollTop = 0;
}

function verdict(level: number, value: string, label: string): HTMLElement {
  return el("div", { className: "verdict", dataset: { level: String(level) } }, el("b", {}, levelName(level)), el("span", { title: label }, value));
}

function share(c: Contribution, t: Taxonomy, back: () => void): HTMLElement {
  const industry = t.industries.find((i) => i.code === c.industry);
  const open = el("button", { type: "button" }, named(c));
  open.addEventListener("click", () => void showSource(c.id, t, back));
  const bar = el("i");
  bar.style.width = `${Math.max(1, c.share * 100)}%`;
  const split = c.by_basis.qra > 0 ? (c.by_basis.equivalent > 0 ? `${say("qra")} + ${say("equivalent")}` : say("qra")) : say("equivalent");
  return el(
    "li",
    { className: "share", dataset: { level: String(c.level) } },
    open,
    el("div", { className: "meter" }, bar),
    el("div", { className: "meta" }, `${(c.share * 100).toFixed(1)} % · ${perYear(c.ir)} · ${split} · ${metres(c.distance_m)}`),
    el("div", { className: "meta" }, `${levelName(c.level)} · ${industry ? named(industry) : c.industry}`),
    c.regulator ? el("div", { className: "meta" }, `${say("regulator")}: ${c.regulator}`) : null,
    c.measures ? el("div", { className: "meta" }, `${say("measures")}: ${flat(c.measures).slice(0, 3).join("；")}`) : null,
  );
}

const flat = (m: Measures): string[] => [...(m.engineering ?? []), ...(m.management ?? []), ...(m.emergency ?? []), ...(m.monitoring ?? [])];

/** One source by id: what it is, who answers for it, what controls it. */
export async function showSource(id: string, t: Taxonomy, back?: () => void): Promise<void> {
  const f = await ask<SourceFeature>("answer", `api/v1/hazards/${encodeURIComponent(id)}`);
  shown = { again: () => showSource(id, t, back), of: id };
  const p = f.properties;
  const industry = t.industries.find((i) => i.code === p.industry);
  const district = t.districts.find((d) => d.code === p.district);
  head(named(p), back);
  const rows: [string, Node | string | undefined][] = [
    [say("industry"), industry ? `${named(industry)} (${industry.code})` : p.industry],
    [say("district"), district ? named(district) : undefined],
    [say("address"), p.address],
    [say("accidents"), p.accident_types?.map((c) => named(t.accident_types?.find((a) => a.code === c) ?? { name: c })).join("、")],
    [say("regulator"), p.regulator],
    [say("enterprise"), p.enterprise],
    [say("responsible"), p.responsible],
    [say("measures"), p.measures ? measureList(p.measures) : undefined],
    [say("assessed"), p.assessed_at],
  ];
  panel().append(
    verdict(p.level, f.id, ""),
    el("dl", {}, ...rows.filter(([, v]) => v).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v!)])),
  );
}

function measureList(m: Measures): HTMLElement {
  const kinds = ["engineering", "management", "emergency", "monitoring"] as const;
  return el("ul", {}, ...kinds.flatMap((k) => (m[k] ?? []).map((text) => el("li", {}, `${say(k)}: ${text}`))));
}
