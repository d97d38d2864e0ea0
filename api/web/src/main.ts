import "maplibre-gl/dist/maplibre-gl.css";
import "./style.css";
import { Map as MapView, NavigationControl, ScaleControl, setWorkerUrl, type MapGeoJSONFeature } from "maplibre-gl";
// The library's own way to its worker does not survive bundling.
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { ask, Problem, type Taxonomy } from "./answers";
import { answerAgain, closeAnswer, explain, perYear, showSource } from "./answer";
import { byId, el } from "./dom";
import { showFilters } from "./filters";
import { follow, type Change, type Live } from "./live";
import { filterQuery, readAddress, styleQuery, writeAddress } from "./query";
import { renew } from "./renew";
import { isEnglish, levelName, named, say, setLanguage } from "./words";

setWorkerUrl(workerUrl);

const opened = readAddress();
const choice = opened.choice;
const layers: Record<string, boolean> = { sources: true, places: false };
const sourceLayers = ["clusters", "cluster-counts", "hazards", "hazard-marks", "hazard-names", "lines", "areas", "areas-edge"];
const placeLayers = ["places", "place-names"];

let taxonomy: Taxonomy;
let map: MapView;
let live: Live | undefined;
let count: number | undefined;

function trouble(err: unknown): void {
  if (err instanceof DOMException && err.name === "AbortError") return;
  const box = byId("trouble");
  box.textContent = `${say("failed")}: ${err instanceof Problem || err instanceof Error ? err.message : String(err)}`;
  box.hidden = false;
  setTimeout(() => (box.hidden = true), 6000);
}

const styleUrl = () => `styles/${choice.style}/style.json?${styleQuery(choice, isEnglish())}`;

/** Everything that depends on language, style or choice, drawn again. */
function draw(): void {
  document.documentElement.dataset.style = choice.style;
  document.title = `${named(taxonomy.city)} · ${say("title")} · riskatlas`;
  byId("title").textContent = isEnglish() ? `${named(taxonomy.city)}: ${say("title")}` : named(taxonomy.city) + say("title");
  const notices = [
    taxonomy.synthetic ? el("span", { className: "synthetic" }, say("synthetic")) : null,
    taxonomy.view?.name === "public" ? el("span", {}, say("publicView", { n: taxonomy.view.left_out })) : null,
    taxonomy.schematic ? el("span", {}, say("schematic")) : null,
  ].filter((n) => n !== null);
  byId("notice").replaceChildren(...notices.flatMap((n, i) => (i ? [" · ", n] : [n])));
  const switchLanguage = el("button", { type: "button" }, isEnglish() ? "中文" : "English");
  switchLanguage.addEventListener("click", () => {
    setLanguage(isEnglish() ? "zh" : "en");
    closeAnswer();
    changed();
  });
  byId("switches").replaceChildren(foldButton(), switchLanguage);
  showFilters(taxonomy, choice, layers, changed);
  drawLegend();
  drawLive();
}

/** Whether the page hears of changes, and of which revision it is. */
function drawLive(): void {
  if (!live) return;
  const time = live.heard?.toLocaleTimeString(isEnglish() ? "en-GB" : "zh-CN", { hour12: false });
  const parts = [
    el("i", { className: live.connected ? "on" : "off" }),
    live.connected ? say("live") : say("lost"),
    `${say("revision")} ${live.revision}`,
    time ? `${say("lastUpdate")} ${time}` : null,
    count === undefined ? null : say("sourcesShown", { n: count.toLocaleString("en") }),
  ].filter((part) => part !== null);
  byId("live").replaceChildren(...parts.flatMap((part, i) => (i > 1 ? [" · ", part] : [part])));
  document.documentElement.dataset.revision = String(live.revision);
  document.documentElement.dataset.live = String(live.connected);
}

/** The number of sources that the filter selects. */
async function recount(): Promise<void> {
  const summary = await ask<{ total: { count: number } }>("count", `api/v1/summary?${new URLSearchParams([...new URLSearchParams(filterQuery(choice)), ["by", "level"]])}`);
  count = summary.total.count;
  drawLive();
}

/** What was heard, shown: tiles, numbers, and the answer that is open. */
function heard(changes: Change[] | null): void {
  renew(map, changes);
  // What was on its way when the change came may have left before it.
  if (!map.areTilesLoaded()) map.once("idle", () => renew(map, changes));
  recount().catch(trouble);
  answerAgain(changes).catch(trouble);
  if (!changes)
    ask<Taxonomy>("taxonomy", "api/v1/taxonomy").then((t) => {
      taxonomy = t;
      draw();
    }, trouble);
}

/** On a phone the filters fold away under a button. */
function foldButton(): HTMLElement {
  const filters = byId("filters");
  const button = el("button", { type: "button", id: "fold", ariaExpanded: String(!filters.classList.contains("folded")) }, say("filters"));
  button.setAttribute("aria-controls", "filters");
  button.addEventListener("click", () => (button.ariaExpanded = String(!filters.classList.toggle("folded"))));
  return button;
}

function drawLegend(): void {
  const c = taxonomy.cuts;
  const from = ["", c.floor, c.general, c.significant, c.major];
  byId("legend").replaceChildren(
    el("h2", {}, say("legend")),
    el(
      "ul",
      {},
      ...[4, 3, 2, 1].map((l) =>
        el("li", {}, el("i", { className: "swatch", dataset: { level: String(l) } }), levelName(l), el("small", {}, `${l === 1 ? ">" : "≥"} ${perYear(from[l] as number)}`)),
      ),
    ),
    el("p", {}, choice.stat === "worst" ? say("statWorst") : say("statShare")),
  );
}

function applyLayers(): void {
  for (const [ids, on] of [[sourceLayers, layers.sources], [placeLayers, layers.places]] as const)
    for (const id of ids) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
}

function changed(): void {
  writeAddress(choice, isEnglish());
  draw();
  recount().catch(trouble);
  // Equal parts of the old and the new style stay; only changed sources reload.
  map.setStyle(styleUrl(), { diff: true });
  map.once("styledata", applyLayers);
}

function clicked(features: MapGeoJSONFeature[], at: { lng: number; lat: number }): void {
  const cluster = features.find((f) => f.layer.id === "clusters");
  if (cluster) {
    map.easeTo({ center: at, zoom: Math.min(map.getZoom() + 2, 16) });
    return;
  }
  const source = features.find((f) => f.layer.id === "hazards" || f.layer.id === "lines");
  const asked = source ? showSource(String(source.properties.id), taxonomy) : explain(at, map.getZoom(), choice, taxonomy);
  asked.catch(trouble);
}

async function start(): Promise<void> {
  setLanguage(opened.english ? "en" : "zh");
  taxonomy = await ask<Taxonomy>("taxonomy", "api/v1/taxonomy");
  const [west, south, east, north] = taxonomy.city.bounds;
  const pad = Math.max(0.5, (east - west) / 3);
  map = new MapView({
    container: "map",
    style: styleUrl(),
    center: taxonomy.city.centre,
    zoom: 10.5,
    minZoom: 5,
    maxZoom: 19,
    hash: true,
    maxBounds: [Math.max(-180, west - pad), Math.max(-85, south - pad), Math.min(180, east + pad), Math.min(85, north + pad)],
    // Tiles out of view are not refreshed; the browser's own cache asks whether they are new.
    maxTileCacheSize: 0,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: { compact: false },
    localIdeographFontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
  map.addControl(new ScaleControl({}), "bottom-right");
  map.on("error", (e) => trouble(e.error));
  map.on("click", (e) => clicked(map.queryRenderedFeatures([[e.point.x - 3, e.point.y - 3], [e.point.x + 3, e.point.y + 3]], { layers: ["clusters", "hazards", "lines"].filter((id) => map.getLayer(id)) }), e.lngLat));
  for (const id of ["clusters", "hazards", "lines"]) {
    map.on("mouseenter", id, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", id, () => (map.getCanvas().style.cursor = ""));
  }
  map.once("styledata", applyLayers);
  byId("filters").classList.toggle("folded", matchMedia("(max-width: 720px)").matches);
  draw();
  // For tests from outside: the map says when all that it asked for is drawn.
  map.on("idle", () => (document.documentElement.dataset.idle = "true"));
  Object.assign(window, { riskatlas: { map } });
  // From the revision of the first answer on: whatever changed while the map loaded is told.
  follow(taxonomy.data_revision, heard, (state) => {
    live = state;
    drawLive();
  });
  recount().catch(trouble);
}

start().catch(trouble);
