// How long the desks' pages of a running demo take and how large they are: every page that links lead to, from the desks of
// a person, a partner and a steward and from the public pages.
//
//   countersign demo --people 1000000 --dir DIR      (wait until it stays up)
//   node scripts/pages/times.mjs PROGRAM DIR
//
// PROGRAM is countersign. A time is that of one request on a kept connection of this host, from its first byte to the
// answer's last, each page 40 times, one after the other; it holds the client's own share. Prints a table as docs/measured.md
// has it. Ends with 1 where a page weighs 100 kB or more or takes 50 ms at the median, with 2 and 3 as check.mjs does.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";

import { end, launch } from "./browser.mjs";

const args = process.argv.slice(2);
if (args.length !== 2) end(2, "usage: node times.mjs PROGRAM DIR");
const [program, dir] = args;
const read = (file) => readFileSync(join(dir, file), "utf8");
const demo = JSON.parse(read("demo.json"));
const TIMES = 40;
// Pages of one form, as those of single agreements: so many of each are asked for.
const OF_A_FORM = 6;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function get(address, cookie) {
  return new Promise((done, failed) => {
    const begun = performance.now();
    http.get(address, { agent, headers: { cookie, accept: "text/html" } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const body = Buffer.concat(parts);
        done({ ms: performance.now() - begun, status: answer.statusCode, type: answer.headers["content-type"] ?? "", body });
      });
    }).on("error", failed);
  });
}

// What all pages of one form have in common of their addresses.
const form = (url) => url.pathname.split("/").map((part, at) => (at > 2 || /\d/.test(part) ? "…" : part)).join("/")
  + (url.search ? "?…" : "");

async function cookiesOf(context, address) {
  return (await context.cookies(address)).map(({ name, value }) => `${name}=${value}`).join("; ");
}

// Goes through a desk by its links, and times each page.
async function goThrough(desk, start, cookie) {
  const base = new URL(start);
  const [queue, known, pages, forms] = [[base], new Set([base.href]), [], new Map()];
  while (queue.length > 0) {
    const url = queue.shift();
    const first = await get(url, cookie);
    if (first.status !== 200 || !first.type.startsWith("text/html")) continue;
    const all = [];
    for (let time = 0; time < TIMES; time += 1) all.push((await get(url, cookie)).ms);
    all.sort((one, other) => one - other);
    pages.push({ desk, form: form(url), bytes: first.body.length, median: all[TIMES / 2], slowest: all[TIMES - 1] });
    for (const [, link] of first.body.toString().matchAll(/<a [^>]*href="([^"#]+)/g)) {
      const next = new URL(link.replaceAll("&amp;", "&"), url);
      const seen = forms.get(form(next)) ?? 0;
      if (next.origin !== base.origin || known.has(next.href) || seen >= OF_A_FORM) continue;
      known.add(next.href);
      forms.set(form(next), seen + 1);
      queue.push(next);
    }
  }
  return pages;
}

async function person(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const name = demo.newcomers[0].name;
  for (const shop of ["findr", "reelbox"]) {
    await page.goto(`${demo.shops}/${shop}`);
    await page.getByRole("button", { name: "Connect with Sample Social" }).click();
    if ((await page.locator("body").innerText()).includes("Who are you?")) await page.getByRole("button", { name }).click();
    for (const box of await page.locator("input[type=checkbox]").all()) await box.check();
    await page.getByRole("button", { name: "Yes, as ticked above" }).click();
    const reads = await page.getByRole("button", { name: /^Read / }).count();
    for (let at = 0; at < reads; at += 1) await page.getByRole("button", { name: /^Read / }).nth(at).click();
  }
  await page.goto(`${demo.gateway}/desk`);
  return goThrough("person", `${demo.gateway}/desk`, await cookiesOf(context, demo.gateway));
}

async function partner(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const said = execFileSync(program, ["desk", "--dir", dir, "--partner", "findr"], { encoding: "utf8" });
  await page.goto(said.match(/http:\S+/)[0]);
  await page.getByRole("button", { name: "Open the desk" }).click();
  return goThrough("partner", page.url(), await cookiesOf(context, page.url()));
}

async function steward(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${demo.admin}/desk`);
  await page.getByLabel("Your token").fill(read("keys/stella.token").trim());
  await page.getByRole("button", { name: "Log in" }).click();
  return goThrough("steward", `${demo.admin}/desk`, await cookiesOf(context, demo.admin));
}

const browser = await launch();
const pages = [...(await person(browser)), ...(await partner(browser)), ...(await steward(browser)),
  ...(await goThrough("public", `${demo.gateway}/public`, ""))];
await browser.close();

const rows = new Map();
for (const page of pages) {
  const key = `${page.desk} | \`${page.form}\``;
  const row = rows.get(key) ?? { pages: 0, bytes: 0, median: 0, slowest: 0 };
  row.pages += 1;
  for (const what of ["bytes", "median", "slowest"]) row[what] = Math.max(row[what], page[what]);
  rows.set(key, row);
}
console.log("| desk | page | pages | bytes, at most | ms, median of the slowest | ms, slowest of all |");
console.log("| --- | --- | ---: | ---: | ---: | ---: |");
for (const [key, { pages: count, bytes, median, slowest }] of rows) {
  console.log(`| ${key} | ${count} | ${bytes.toLocaleString("en")} | ${median.toFixed(1)} | ${slowest.toFixed(1)} |`);
}
const over = pages.filter(({ bytes, median }) => bytes >= 100_000 || median >= 50);
console.log(`\n${pages.length} pages, ${over.length} of them too large or too slow`);
process.exit(over.length === 0 ? 0 : 1);
