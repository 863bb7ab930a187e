// Looks at pages in headless Chromium, wide and narrow, light and dark: nothing is asked of the network, nothing hangs
// over the edge, no error is logged, and axe-core finds nothing serious, with everything folded open.
//
//   node scripts/pages/check.mjs [--shots DIRECTORY] FILE...
//
// Ends with 0: clean; 1: something was found; 2: wrong usage; 3: cannot run here (no Chromium, or npm cannot install).

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { chromium, end, install } from "./browser.mjs";

const here = dirname(fileURLToPath(import.meta.url));

const args = process.argv.slice(2);
const shots = args[0] === "--shots" ? args.splice(0, 2)[1] : undefined;
if (args.length === 0) end(2, "usage: node check.mjs [--shots DIRECTORY] FILE...");

const options = chromium();
install();
const playwright = createRequire(join(here, "package.json"))("playwright-core");
const axe = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");

const browser = await playwright.chromium.launch(options);

let found = 0;
for (const file of args) {
  for (const [width, height] of [[1280, 900], [360, 740]]) {
    for (const colorScheme of ["light", "dark"]) {
      // The page's own policy forbids scripts; axe-core is one, so it is let in from outside.
      const page = await browser.newPage({ viewport: { width, height }, colorScheme, bypassCSP: true });
      const complaints = [];
      const own = pathToFileURL(resolve(file)).href;
      page.on("request", (request) => {
        if (request.url().split("#")[0] !== own) complaints.push(`asked for ${request.url()}`);
      });
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(`logged: ${message.text()}`);
      });
      await page.goto(own);
      if (shots) await page.screenshot({ path: join(shots, `${basename(file)}-${width}-${colorScheme}.png`), fullPage: true });
      await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) complaints.push(`is ${wide} pixels wide in a window of ${width}`);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      const serious = violations.filter((it) => it.impact === "serious" || it.impact === "critical");
      for (const it of serious) {
        const where = it.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ");
        complaints.push(`${it.impact}: ${it.id}: ${it.help} (${it.nodes.length} times, first ${where})`);
      }
      const lesser = violations.filter((it) => !serious.includes(it)).map((it) => it.id);
      console.log(`${basename(file)} ${width} ${colorScheme}: ${serious.length} serious, ${lesser.length} lesser ${lesser}`);
      for (const complaint of complaints) console.log(`  ${complaint}`);
      found += complaints.length;
      await page.close();
    }
  }
}
await browser.close();
process.exit(found === 0 ? 0 : 1);
