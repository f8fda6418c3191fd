// Lanes on a canvas.

const LANE = 30;
const SPLIT = 14;
const colours = {};

/// Colours are those of the style sheet, light or dark.
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "soft", "grid", "ground", "work", "task",
    "sleep", "spin", "open", "ready", "accept", "read", "write", "echo",
    "block", "end", "asleep-ink"]) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
}

/// Where a lane begins: threads above, sockets below, a gap between.
const laneTop = (at) =>
  at * LANE + (LANES[at] && LANES[at].kind === "socket" && at > 0
    && LANES[0].kind === "thread" ? SPLIT : 0);

const lanesHeight = () => LANES.length * LANE + SPLIT;

const laneAt = (y) =>
  LANES.findIndex((_, at) => y >= laneTop(at) && y < laneTop(at) + LANE);

/// What is hidden, by groups of the legend, and which line is marked.
const shown = { hidden: new Set(), site: null, mark: null };

const isVivid = (mark) => shown.site === null
  || shown.site.includes(mark.site);

/// A canvas with the scale of the time that is shown; lengths are in pixels
/// of the page.
class Canvas {
  constructor(plot) {
    this.ratio = devicePixelRatio;
    const { left, top, width, height } = plot.bbox;
    Object.assign(this, { context: plot.ctx, left: left / this.ratio,
      top: top / this.ratio, width: width / this.ratio,
      height: height / this.ratio });
    this.min = plot.scales.x.min;
    this.scale = this.width / (plot.scales.x.max - this.min);
  }

  x(ns) {
    const x = (ns / 1e9 - this.min) * this.scale;
    return this.left + Math.min(Math.max(x, -20), this.width + 20);
  }

  isSeen(mark) {
    return mark.end / 1e9 >= this.min - 8 / this.scale
      && mark.start / 1e9 <= this.min + (this.width + 8) / this.scale;
  }

  span(mark, y, height, colour, least = 1) {
    const from = this.x(mark.start);
    const width = Math.max(this.x(mark.end) - from, least);
    this.context.fillStyle = colour;
    this.context.fillRect(from, y, width, height);
    return width;
  }

  polygon(points, colour) {
    const { context } = this;
    context.fillStyle = colour;
    context.beginPath();
    points.forEach(([x, y], at) =>
      at === 0 ? context.moveTo(x, y) : context.lineTo(x, y));
    context.fill();
  }

  stroke(points, colour, width) {
    const { context } = this;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.beginPath();
    points.forEach(([x, y], at) =>
      at % 2 === 0 ? context.moveTo(x, y) : context.lineTo(x, y));
    context.stroke();
  }
}

/// Each kind has a shape and a height of its own, so that it is known
/// without its colour, too. `y` is the middle of the lane.
const SHAPES = {
  interest: (c, x, y) =>
    c.stroke([[x - 4, y - 11], [x + 4, y - 11]], colours.ready, 2),
  ready: (c, x, y) =>
    c.polygon([[x, y - 5], [x + 5, y - 13], [x - 5, y - 13]], colours.ready),
  accept: (c, x, y) => c.polygon([[x - 5, y - 5], [x + 5, y], [x - 5, y + 5]],
    colours.accept),
  read: (c, x, y) => c.polygon([[x - 2, y - 7], [x + 2, y - 7],
    [x + 2, y + 7], [x - 2, y + 7]], colours.read),
  write: (c, x, y) => c.polygon([[x, y - 6], [x + 5, y + 4], [x - 5, y + 4]],
    colours.write),
  echo: (c, x, y) => c.polygon([[x, y - 6], [x + 6, y], [x, y + 6],
    [x - 6, y]], colours.echo),
  block(c, x, y) {
    c.context.strokeStyle = colours.block;
    c.context.lineWidth = 2;
    c.context.beginPath();
    c.context.arc(x, y + 9, 3.5, 0, 7);
    c.context.stroke();
  },
  fail: (c, x, y) => cross(c, x, y, colours.end),
  closed: (c, x, y) =>
    c.stroke([[x, y - 10], [x, y + 10]], colours.ink, 3),
  reset: (c, x, y) => cross(c, x, y, colours.end),
  call: (c, x, y) => c.stroke([[x, y - 9], [x, y + 9]], colours.ground, 1),
};

function cross(c, x, y, colour) {
  c.stroke([[x - 6, y - 6], [x + 6, y + 6], [x - 6, y + 6],
    [x + 6, y - 6]], colour, 3);
}

/// Several sleeps that are one mark fill as much of its height as they fill
/// of its time.
function drawSpan(c, lane, mark, y) {
  const isThread = lane.kind === "thread";
  if (mark.kind === "open") c.span(mark, y - 2, 4, colours.open);
  else if (mark.kind === "task") c.span(mark, y + 5, 6, colours.task);
  else if (!isThread) c.span(mark, y - 5, 10, colours.sleep, 2);
  else {
    const time = mark.end - mark.start;
    const share = time > 0 ? Math.min(mark.taken / time, 1) : 1;
    const height = mark.kind === "work" ? 22 : Math.max(22 * share, 2);
    const width = c.span(mark, y - 11, height, colours[mark.kind]);
    if (mark.kind === "sleep" && mark.count === 1 && width > 90) {
      label(c, mark, y);
    }
  }
}

/// A long sleep says where, as far as it is in sight.
function label(c, mark, y) {
  const from = Math.max(c.x(mark.start), c.left) + 8;
  const room = Math.min(c.x(mark.end), c.left + c.width) - from - 4;
  const call = DATA.calls[mark.call - 1];
  const socket = call === "wait" || !mark.other ? "" : ` #${mark.other - 1}`;
  const words = [`asleep in ${call}${socket}`, "asleep", "zzz"];
  c.context.font = "12px system-ui, sans-serif";
  const fits = words.find((it) => c.context.measureText(it).width <= room);
  if (!fits) return;
  c.context.fillStyle = colours["asleep-ink"];
  c.context.textBaseline = "middle";
  c.context.textAlign = "left";
  c.context.fillText(fits, from, y + 0.5);
}

/// Several that are one mark are as wide as the time between them.
function drawPoint(c, mark, y) {
  const from = c.x(mark.start);
  const to = c.x(mark.end);
  if (mark.count > 1 && to - from > 4) {
    const [top, height] = { ready: [-13, 7], block: [6, 7], call: [-9, 0] }[
      mark.kind] || [-5, 10];
    c.span(mark, y + top, height, colours[KINDS[mark.kind].group]);
  } else SHAPES[mark.kind](c, (from + to) / 2, y);
}

function drawLane(c, lane, y) {
  for (const [kind, marks] of lane.marks) {
    const { group, span } = KINDS[kind];
    if (shown.hidden.has(group)) continue;
    // Calls are gaps in a thread's work: close together they would hide it.
    const gap = kind === "call" ? 5 : 0.7;
    let last = -Infinity;
    for (const mark of marks) {
      if (!c.isSeen(mark)) continue;
      // What would be drawn in the same place is drawn once.
      const x = c.x(mark.start);
      const isMarked = shown.site !== null && isVivid(mark);
      if (!span && !isMarked && x - last < gap
        && (mark.count === 1 || kind === "call")) continue;
      if (kind === "call" && mark.count > 1) continue;
      last = x;
      c.context.globalAlpha = isVivid(mark) ? 1 : 0.15;
      if (span) drawSpan(c, lane, mark, y);
      else drawPoint(c, mark, y);
    }
  }
  c.context.globalAlpha = 1;
}

function drawPhases(c) {
  for (const { at, name } of DATA.phases) {
    const x = c.x(at);
    if (x < c.left || x > c.left + c.width || name === "running") continue;
    c.context.setLineDash([5, 4]);
    c.stroke([[x, c.top], [x, c.top + c.height]], colours.soft, 1);
    c.context.setLineDash([]);
  }
}

function drawLanes(plot) {
  const c = new Canvas(plot);
  const { context } = c;
  context.save();
  context.scale(c.ratio, c.ratio);
  context.beginPath();
  context.rect(c.left, c.top, c.width, c.height);
  context.clip();
  LANES.forEach((lane, at) => {
    const y = c.top + laneTop(at) + LANE / 2;
    c.stroke([[c.left, y + LANE / 2], [c.left + c.width, y + LANE / 2]],
      colours.grid, 1);
    drawLane(c, lane, y);
    if (shown.mark && shown.mark.lane === lane) drawChosen(c, y);
  });
  drawPhases(c);
  context.restore();
}

/// A frame about the mark that is pointed at.
function drawChosen(c, y) {
  const { mark } = shown.mark;
  const pad = KINDS[mark.kind].span ? 0 : 7;
  const from = c.x(mark.start) - pad;
  c.context.strokeStyle = colours.ink;
  c.context.lineWidth = 1.5;
  c.context.strokeRect(from, y - 13, c.x(mark.end) + pad - from, 26);
}
