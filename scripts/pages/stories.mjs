// The stories of a running demo, in headless Chromium and by keyboard alone: a person connects a film service, sees what
// it reads, withdraws, and its next call is refused; a friend refuses everything and vanishes from a search engine's answer.
//
//   node scripts/pages/stories.mjs [--shots DIRECTORY] DEMO.json
//
// DEMO.json is what `countersign demo --dir` leaves in its directory. Every page that a story comes to is looked at wide
// and narrow, light and dark, as check.mjs does. Ends as check.mjs does, and prints a line for each step.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { SCHEMES, WINDOWS, end, examine, launch } from "./browser.mjs";

const args = process.argv.slice(2);
const shots = args[0] === "--shots" ? args.splice(0, 2)[1] : undefined;
if (args.length !== 1) end(2, "usage: node stories.mjs [--shots DIRECTORY] DEMO.json");
const demo = JSON.parse(readFileSync(args[0], "utf8"));
const own = new Set([demo.gateway, demo.shops, demo.login].map((address) => new URL(address).origin));

const browser = await launch();
let found = 0;

function wrong(what) {
  found += 1;
  console.log(`  WRONG: ${what}`);
}

function holds(fact, what) {
  if (fact) console.log(`  ${what}`);
  else wrong(`not so: ${what}`);
}

// Somebody at a keyboard of their own.
class Person {
  static async sits(name) {
    const person = new Person();
    person.name = name;
    person.context = await browser.newContext({ viewport: { width: WINDOWS[0][0], height: WINDOWS[0][1] } });
    person.page = await person.context.newPage();
    person.keys = 0;
    person.page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== "data:" && !own.has(origin)) wrong(`asked for ${request.url()}`);
    });
    person.page.on("console", (message) => {
      // What is refused on purpose is logged by the browser as a failed load.
      if (message.type() === "error" && !message.text().includes("status of 4")) wrong(`logged: ${message.text()}`);
    });
    return person;
  }

  async opens(address) {
    console.log(`${this.name} opens ${new URL(address).pathname}`);
    await this.page.goto(address);
  }

  async text() {
    return (await this.page.locator("body").innerText()).replace(/\s+/g, " ");
  }

  // Tabs until what has this name is in focus, as somebody without a mouse does.
  async reaches(name) {
    await this.page.evaluate(() => document.activeElement?.blur());
    for (let tabs = 0; tabs < 200; tabs += 1) {
      await this.page.keyboard.press("Tab");
      const there = await this.page.evaluate(() => {
        const it = document.activeElement;
        const label = it.labels?.[0]?.innerText ?? it.innerText ?? "";
        const outline = getComputedStyle(it).outlineStyle;
        return { name: label.trim(), seen: outline !== "none" };
      });
      if (there.name === name) {
        if (!there.seen) wrong(`${name} does not show that it is in focus`);
        return;
      }
    }
    const here = (await this.text()).slice(0, 400);
    throw new Error(`"${name}" cannot be reached by keyboard at ${this.page.url()}: ${here}`);
  }

  // Presses a button or follows a link.
  async presses(name) {
    await this.reaches(name);
    console.log(`${this.name} presses "${name}"`);
    this.keys += 1;
    await Promise.all([this.page.waitForNavigation(), this.page.keyboard.press("Enter")]);
  }

  async ticks(name) {
    await this.reaches(name);
    this.keys += 1;
    await this.page.keyboard.press("Space");
  }

  async ticksAll() {
    let ticked = 0;
    // Boxes may have the same words, about different people: each is reached in its turn.
    for (const box of await this.page.locator("input[type=checkbox]").all()) {
      if (await box.isChecked()) continue;
      await box.focus();
      await this.page.keyboard.press("Space");
      this.keys += 1;
      ticked += 1;
    }
    console.log(`${this.name} ticks ${ticked} boxes`);
  }

  async looks(name) {
    for (const [width, height] of WINDOWS) {
      for (const colorScheme of SCHEMES) {
        await this.page.setViewportSize({ width, height });
        await this.page.emulateMedia({ colorScheme });
        if (shots) await this.page.screenshot({ path: join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        const { complaints } = await examine(this.page, width);
        for (const complaint of complaints) wrong(`${name} ${width} ${colorScheme} ${complaint}`);
      }
    }
    const weight = (await this.page.content()).length;
    if (weight >= 100_000) wrong(`${name} weighs ${weight} bytes`);
    console.log(`  looked at ${name}: ${weight} bytes`);
    await this.page.setViewportSize({ width: WINDOWS[0][0], height: WINDOWS[0][1] });
  }

  async logsIn() {
    const here = await this.text();
    if (!here.includes("Who are you?")) return;
    await this.presses(this.name);
  }
}

async function connects(person, shop) {
  await person.opens(`${demo.shops}/${shop}`);
  await person.presses("Connect with Sample Social");
  await person.logsIn();
}

async function aPersonConnectsAFilmService() {
  const newcomer = demo.newcomers[1];
  const person = await Person.sits(newcomer.name);
  await connects(person, "reelbox");
  holds((await person.text()).includes("Reelbox asks you"), "the consent screen says who asks");
  await person.looks("consent");
  const before = person.keys;
  await person.ticksAll();
  await person.presses("Yes, as ticked above");
  const given = person.keys - before;
  holds((await person.text()).includes("Connected to your account"), "Reelbox is connected");
  await person.looks("shop");
  await person.presses("Read who you are");
  const read = await person.text();
  holds(read.includes("who you are: 200") && read.includes(newcomer.name), "Reelbox reads their name");

  await person.opens(`${demo.gateway}/desk`);
  await person.logsIn();
  holds((await person.text()).includes("Reelbox"), "the desk shows Reelbox");
  await person.looks("desk");
  const then = person.keys;
  await person.presses("Stop Reelbox");
  const taken = person.keys - then;
  holds(taken <= given, `stopping took ${taken} keys, giving took ${given}`);

  await person.opens(`${demo.shops}/reelbox`);
  await person.presses("Read who you are");
  const after = await person.text();
  holds(/who you are: 40[13]/.test(after) && !after.includes(newcomer.name), "the next call is refused");
}

async function aFriendRefusesEverything() {
  const { newcomers: [of], friend } = demo;
  const person = await Person.sits(of.name);
  await connects(person, "findr");
  await person.ticksAll();
  await person.presses("Yes, as ticked above");
  await person.presses("Read names of friends");
  holds((await person.text()).includes(friend.name), "Findr reads the friend's name");

  const other = await Person.sits(friend.name);
  await other.opens(`${demo.gateway}/desk`);
  await other.logsIn();
  holds((await other.text()).includes("Findr"), "the friend's desk shows what Findr sees through others");
  await other.looks("friends-desk");
  await other.presses("Set: Nothing to any partner");
  await other.looks("friends-desk-refusing");

  await person.presses("Read names of friends");
  const after = await person.text();
  holds(after.includes("names of friends: 200") && !after.includes(friend.name), "the friend is gone from the next answer");
  await other.presses("Lift: Nothing to any partner");
}

const stories = { aPersonConnectsAFilmService, aFriendRefusesEverything };
for (const [name, story] of Object.entries(stories)) {
  console.log(`== ${name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)}`);
  try {
    await story();
  } catch (error) {
    wrong(error.message);
  }
}
await browser.close();
console.log(found === 0 ? "all stories hold" : `${found} things are wrong`);
process.exit(found === 0 ? 0 : 1);
