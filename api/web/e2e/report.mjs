// Opens the city's report as a reader would and reports what there is to see, as
// JSON. node report.mjs URL FOLDER: screenshots go to FOLDER.
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.RISKATLAS_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const report = [];
try {
  for (const [name, viewport, query] of [
    ["report-zh", { width: 1920, height: 1080 }, "format=html&lang=zh"],
    ["report-en", { width: 1920, height: 1080 }, "format=html&lang=en&cuts=new-build"],
    ["report-phone", { width: 390, height: 844 }, "format=html&lang=zh"],
  ]) {
    const page = await browser.newPage({ viewport });
    const errors = [];
    page.on("console", (m) => ["error", "warning"].includes(m.type()) && errors.push(m.text()));
    page.on("pageerror", (e) => errors.push(String(e)));
    page.on("request", (r) => r.url().startsWith(url) || r.url().startsWith("data:") || errors.push(`asks ${r.url()}`));
    await page.goto(`${url}/api/v1/report?${query}`);
    report.push({
      name,
      errors,
      ...(await page.evaluate(() => ({
        title: document.title,
        text: document.body.innerText,
        drawings: document.querySelectorAll("svg").length,
        tables: document.querySelectorAll("table").length,
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }))),
    });
    const chart = page.locator("svg").nth(1);
    await chart.scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${folder}/${name}.png` });
    await page.close();
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(report));
