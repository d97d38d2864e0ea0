// Opens the map in two browsers that know nothing of each other and reports when
// each shows what it is told to wait for. node events.mjs URL FOLDER
// In: a line of JSON for each edit, {id, name}; with {write: {method, path, type,
// body}} the first browser makes it. Out: a line when both pages are
// ready, one for each edit, and one at the end.
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.RISKATLAS_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const say = (line) => console.log(JSON.stringify(line));

async function open(lang) {
  const context = await browser.newContext({ viewport: { width: 720, height: 560 } });
  const page = await context.newPage();
  const seen = { page, errors: [], tiles: [] };
  page.on("console", (m) => m.type() === "error" && seen.errors.push(m.text()));
  page.on("pageerror", (e) => seen.errors.push(String(e)));
  page.on("request", (r) => r.url().includes("/tiles/") && seen.tiles.push(new URL(r.url()).pathname));
  await page.goto(`${url}/?lang=${lang}&stat=worst#15/30.2537/120.1711`);
  await page.waitForFunction(() => document.documentElement.dataset.idle === "true" && document.documentElement.dataset.live === "true" && window.riskatlas.map.areTilesLoaded(), null, { timeout: 60_000 });
  return seen;
}

/** Waits until the source is drawn by that name; counts what else is drawn meanwhile. */
const shown = ({ page }, { id, name }) =>
  page.evaluate(
    async ([id, name]) => {
      const { map } = window.riskatlas;
      const end = Date.now() + 20_000;
      let least = Infinity;
      while (Date.now() < end) {
        least = Math.min(least, map.queryRenderedFeatures({ layers: ["risk"] }).length);
        if (map.queryRenderedFeatures({ layers: ["hazards"] }).some((f) => f.properties.id === id && f.properties.name === name)) return { at: Date.now(), least };
        await new Promise((done) => setTimeout(done, 10));
      }
      return { at: 0, least };
    },
    [id, name],
  );

/** Writes as a script of the page would. */
const write = ({ page }, { method, path, type, body }) =>
  page.evaluate(
    async ([method, path, type, body]) => {
      const begun = Date.now();
      const answer = await fetch(path, { method, headers: { "Content-Type": type, "If-Match": "*" }, body });
      return { begun, status: answer.status, text: (await answer.text()).slice(0, 500) };
    },
    [method, path, type, body],
  );

try {
  const pages = [await open("zh"), await open("en")];
  say({ ready: true, visible: pages.map((p) => new Set(p.tiles).size) });
  for await (const line of createInterface({ input: process.stdin })) {
    const edit = JSON.parse(line);
    for (const p of pages) p.tiles.length = 0;
    const waiting = pages.map((p) => shown(p, edit)); // before the edit is made
    say({ waiting: true });
    const wrote = edit.write && (await write(pages[0], edit.write));
    const done = await Promise.all(waiting);
    await Promise.all(pages.map(({ page }) => page.waitForFunction(() => window.riskatlas.map.areTilesLoaded())));
    say({ wrote, shown: done, tiles: pages.map((p) => p.tiles) });
  }
  for (const [i, { page }] of pages.entries()) await page.screenshot({ path: `${folder}/events-${i}.png` });
  say({ errors: pages.map((p) => p.errors), live: await Promise.all(pages.map(({ page }) => page.textContent("#live"))) });
} finally {
  await browser.close();
}
