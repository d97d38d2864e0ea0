import type { Taxonomy } from "./answers";
import { byId, el } from "./dom";
import { type Choice, type Dimension, nothingChosen } from "./query";
import { isEnglish, levelName, named, say } from "./words";

interface Option {
  value: string;
  label: string;
  hint?: string;
  swatch?: number;
}

/** Draws the filter form and calls back with each new choice. */
export function showFilters(t: Taxonomy, choice: Choice, layers: Record<string, boolean>, changed: () => void): void {
  const form = byId<HTMLFormElement>("filters");
  const open = new Set([...form.querySelectorAll("details[open]")].map((d) => (d as HTMLElement).dataset.dimension));
  const group = (name: Dimension, title: string, options: Option[], shut = false) => {
    const chosen = choice[name];
    const box = el("details", { open: open.size || shut ? open.has(name) : true, dataset: { dimension: name } });
    box.append(
      el("summary", {}, title, el("span", { className: "count" }, chosen.length ? `${chosen.length} ${say("chosen")}` : say("all"))),
      ...options.map((o) => {
        const input = el("input", { type: "checkbox", name, value: o.value, checked: chosen.includes(o.value) });
        input.addEventListener("change", () => {
          choice[name] = input.checked ? [...chosen, o.value] : chosen.filter((v) => v !== o.value);
          changed();
        });
        const swatch = o.swatch ? el("i", { className: "swatch", dataset: { level: String(o.swatch) } }) : null;
        return el("label", {}, input, swatch, el("span", {}, o.label), o.hint ? el("small", {}, o.hint) : null);
      }),
    );
    return box;
  };
  const industries = t.industries.filter((i) => !choice.group.length || choice.group.includes(i.group));
  form.replaceChildren(
    el("h2", {}, say("filters")),
    group("level", say("level"), [4, 3, 2, 1].map((l) => ({ value: String(l), label: levelName(l), swatch: l }))),
    group("group", say("group"), t.groups.map((g) => ({ value: g.key, label: named(g) }))),
    group("industry", say("industry"), industries.map((i) => ({ value: i.code, label: named(i), hint: i.code })), true),
    group("district", say("district"), t.districts.map((d) => ({ value: d.code, label: named(d) })), true),
    toggles(t, choice, layers, changed),
  );
}

function toggles(t: Taxonomy, choice: Choice, layers: Record<string, boolean>, changed: () => void): HTMLElement {
  const pick = (title: string, values: [string, string][], current: string, set: (v: string) => void) => {
    const select = el("select", {}, ...values.map(([v, label]) => el("option", { value: v, selected: v === current }, label)));
    select.addEventListener("change", () => {
      set(select.value);
      changed();
    });
    return el("label", { className: "pick" }, el("span", {}, title), select);
  };
  const layer = (name: string, title: string) => {
    const input = el("input", { type: "checkbox", checked: layers[name], name: `layer-${name}` });
    input.addEventListener("change", () => {
      layers[name] = input.checked;
      changed();
    });
    return el("label", {}, input, el("span", {}, title));
  };
  const clear = el("button", { type: "button" }, say("clear"));
  clear.addEventListener("click", () => {
    const { stat, style } = choice;
    Object.assign(choice, nothingChosen(), { stat, style });
    changed();
  });
  return el(
    "section",
    { lang: isEnglish() ? "en" : "zh-CN" },
    pick(say("stat"), [["share", say("share")], ["worst", say("worst")]], choice.stat, (v) => (choice.stat = v as Choice["stat"])),
    pick(say("style"), ["day", "night", "colour-blind"].map((s) => [s, say(s as "day")]), choice.style, (v) => (choice.style = v)),
    layer("sources", say("sources")),
    layer("places", say("places")),
    t.coverage_recorded ? layer("coverage", say("coverage")) : null,
    clear,
  );
}
