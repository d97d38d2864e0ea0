// Opens the map as a reader would and reports what there is to see, as JSON.
// node map.mjs URL FOLDER: screenshots go to FOLDER.
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.RISKATLAS_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

const idle = (page) =>
  page.waitForFunction(() => document.documentElement.dataset.idle === "true" && window.riskatlas.map.areTilesLoaded(), null, { timeout: 60_000 });

/** What the map has drawn: risk polygons by level, sources, districts. */
const drawn = (page) =>
  page.evaluate(() => {
    const { map } = window.riskatlas;
    const risk = {};
    for (const f of map.queryRenderedFeatures({ layers: ["risk"] })) risk[f.properties.level] = (risk[f.properties.level] ?? 0) + 1;
    return { risk, sources: map.queryRenderedFeatures({ layers: ["hazards", "clusters"] }).length, districts: map.queryRenderedFeatures({ layers: ["districts"] }).length };
  });

async function open(name, viewport, query) {
  const page = await browser.newPage({ viewport });
  const errors = [];
  page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  page.on("pageerror", (e) => errors.push(String(e)));
  page.on("response", (r) => r.status() >= 400 && errors.push(`${r.status()} ${r.url()}`));
  await page.goto(`${url}/${query}`);
  await idle(page);
  const seen = { name, ...(await drawn(page)), notice: await page.textContent("#notice"), title: await page.title(), errors };
  await page.screenshot({ path: `${folder}/${name}.png` });
  return { page, seen };
}

const again = async (page, act) => {
  await page.evaluate(() => (document.documentElement.dataset.idle = "false"));
  await act();
  await idle(page);
};

const report = [];
try {
  const wide = await open("desktop-zh", { width: 1920, height: 1080 }, "?lang=zh#10.5/30.25/120.2");
  const { page, seen } = wide;
  // Why is it red here: a click on the ground away from sources.
  await page.evaluate(() => window.riskatlas.map.setLayoutProperty("clusters", "visibility", "none"));
  await page.mouse.click(960, 560);
  await page.waitForSelector("#answer:not([hidden]) .verdict");
  seen.answer = await page.textContent("#answer");
  await page.screenshot({ path: `${folder}/desktop-answer.png` });
  // A filter: only the crowded places.
  await again(page, () => page.check('#filters input[name="group"][value="crowded"]'));
  seen.filtered = await drawn(page);
  seen.address = page.url();
  await page.screenshot({ path: `${folder}/desktop-filtered.png` });
  report.push(seen);
  await page.close();

  for (const [name, viewport, query] of [
    ["desktop-en", { width: 1920, height: 1080 }, "?lang=en&stat=worst#14/30.262/120.18"],
    ["night", { width: 1920, height: 1080 }, "?lang=zh&style=night#11/30.25/120.2"],
    ["phone", { width: 390, height: 844 }, "?lang=zh#11/30.25/120.18"],
    ["city", { width: 1920, height: 1080 }, "?lang=en&style=colour-blind#8.6/29.9/119.6"],
  ]) {
    const opened = await open(name, viewport, query);
    report.push(opened.seen);
    await opened.page.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(report));
