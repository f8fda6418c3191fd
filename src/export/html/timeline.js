// The timeline: zoom, hover, keys, legend.

const WHOLE = [DATA.from_ns / 1e9,
  Math.max(DATA.until_ns, DATA.from_ns + 1000) / 1e9];
const CLOSEST = 2e-6;

/// Room for half a word at the left of the axis.
const EDGE = 22;

/// All charts that share the axis of time, and how each is told its part.
const zoomed = [];
let view = WHOLE;

/// Shows this part of the time, in all charts.
function zoomTo(min, max) {
  const span = Math.min(Math.max(max - min, CLOSEST), WHOLE[1] - WHOLE[0]);
  const middle = (min + max) / 2;
  let from = Math.max(middle - span / 2, WHOLE[0]);
  from = Math.min(from, WHOLE[1] - span);
  view = [from, from + span];
  for (const show of zoomed) show(...view);
  const ns = span * 1e9;
  find("range").textContent = `${showMoment(from * 1e9, ns)} to `
    + `${showMoment((from + span) * 1e9, ns)}: ${showTime(ns)}`;
}

const zoomBy = (factor, at = (view[0] + view[1]) / 2) =>
  zoomTo(at - (at - view[0]) * factor, at + (view[1] - at) * factor);

const moveBy = (part) => {
  const way = (view[1] - view[0]) * part;
  zoomTo(view[0] + way, view[1] + way);
};

/// How wide the names at the left of all charts are.
const gutter = () => (innerWidth < 700 ? 76 : 132);

const timeAxis = () => ({
  stroke: () => colours.soft,
  grid: { stroke: () => colours.grid, width: 1 },
  ticks: { stroke: () => colours.grid, width: 1 },
  font: "13px system-ui, sans-serif",
  values: (plot, splits) => {
    const step = splits.length > 1 ? splits[1] - splits[0] : 1;
    const places = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    return splits.map((it) => `${it.toFixed(Math.min(places, 9))} s`);
  },
});

/// What a chart on the axis of time has in common with the others: drag
/// zooms, and so does the wheel.
const timeOptions = (more) => ({
  width: 600,
  legend: { show: false },
  ...more,
  scales: { x: { time: false, range: () => view }, ...more.scales },
  cursor: { y: false, drag: { x: true, y: false, setScale: false },
    sync: { key: "time", setSeries: false }, points: { show: false },
    bind: { dblclick: () => () => { zoomTo(...WHOLE); return null; } } },
  hooks: { ...more.hooks, setSelect: [(plot) => {
    const { left, width } = plot.select;
    if (width > 3) {
      zoomTo(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
    }
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  }] },
});

function onWheel(plot) {
  plot.over.addEventListener("wheel", (event) => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    // Lanes are many: with Shift the wheel scrolls them.
    if (event.shiftKey && !sideways) return;
    event.preventDefault();
    if (sideways) moveBy(Math.sign(event.deltaX) * 0.1);
    else {
      const { left } = plot.over.getBoundingClientRect();
      zoomBy(event.deltaY < 0 ? 0.75 : 1 / 0.75,
        plot.posToVal(event.clientX - left, "x"));
    }
  }, { passive: false });
}

/// The mark that is meant by this place: a point near it, else the span it
/// is in, the one drawn last first.
function markAt(plot, left, top) {
  const lane = LANES[laneAt(top)];
  if (!lane) return null;
  const at = plot.posToVal(left, "x") * 1e9;
  const near = (plot.posToVal(8, "x") - plot.posToVal(0, "x")) * 1e9;
  let best = null;
  let distance = near;
  let span = null;
  for (const [kind, marks] of lane.marks) {
    if (shown.hidden.has(KINDS[kind].group)) continue;
    for (const mark of marks) {
      if (mark.start > at + near) break;
      const away = Math.max(mark.start - at, at - mark.end, 0);
      if (!KINDS[kind].span) {
        if (away <= distance) [best, distance] = [mark, away];
      } else if (away === 0 || away < near / 8 && !span) span = mark;
    }
  }
  // On a thread's lane what it does matters more than single calls in it.
  const isFar = lane.kind === "thread" && span && span.kind !== "work";
  const mark = isFar ? span : best || span;
  return mark && { lane, mark };
}

function showTip(found, x, y) {
  const tip = find("tip");
  tip.hidden = !found;
  if (!found) return;
  const { lane, mark } = found;
  const [head, ...lines] = describe(lane, mark);
  const span = (view[1] - view[0]) * 1e9;
  const when = mark.end > mark.start
    ? `${showMoment(mark.start, span)} to ${showMoment(mark.end, span)}`
    : showMoment(mark.start, span);
  tip.replaceChildren(make("b", "", head),
    ...lines.map((it) => make("div", "", it)),
    make("div", "soft", `${laneName(lane)} · ${when}`));
  const { width, height } = tip.getBoundingClientRect();
  const below = y + 20 + height > innerHeight ? y - height - 12 : y + 20;
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${Math.max(4, below)}px`;
}

function choose(found, x, y) {
  const isNew = (found && found.mark) !== (shown.mark && shown.mark.mark);
  shown.mark = found;
  showTip(found, x, y);
  if (isNew) {
    timeline.redraw(false);
    markCode(found ? found.mark.site : 0);
  }
}

/// From mark to mark on the lane that was chosen last.
let lastChosen = null;
function goToNeighbour(way) {
  lastChosen = shown.mark || lastChosen || { lane: LANES[0], mark: null };
  const { lane, mark } = lastChosen;
  const all = [...lane.marks].filter(([kind]) => kind !== "open"
    && kind !== "work" && !shown.hidden.has(KINDS[kind].group));
  const marks = all.flatMap(([, it]) => it)
    .sort((a, b) => a.start - b.start);
  const at = mark ? marks.indexOf(mark) + way : 0;
  if (!marks[at]) return;
  lastChosen = { lane, mark: marks[at] };
  const moment = marks[at].start / 1e9;
  if (moment < view[0] || moment > view[1]) {
    zoomTo(moment - (view[1] - view[0]) / 2, moment + (view[1] - view[0]) / 2);
  }
  const box = timeline.over.getBoundingClientRect();
  const y = box.top + laneTop(LANES.indexOf(lane)) + LANE;
  choose(lastChosen, box.left + timeline.valToPos(moment, "x"), y);
}

const KEYS = {
  ArrowLeft: () => moveBy(-0.2),
  ArrowRight: () => moveBy(0.2),
  "+": () => zoomBy(0.5),
  "=": () => zoomBy(0.5),
  "-": () => zoomBy(2),
  Home: () => zoomTo(...WHOLE),
  ",": () => goToNeighbour(-1),
  ".": () => goToNeighbour(1),
  Escape: () => choose(null),
};

let timeline;

function makeTimeline() {
  const options = timeOptions({
    height: lanesHeight() + 34,
    padding: [0, 12, 0, EDGE],
    scales: { y: { range: [0, 1] } },
    series: [{}, { paths: () => null, points: { show: false } }],
    axes: [{ ...timeAxis(), side: 0, size: 34 }, { show: false }],
    hooks: { draw: [drawLanes] },
  });
  timeline = new uPlot(options, [WHOLE, [0, 0]], find("plot"));
  zoomed.push((min, max) => timeline.setScale("x", { min, max }));
  onWheel(timeline);
  timeline.over.addEventListener("mousemove", (event) => {
    const box = timeline.over.getBoundingClientRect();
    const found = event.buttons === 0 && markAt(timeline,
      event.clientX - box.left, event.clientY - box.top);
    choose(found || null, event.clientX, event.clientY);
  });
  timeline.over.addEventListener("mouseleave", () => choose(null));
  find("lanes").addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  });
  const buttons = { earlier: "ArrowLeft", later: "ArrowRight", closer: "+",
    wider: "-", whole: "Home" };
  for (const [id, key] of Object.entries(buttons)) {
    find(id).addEventListener("click", KEYS[key]);
  }
  find("names").append(...LANES.map((lane, at) => {
    const name = make("div", "name", laneName(lane));
    name.title = lane.peer ? `${laneName(lane)}, ${lane.peer}`
      : laneName(lane);
    name.style.top = `${34 + laneTop(at)}px`;
    name.style.height = `${LANE}px`;
    return name;
  }));
}

/// The groups that the legend can hide, with how they look.
const GROUPS = {
  work: "working", sleep: "asleep", open: "open",
  spin: DATA.polls ? "spinning" : "calls in vain",
  ready: "ready", accept: "accept", read: "read", write: "write",
  echo: "write that completes an echo", block: "would block",
  end: "closed, reset, failed",
};

const SIGNS = { ready: "▼", accept: "▶", read: "❙", write: "▲", echo: "◆",
  block: "○", end: "✕" };

function makeLegend() {
  const has = (group) => LANES.some((lane) =>
    [...lane.marks.keys()].some((kind) => KINDS[kind].group === group));
  for (const [group, words] of Object.entries(GROUPS).filter(([it]) => has(it))) {
    const sign = make("span", `sign ${group}`, SIGNS[group] || "");
    const button = make("button", "", sign, words);
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const isHidden = !shown.hidden.delete(group);
      if (isHidden) shown.hidden.add(group);
      button.setAttribute("aria-pressed", String(!isHidden));
      timeline.redraw(false);
    });
    find("legend").append(button);
  }
}

/// How much of the recording the marks are.
function tellDrawn() {
  const { step_ns: step, events, marks } = DATA.lanes;
  const { threads_without: threads, sockets_without: sockets } = DATA.lanes;
  const words = [step > 0
    ? `${plural(events, "event")} drawn as ${plural(marks, "mark")}: what `
      + `happened on a lane within ${showTime(step)} and is of one kind is `
      + "one mark, which tells how many it stands for."
    : `${plural(events, "event")}, each drawn on its own.`];
  if (threads > 0 || sockets > 0) {
    words.push(`Without a lane: ${plural(threads, "further thread")}, `
      + `${plural(sockets, "further socket")}.`);
  }
  if (LANES.some((it) => it.marks.has("spin"))) {
    words.push("Calls in a row that found nothing are counted on the "
      + "thread's lane: which sockets they asked is not recorded.");
  }
  words.push("Wheel or drag to zoom, double click for all, Shift and the "
    + "wheel to scroll.");
  find("drawn").textContent = words.join(" ");
}
