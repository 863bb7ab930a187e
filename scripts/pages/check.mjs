// Looks at pages in headless Chromium, wide and narrow, light and dark: nothing is asked of the network, nothing hangs
// over the edge, no error is logged, and axe-core finds nothing serious, with everything folded open.
//
//   node scripts/pages/check.mjs [--shots DIRECTORY] FILE...
//
// Ends with 0: clean; 1: something was found; 2: wrong usage; 3: cannot run here (no Chromium, or npm cannot install).

import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { SCHEMES, WINDOWS, end, examine, launch } from "./browser.mjs";

const args = process.argv.slice(2);
const shots = args[0] === "--shots" ? args.splice(0, 2)[1] : undefined;
if (args.length === 0) end(2, "usage: node check.mjs [--shots DIRECTORY] FILE...");

const browser = await launch();
let found = 0;
for (const file of args) {
  for (const [width, height] of WINDOWS) {
    for (const colorScheme of SCHEMES) {
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
      const seen = await examine(page, width);
      complaints.push(...seen.complaints);
      console.log(`${basename(file)} ${width} ${colorScheme}: ${seen.serious} serious, ${seen.lesser.length} lesser ${seen.lesser}`);
      for (const complaint of complaints) console.log(`  ${complaint}`);
      found += complaints.length;
      await page.close();
    }
  }
}
await browser.close();
process.exit(found === 0 ? 0 : 1);
