// Opens the handbook as a reader would and reports what there is to see, as JSON.
// node handbook.mjs URL FOLDER: screenshots go to FOLDER.
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.RISKATLAS_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const report = [];
try {
  for (const [name, viewport, query] of [
    ["handbook-zh", { width: 1920, height: 1080 }, "lang=zh"],
    ["handbook-en", { width: 1920, height: 1080 }, "lang=en"],
    ["handbook-phone", { width: 390, height: 844 }, "lang=zh"],
  ]) {
    const page = await browser.newPage({ viewport });
    const errors = [];
    page.on("console", (m) => ["error", "warning"].includes(m.type()) && errors.push(m.text()));
    page.on("pageerror", (e) => errors.push(String(e)));
    page.on("request", (r) => r.url().startsWith(url) || errors.push(`asks ${r.url()}`));
    await page.goto(`${url}/api/v1/handbook?${query}`);
    await page.click('nav a[href="#I04"]');
    report.push({
      name,
      errors,
      ...(await page.evaluate(() => ({
        title: document.title,
        text: document.body.innerText,
        drawings: 0,
        tables: document.querySelectorAll("table").length,
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        top: Math.round(document.getElementById("I04").getBoundingClientRect().top),
      }))),
    });
    await page.screenshot({ path: `${folder}/${name}.png` });
    await page.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(report));
