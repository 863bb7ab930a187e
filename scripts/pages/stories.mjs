// The stories of a running demo, in headless Chromium and by keyboard alone: a person connects a film service, sees what
// it read, withdraws, and its next call is refused; a friend refuses everything and vanishes from all partners' answers;
// a shop's officer signs and its powers work; a steward drafts what a promise forbids; a bystander answers a request from
// the letter that a digest became.
//
//   node scripts/pages/stories.mjs [--shots DIRECTORY] PROGRAM DIR
//
// PROGRAM is countersign, DIR the directory of a running `countersign demo --dir`. Every page that a story comes to is looked at wide
// and narrow, light and dark, as check.mjs does. Ends as check.mjs does, and prints a line for each step.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { SCHEMES, WINDOWS, end, examine, launch } from "./browser.mjs";

const args = process.argv.slice(2);
const shots = args[0] === "--shots" ? args.splice(0, 2)[1] : undefined;
if (args.length !== 2) end(2, "usage: node stories.mjs [--shots DIRECTORY] PROGRAM DIR");
const [program, dir] = args;
const read = (file) => readFileSync(join(dir, file), "utf8");
const demo = JSON.parse(read("demo.json"));
const own = new Set([demo.gateway, demo.shops, demo.login, demo.letters, demo.admin].map((address) => new URL(address).origin));

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
        const label = it.labels?.[0]?.innerText ?? it.textContent ?? "";
        const outline = getComputedStyle(it).outlineStyle;
        // As a screen reader says it: with what is there for it alone.
        return { name: label.replace(/\s+/g, " ").trim(), seen: outline !== "none" };
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

  // Writes into a field, in the place of what stands there.
  async writes(name, text) {
    await this.reaches(name);
    console.log(`${this.name} fills in "${name}"`);
    this.keys += 1;
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(text);
  }

  async ticksAll() {
    let ticked = 0;
    // Boxes may have the same words, about different people: each that Tab comes to is ticked in its turn.
    const left = this.page.locator("input[type=checkbox]:not(:checked)");
    for (let tabs = 0; (await left.count()) > 0; tabs += 1) {
      if (tabs === 400) throw new Error(`${await left.count()} boxes cannot be reached by Tab`);
      await this.page.keyboard.press("Tab");
      if (!(await this.page.evaluate(() => document.activeElement.matches("input[type=checkbox]:not(:checked)")))) continue;
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

  // Loads the page again until it is as it should be; what a task behind it does takes a moment.
  async comesBackUntil(done, seconds = 30) {
    for (let tries = 0; tries < seconds * 2 && !(await done()); tries += 1) {
      await this.page.waitForTimeout(500);
      await this.page.reload();
    }
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
  // What was told is found by a task that follows the ledger.
  await person.comesBackUntil(async () => /Reelbox.*once/i.test(await person.text()));
  const shown = await person.text();
  holds(shown.includes("Stop Reelbox"), "the desk shows Reelbox");
  holds(/Reelbox.*once/i.test(shown), "and what it read, once");
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

// Has every shop read all that it can; in which answers somebody is, by name or by the platform's id.
async function answersWith(person, shops, somebody) {
  const among = [];
  for (const shop of shops) {
    await person.opens(`${demo.shops}/${shop}`);
    const all = await person.page.getByRole("button", { name: /^Read / }).allInnerTexts();
    for (const button of all) {
      await person.presses(button);
      const told = await person.text();
      if ([somebody.name, somebody.id].some((it) => told.includes(it))) among.push(`${shop}: ${button}`);
    }
  }
  return among;
}

async function aFriendRefusesEverything() {
  const { newcomers: [of], friend } = demo;
  const person = await Person.sits(of.name);
  const shops = ["findr", "reelbox", "tunely"];
  for (const shop of shops) {
    await connects(person, shop);
    await person.ticksAll();
    await person.presses("Yes, as ticked above");
  }
  const before = await answersWith(person, shops, friend);
  holds(before.some((it) => it.startsWith("findr: ")) && before.some((it) => it.startsWith("reelbox: ")),
    `the friend is in answers to more than one partner: ${before.join(", ")}`);

  const other = await Person.sits(friend.name);
  await other.opens(`${demo.gateway}/desk`);
  await other.logsIn();
  const desk = await other.text();
  holds(desk.includes("Findr") && desk.includes("Reelbox"), "the friend's desk shows what partners see through others");
  await other.looks("friends-desk");
  await other.presses("Set: Nothing to any partner");
  await other.looks("friends-desk-refusing");

  const after = await answersWith(person, shops, friend);
  holds(after.length === 0, `the friend is gone from the next answer to every partner${after.map((it) => `, not ${it}`).join("")}`);
  await person.opens(`${demo.shops}/findr`);
  await person.presses("Read names of friends");
  holds((await person.text()).includes("names of friends: 200"), "which are answers all the same");
  await other.presses("Lift: Nothing to any partner");
}

async function aBystanderAnswersFromTheDigest() {
  const { newcomers: [of], bystander } = demo;
  const person = await Person.sits(of.name);
  await connects(person, "findr");
  await person.ticksAll();
  await person.presses("Yes, as ticked above");
  await person.presses("Read names of friends");
  let read = await person.text();
  holds(read.includes("names of friends: 200") && !read.includes(bystander.name), "Findr does not read who never agreed");

  const other = await Person.sits(bystander.name);
  await other.opens(demo.letters);
  const link = `See who asks you, ${bystander.name}`;
  const letters = () => other.page.getByRole("link", { name: link, exact: true }).count();
  holds((await letters()) === 0, "nobody is told on the day on which a partner asked");
  await other.looks("letters-none");
  await other.presses("Let thirty days go by");
  await other.comesBackUntil(async () => (await letters()) > 0);
  holds((await letters()) === 1, "thirty days later there is one letter");
  await other.looks("letters");
  await other.presses(link);
  await other.logsIn();
  const asked = await other.text();
  holds(asked.includes("Findr sees your name.") && !asked.includes(of.name), "they are asked, and not told through whom");
  await other.looks("asked");
  await other.presses("Read it and answer: Findr sees that you have a profile here.");
  await other.looks("asks");
  await other.presses("Yes, to this");
  await person.presses("Read names of friends");
  holds(!(await person.text()).includes(bystander.name), "a yes to one power is none to another");
  await other.presses("Read it and answer: Findr sees your name.");
  await other.presses("Yes, to this");
  holds(!(await other.text()).includes("Findr sees your name."), "what is answered is not asked any more");
  await other.looks("asked-answered");

  await person.presses("Read names of friends");
  read = await person.text();
  holds(read.includes("names of friends: 200") && read.includes(bystander.name), "the next answer has their name");
  await other.opens(`${demo.gateway}/desk`);
  holds((await other.text()).includes("Findr"), "their desk shows Findr");
  await other.opens(demo.letters);
  await other.presses("Let thirty days go by");
  holds((await letters()) === 1, "what they left unanswered is no second letter");
}

async function aShopsOfficerSigns() {
  const person = await Person.sits(demo.newcomers[2].name);
  await person.opens(`${demo.shops}/shopfront`);
  await person.presses("Connect with Sample Social");
  holds((await person.text()).includes("That did not work"), "what is not countersigned is not even asked for");

  const officer = await Person.sits("Shopfront's officer");
  const said = execFileSync(program, ["desk", "--dir", dir, "--partner", "shopfront"], { encoding: "utf8" });
  await officer.page.goto(said.match(/http:\S+/)[0]);
  await officer.presses("Open the desk");
  await officer.looks("partners-desk");
  await officer.presses("Read and sign it");
  await officer.looks("partners-agreement");
  await officer.page.getByLabel("Private key (JWK, or PKCS #8 in PEM)").setInputFiles(join(dir, "keys/officer-of-shopfront.jwk"));
  await officer.presses("Sign in this browser");

  await connects(person, "shopfront");
  await person.ticksAll();
  await person.presses("Yes, as ticked above");
  holds((await person.text()).includes("Connected to your account"), "its powers work the moment it has signed");
}

async function aStewardDraftsWhatAPromiseForbids() {
  const stella = await Person.sits("Stella");
  await stella.opens(`${demo.admin}/desk`);
  await stella.looks("stewards-login");
  await stella.writes("Your token", read("keys/stella.token").trim());
  await stella.presses("Log in");
  await stella.looks("stewards-desk");
  await stella.presses("Draft one");
  const month = (later) => new Date(Date.now() + later * 30 * 86_400_000).toISOString().slice(0, 10);
  const draft = read("documents/agreement-shopfront.yaml")
    .replace("version: 1", "version: 2")
    .replace(/from: \S+/, `from: ${month(-1)}T00:00:00Z`)
    .replace(/until: \S+/, `until: ${month(6)}T00:00:00Z`);
  await stella.writes("The agreement", draft);
  await stella.presses("Take it in as a draft");
  const told = await stella.text();
  holds(told.includes("forbids it: the platform cannot sign"), "the draft shows that the platform cannot sign it");
  holds(told.includes("no longer get the contact details"), "with the promise's own words");
  await stella.looks("stewards-agreement");
}

async function anybodyReadsWhatIsPublic() {
  const reader = await Person.sits("Somebody");
  for (const page of ["partners", "promises", "ledger"]) {
    await reader.opens(`${demo.gateway}/public/${page}`);
    await reader.looks(`public-${page}`);
  }
}

// What a promise forbids is refused, and counted where everybody can read it: from twenty times on, so that no number tells
// of one person.
async function aPromiseIsCounted() {
  const counted = async (reader) => {
    await reader.opens(`${demo.gateway}/public/promises`);
    const times = (await reader.text()).match(/the gateway refuse (\d+) times/);
    return times ? Number(times[1]) : 0;
  };
  const reader = await Person.sits("Somebody");
  const before = await counted(reader);
  holds(before === 0 && (await reader.text()).includes("fewer than 20"), "at first the page says no number");
  const person = await Person.sits(demo.newcomers[0].name);
  await connects(person, "findr");
  await person.ticksAll();
  await person.presses("Yes, as ticked above");
  for (let times = 0; times < 20; times += 1) await person.presses("Read friends' contact details");
  holds(/friends' contact details: (40[34]|200)/.test(await person.text()), "Findr asks for what is promised to nobody");
  // Refusals of one kind stand on the ledger together, once a minute.
  await reader.comesBackUntil(async () => (await counted(reader)) >= 20, 100);
  const after = await counted(reader);
  holds(after >= 20, `the page counts: ${after} times`);
  await reader.looks("public-promises-counted");
}

const stories = {
  aPersonConnectsAFilmService,
  aFriendRefusesEverything,
  aBystanderAnswersFromTheDigest,
  aShopsOfficerSigns,
  aStewardDraftsWhatAPromiseForbids,
  anybodyReadsWhatIsPublic,
  aPromiseIsCounted,
};
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
