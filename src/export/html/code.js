// The source as it ran, each line with what it did.

const rowsOfSites = new Map();
let pinned = null;

const baseName = (path) => path.split(/[\\/]/).pop();

/// What the lines of a file did, by their numbers.
function heatOf(file) {
  const heat = new Map();
  const at = (line) => {
    if (!heat.has(line)) {
      heat.set(line, { calls: [], hits: 0, inVain: 0, asleep: 0, sites: [] });
    }
    return heat.get(line);
  };
  for (const row of DATA.report.lines.filter((it) => it.file === file)) {
    const line = at(row.line);
    line.calls.push(row.call);
    line.hits += Object.values(row.outcomes).reduce((a, b) => a + b, 0);
    line.inVain += row.outcomes.would_block || 0;
  }
  DATA.lanes.sites.forEach((site, number) => {
    if (site.file !== file) return;
    at(site.line).asleep += site.asleep_ns;
    at(site.line).sites.push(number + 1);
  });
  return heat;
}

/// Marks the calls of a line in the timeline; `null` marks none.
function markSites(sites) {
  shown.site = sites;
  timeline.redraw(false);
}

/// Marks the line of a call.
function markCode(site) {
  for (const [number, row] of rowsOfSites) {
    row.classList.toggle("pointed", number === site);
  }
}

function pin(row, sites) {
  const isSame = pinned === row;
  if (pinned) pinned.setAttribute("aria-pressed", "false");
  pinned = isSame ? null : row;
  if (pinned) pinned.setAttribute("aria-pressed", "true");
  pinned ? markSites(sites) : markSites(null);
}

/// A line that can be pointed at.
function makeActive(row, sites) {
  row.tabIndex = 0;
  row.classList.add("active");
  row.setAttribute("aria-pressed", "false");
  for (const number of sites) rowsOfSites.set(number, row);
  const point = () => pinned || markSites(sites);
  const leave = () => pinned || markSites(null);
  row.addEventListener("mouseenter", point);
  row.addEventListener("focus", point);
  row.addEventListener("mouseleave", leave);
  row.addEventListener("blur", leave);
  row.addEventListener("click", () => pin(row, sites));
  row.addEventListener("keydown", (event) => {
    if (event.key === "Enter") pin(row, sites);
  });
}

function bar(share, kind) {
  const full = make("span", `fill ${kind}`);
  full.style.width = `${Math.round(share * 1000) / 10}%`;
  return make("span", "meter", full);
}

function codeRow(text, number, heat, most) {
  const cells = heat ? [
    heat.hits > 0 ? [bar(heat.hits / most.hits, "work"), showCount(heat.hits)]
      : [],
    heat.inVain > 0 ? [showCount(heat.inVain)] : [],
    heat.asleep > 0
      ? [bar(heat.asleep / most.asleep, "sleep"), showTime(heat.asleep)] : [],
  ] : [[], [], []];
  const row = make("tr", "", make("td", "number soft", number),
    ...cells.map((it) => make("td", "number", ...it)),
    make("td", "text", make("code", "", text || " ")));
  if (heat) makeActive(row, heat.sites);
  return row;
}

/// A file of source; shares are of the hits and of the sleep in it.
function codeTable(source) {
  const heat = heatOf(baseName(source.path));
  const all = [...heat.values()];
  const most = { hits: 1, asleep: 1 };
  for (const line of all) {
    most.hits = Math.max(most.hits, line.hits);
    most.asleep = Math.max(most.asleep, line.asleep);
  }
  const headings = ["line", "times", "in vain", "asleep", source.path];
  const head = make("tr", "", ...headings.map((it, at) =>
    make("th", at < 4 ? "number" : "", it)));
  const rows = source.lines.map((text, at) =>
    codeRow(text, at + 1, heat.get(at + 1), most));
  const code = make("table", "code", make("thead", "", head),
    make("tbody", "", ...rows));
  const parts = [make("div", "scroll", code)];
  if (source.more > 0) {
    parts.push(make("p", "note", `${plural(source.more, "further line")}.`));
  }
  return parts;
}

/// The mode's own source is open, the event loop's a click away.
function makeCode() {
  DATA.sources.forEach((source, at) => {
    if (at === 0) find("code").append(...codeTable(source));
    else {
      const title = make("summary", "", `The event loop: ${source.path}`);
      find("code").append(make("details", "", title, ...codeTable(source)));
    }
  });
}
