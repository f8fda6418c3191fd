// Opens exported pages in a browser, points, clicks, zooms, and tells whether
// they do what they should and nothing else.
// Usage: node page.mjs DRIVER BROWSER FOLDER

import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [driver, browserPath, folder] = process.argv.slice(2);
const { chromium } = createRequire(join(driver, "x.js"))("playwright-core");

const browser = await chromium.launch({
  executablePath: browserPath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update",
    "--disable-sync"],
});

/// A page that may say nothing, ask for nothing and fail in nothing.
async function opened(file, options) {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  const heard = [];
  const url = pathToFileURL(join(folder, file)).href;
  page.on("console", (it) => heard.push(`${it.type()}: ${it.text()}`));
  page.on("pageerror", (it) => heard.push(`error: ${it.stack}`));
  page.on("dialog", (it) => heard.push(`dialog: ${it.message()}`));
  page.on("request", (it) => {
    if (it.url() !== url) heard.push(`request: ${it.url()}`);
  });
  await page.goto(url);
  const close = async () => {
    assert.deepEqual(heard, [], file);
    await context.close();
  };
  return { page, close };
}

/// From when to when the timeline shows, in seconds.
const range = (page) => page.evaluate("view[1] - view[0]");
const whole = (page) => page.evaluate("WHOLE[1] - WHOLE[0]");
const close = (a, b) => Math.abs(a - b) < 1e-9;

/// Waits until the page has drawn what it was asked for.
const drawn = (page) => page.evaluate(
  "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))");

const picture = (page) => page.evaluate(
  "document.querySelector('#plot canvas').toDataURL()");

/// The middle of a lane, in the window.
async function lane(page, name) {
  const row = page.locator("#names .name", { hasText: name }).first();
  await row.scrollIntoViewIfNeeded();
  const { y, height } = await row.boundingBox();
  const over = await page.locator("#plot .u-over").boundingBox();
  return { left: over.x, right: over.x + over.width, y: y + height / 2 };
}

/// Points along a lane until the tip says this; gives the place.
async function point(page, name, words) {
  const { left, right, y } = await lane(page, name);
  const tips = new Set();
  for (let x = left + 1; x < right; x += 3) {
    await page.mouse.move(x, y);
    const tip = page.locator("#tip");
    if (!await tip.isVisible()) continue;
    const text = await tip.innerText();
    tips.add(text.replaceAll("\n", " | "));
    if (words.test(text)) return { x, y };
  }
  return assert.fail(`no tip on ${name} says ${words}: ${[...tips]}`);
}

async function zooms(page) {
  const all = await whole(page);
  assert(close(await range(page), all));
  const { left, right, y } = await lane(page, "thread 1");
  const middle = (left + right) / 2;
  await page.mouse.move(middle, y);
  await page.mouse.wheel(0, -100);
  await drawn(page);
  const closer = await range(page);
  assert(closer < all * 0.9, "the wheel zooms");
  await page.mouse.move(middle - 100, y);
  await page.mouse.down();
  await page.mouse.move(middle, y, { steps: 4 });
  await page.mouse.move(middle + 100, y, { steps: 4 });
  await page.mouse.up();
  await drawn(page);
  const dragged = await range(page);
  assert(dragged < closer * 0.5, "a drag zooms");
  // The charts below go along.
  const axes = await page.evaluate("plots.slice(0, 4).map((it) =>"
    + " it.scales.x.max - it.scales.x.min)");
  for (const axis of axes) {
    assert(close(axis, dragged), "all axes are that of the range");
  }
  await page.mouse.dblclick(middle, y);
  await drawn(page);
  assert(close(await range(page), all), "a double click shows all");
  await page.locator("#lanes").focus();
  await page.keyboard.press("+");
  assert(await range(page) < all * 0.9, "a key zooms");
  await page.keyboard.press("Home");
  assert(close(await range(page), all), "Home shows all");
  await page.locator("#closer").click();
  assert(await range(page) < all * 0.9, "a button zooms");
  await page.locator("#whole").click();
  assert(close(await range(page), all), "a button shows all");
}

async function points(page, mode) {
  const thread = mode === "nonblocking" ? /spinning: .* calls in vain/
    : mode === "selector" || mode === "tasks" ? /asleep .* in wait.*\n.*woken: #\d input/
      : /asleep .* in (accept|read)/;
  await point(page, "thread 1", thread);
  await point(page, "#2", /(read|write) by thread \d+, \w+\.rs:\d+\n/);
  const marked = page.locator("#code tr.pointed");
  assert.equal(await marked.count(), 1, "the call's line is marked");
  await page.mouse.move(5, 5);
  assert(await page.locator("#tip").isHidden());
  await page.locator("#lanes").focus();
  await page.keyboard.press(".");
  assert(await page.locator("#tip").isVisible(), "keys go to marks");
  await page.keyboard.press("Escape");
}

async function clicks(page) {
  const before = await picture(page);
  const button = page.locator("#legend button").first();
  await button.click();
  await drawn(page);
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  assert.notEqual(await picture(page), before, "the legend hides");
  await button.click();
  await drawn(page);
  const line = page.locator("#code tr.active").first();
  await line.click();
  await drawn(page);
  assert.equal(await line.getAttribute("aria-pressed"), "true");
  assert.notEqual(await picture(page), before, "a line marks its calls");
  await line.click();
}

const shows = async (page, id, words) =>
  assert.match(await page.locator(id).innerText(), words);

async function isComplete(page, mode) {
  assert.match(await page.title(), new RegExp(`^${mode}: One client`));
  await shows(page, "#facts", /none lost[\s\S]*whole/);
  await shows(page, "#code", /pub (async )?fn serve/);
  await shows(page, "#counters", /echoes\s+4/);
  await shows(page, "#sockets", /#2\s+127\.0\.0\.1/);
  await shows(page, "#echo", /talker\s+closed loop\s+4/);
  await shows(page, "#findings", mode === "nonblocking"
    ? /A selector asks once and sleeps/ : /✓/);
  assert.equal(await page.locator("#rates canvas").count(), 3);
  assert.equal(await page.locator("#echo canvas").count(), 1);
}

const fits = async (page) => assert(await page.evaluate(
  "document.documentElement.scrollWidth <= innerWidth"), "it is too wide");

const WIDE = { width: 1280, height: 720 };
const modes = ["serial", "blocking", "nonblocking", "selector", "tasks"];
for (const mode of modes) {
  const { page, close: end } = await opened(`${mode}.html`, { viewport: WIDE });
  await isComplete(page, mode);
  await zooms(page);
  await points(page, mode);
  await clicks(page);
  await page.emulateMedia({ colorScheme: "dark" });
  for (const width of [1024, 400]) {
    await page.setViewportSize({ width, height: 800 });
    await drawn(page);
    await fits(page);
  }
  await end();
}

/// A page in which every text of the recording is this one.
function allHostile(file, harm) {
  const start = '<script type="application/json" id="data">';
  const [before, rest] = readFileSync(join(folder, file), "utf8").split(start);
  const end = rest.indexOf("</script>");
  const data = JSON.parse(rest.slice(0, end), (key, value) =>
    typeof value === "string" && key !== "kind" ? harm : value);
  const safe = JSON.stringify(data).replaceAll("<", "\\u003c");
  writeFileSync(join(folder, "all.html"), before + start + safe
    + rest.slice(end));
}

const hostile = readdirSync(folder).find((it) => /^hostile.*html$/.test(it));
const { page, close: end } = await opened(hostile, { viewport: WIDE });
await shows(page, "h1", /^<\/script><script>window\.harmed=1<\/script><img/);
assert.match(await page.title(), /hostile <img src=x/);
await zooms(page);
assert.equal(await page.evaluate("window.harmed"), undefined);
assert.equal(await page.locator("img").count(), 0);
await end();

const harm = "<img src=x onerror=window.harmed=1><script>window.harmed=1"
  + "</script>";
allHostile("tasks.html", harm);
const all = await opened("all.html", { viewport: WIDE });
await point(all.page, "thread 1", /<img/);
await shows(all.page, "body", /<img src=x[\s\S]*Findings[\s\S]*<img src=x/);
assert.equal(await all.page.evaluate("window.harmed"), undefined);
assert.equal(await all.page.locator("img").count(), 0);
await all.close();

/// What is on README's film at first, and at its end.
async function film(reducedMotion) {
  const film = await opened("film.svg", { reducedMotion });
  const seen = () => film.page.evaluate(() =>
    [...document.querySelectorAll("g")]
      .filter((it) => getComputedStyle(it).visibility === "visible")
      .map((it) => it.textContent).join(""));
  const first = await seen();
  await film.page.evaluate(() =>
    document.getAnimations().forEach((it) => it.finish()));
  const last = await seen();
  await film.close();
  return { first, last };
}

const moving = await film("no-preference");
const still = await film("reduce");
assert.match(moving.last, /verdict/);
assert.doesNotMatch(moving.first, /verdict/);
assert.deepEqual(still, { first: moving.last, last: moving.last });

console.log(`page: Chromium ${browser.version()}: ${modes.join(", ")}: drawn, `
  + "zoomed, hovered, clicked; a hostile page stays text; nothing on a "
  + "console, no request but for the file; README's film ends, and stands "
  + "still where motion is not wanted");
await browser.close();
