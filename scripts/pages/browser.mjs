// What the scripts of this directory share: Chromium, axe-core, and what is looked for on every page.
//
// Chromium: $CHROMIUM, or chromium, chromium-browser or google-chrome on the path. The two npm modules, pinned by
// package-lock.json, are installed once into node_modules beside this file, which git ignores.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

// Ends the script: 1: something was found; 2: wrong usage; 3: it cannot run here.
export function end(code, why) {
  console.error(why);
  process.exit(code);
}

function chromium() {
  const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"];
  const paths = (process.env.PATH ?? "").split(":");
  for (const name of names.filter(Boolean)) {
    const found = name.includes("/") ? [name] : paths.map((path) => join(path, name));
    const there = found.find(existsSync);
    if (there) return there;
  }
  return end(3, "no Chromium: install the package chromium, or set CHROMIUM");
}

// A browser that says nothing to anybody by itself. More flags of Chromium's may be given.
export async function launch(more = []) {
  const executablePath = chromium();
  if (!existsSync(join(here, "node_modules/axe-core/axe.min.js"))) {
    try {
      execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: here, stdio: "pipe" });
    } catch (error) {
      end(3, `npm ci failed in ${here}: ${error.message}`);
    }
  }
  const playwright = createRequire(join(here, "package.json"))("playwright-core");
  return playwright.chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", ...more],
  });
}

// Everything at which a page was ever looked at: wide and narrow.
export const WINDOWS = [[1280, 900], [360, 740]];
export const SCHEMES = ["light", "dark"];

// What is wrong with the page as it stands: something hangs over the edge, or axe-core finds something serious. And the
// names of the lesser things that it finds.
export async function examine(page, width) {
  const complaints = [];
  await page.evaluate(() => document.querySelectorAll("details").forEach((it) => (it.open = true)));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) complaints.push(`is ${wide} pixels wide in a window of ${width}`);
  await page.evaluate(readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((it) => it.impact === "serious" || it.impact === "critical");
  for (const it of serious) {
    const where = it.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ");
    complaints.push(`${it.impact}: ${it.id}: ${it.help} (${it.nodes.length} times, first ${where})`);
  }
  return { complaints, serious: serious.length, lesser: violations.filter((it) => !serious.includes(it)).map((it) => it.id) };
}
