// An officer signs in headless Chromium: opens the desk by its link, goes to the page of a version, chooses the file with
// the private key, and presses the button. Says in JSON what the page showed then and everything that was sent meanwhile.
//
//   node scripts/pages/sign.mjs LINK PAGE KEYFILE
//
// Ends with 0: it was tried; 2: wrong usage; 3: cannot run here, as check.mjs.

import { existsSync } from "node:fs";

import { end, launch } from "./browser.mjs";

const [link, address, key] = process.argv.slice(2);
if (!key || !existsSync(key)) end(2, "usage: node sign.mjs LINK PAGE KEYFILE");
const browser = await launch();
const page = await browser.newPage();
const sent = [];
const complaints = [];
page.on("request", (request) => sent.push({ method: request.method(), url: request.url(), body: request.postData() }));
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
page.on("pageerror", (error) => complaints.push(error.message));

await page.goto(link);
await page.getByRole("button", { name: "Open the desk" }).click();
await page.goto(address);
sent.length = 0;
await page.getByLabel("Private key (JWK, or PKCS #8 in PEM)").setInputFiles(key);
// Either the form is sent, or the page says why not; waited for from before the button is pressed.
const sentOrSaid = Promise.race([
  page.waitForResponse((response) => response.request().method() === "POST", { timeout: 60000 }),
  page.waitForFunction(() => document.getElementById("said")?.textContent, undefined, { timeout: 60000 }),
]).catch((error) => complaints.push(error.message));
await page.getByRole("button", { name: "Sign in this browser" }).click();
await sentOrSaid;
await page.waitForLoadState("load");
console.log(JSON.stringify({ text: await page.locator("body").innerText(), sent, complaints }));
await browser.close();
