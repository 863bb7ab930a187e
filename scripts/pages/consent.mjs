// A person answers a partner's request in headless Chromium: follows the link, logs in at the platform's provider, ticks
// every box and says yes. Prints the address that the browser is sent to then; nothing is there, and nobody is asked where.
//
//   node scripts/pages/consent.mjs LINK PERSON BACK
//
// PERSON is an id at the sample login, BACK how the address begins. Ends with 0: it was given; 1: the browser came
// somewhere else; 2: wrong usage; 3: cannot run here, as check.mjs.

import { end, launch } from "./browser.mjs";

const [link, person, back] = process.argv.slice(2);
if (!back) end(2, "usage: node consent.mjs LINK PERSON BACK");
const browser = await launch(["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]);
const page = await browser.newPage();
try {
  await page.goto(link);
  await page.locator(`button[value="${person}"]`).click();
  const yes = page.getByRole("button", { name: "Yes, as ticked above" });
  await yes.waitFor();
  for (const box of await page.getByRole("checkbox").all()) await box.check();
  // Waited for from before the button is pressed.
  const left = page.waitForRequest((request) => request.url().startsWith(back));
  await Promise.all([left, yes.click({ noWaitAfter: true })]);
  console.log((await left).url());
} catch (error) {
  end(1, `at ${page.url()}: ${error.message}`);
}
await browser.close();
