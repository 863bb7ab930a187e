// How the scripts here get at a browser: Chromium from the system, Playwright and axe-core from npm.
//
// Chromium: $CHROMIUM, or chromium, chromium-browser or google-chrome on the path. The two npm modules, pinned by
// package-lock.json, are installed once into node_modules beside this file, which git ignores.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

export function end(code, why) {
  console.error(why);
  process.exit(code);
}

// With what Chromium is launched; ends with 3 where there is none.
export function chromium() {
  const names = [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"];
  const paths = (process.env.PATH ?? "").split(":");
  for (const name of names.filter(Boolean)) {
    const found = name.includes("/") ? [name] : paths.map((path) => join(path, name));
    const executablePath = found.find(existsSync);
    if (executablePath) {
      const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"];
      return { executablePath, args };
    }
  }
  return end(3, "no Chromium: install the package chromium, or set CHROMIUM");
}

// Puts the npm modules there; ends with 3 where that cannot be done.
export function install() {
  if (existsSync(join(here, "node_modules/axe-core/axe.min.js"))) return;
  try {
    execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: here, stdio: "pipe" });
  } catch (error) {
    end(3, `npm ci failed in ${here}: ${error.message}`);
  }
}
