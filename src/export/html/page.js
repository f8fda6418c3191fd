// The rest of the page, and its beginning.

const REPORT = DATA.report;

function makeHead() {
  const { name, mode, mechanism, scenario } = DATA;
  const title = scenario ? scenario[1] : `A run of ${mode}`;
  document.title = `${mode}: ${title} (${name})`;
  find("title").textContent = title;
  find("what").append(make("b", "", mode), mechanism === "nothing"
    ? " waits with nothing: it asks again and again"
    : ` waits with ${mechanism}`, scenario ? ` · ${scenario[0]}` : "");
  const facts = [
    DATA.started_at.replace("T", " ").replace(/\.\d+/, ""),
    showTime(DATA.duration_ns),
    plural(DATA.events, "event"),
    DATA.lost > 0 ? `${showCount(DATA.lost)} lost` : "none lost",
    DATA.is_whole ? "whole" : "not whole",
    REPORT.outcome,
    `sockscope ${DATA.sockscope}`,
    name,
  ];
  find("facts").append(...facts.map((it) => make("li", "", it)));
  const span = DATA.until_ns - DATA.from_ns;
  const warnings = [
    !DATA.is_whole && `This recording is not whole: ${DATA.ending}.`,
    DATA.failure && `The run failed: ${DATA.failure}`,
    DATA.lost > 0 && `${plural(DATA.lost, "event")} found no room and `
      + "are not shown; counters are exact.",
    DATA.is_part && `A part of the run, from ${showMoment(DATA.from_ns, span)} `
      + `to ${showMoment(DATA.until_ns, span)}; counters and findings are `
      + "those of the whole run.",
    ...REPORT.interventions.map((it) => `What was done to the run: ${it}.`),
  ];
  find("warnings").append(...warnings.filter(Boolean)
    .map((it) => make("p", "warning", it)));
}

function makeFindings() {
  const found = REPORT.findings.map((it) => make("div", "finding",
    make("b", "", it.observation), make("p", "", it.advice)));
  const checks = REPORT.checks.map((it) => make("p", "check",
    it.held === true ? "✓ " : it.held === false && !it.not_judged ? "✗ "
      : "– ", it.says, make("span", "soft", ` (found: ${it.found})`)));
  find("findings").append(...found, ...checks);
  if (found.length === 0) {
    find("findings").prepend(make("p", "note", "Nothing out of the ordinary."));
  }
}

/// `read 3, write 1`.
function byKind(counts) {
  return Object.entries(counts).filter(([, n]) => n > 0)
    .map(([kind, n]) => `${kind} ${showCount(n)}`).join(", ");
}

function makeCounters() {
  const it = REPORT.server;
  if (!it) return;
  const rows = [
    ["connections", it.connections, Object.entries(it.ends)
      .map(([end, n]) => `${showCount(n)} ${end}`).join(", ")],
    ["iterations", it.iterations, ""],
    ["wake-ups", it.wake_ups, ""],
    ["calls", it.calls, byKind(it.calls_by_kind)],
    ["would block", it.would_blocks, byKind(it.would_blocks_by_kind)],
    ["echoes", it.echoes, it.echoes > 0
      ? `${showRate(it.calls / it.echoes)} calls an echo` : ""],
    ["threads", it.threads, ""],
  ].filter(([, count]) => count !== null)
    .map(([name, count, more]) => [name, showCount(count), more]);
  rows.push(["bytes in", showSize(it.bytes_in), ""],
    ["bytes out", showSize(it.bytes_out), ""],
    ["most pending output", showSize(it.pending_peak_bytes), ""]);
  if (it.cpu) {
    const used = it.cpu.user_ns + it.cpu.system_ns;
    rows.push(["CPU time", showTime(used), `${showTime(it.cpu.user_ns)} in `
      + `the program, ${showTime(it.cpu.system_ns)} in the kernel`]);
  }
  find("counters").append(table(["", ">", ""], rows));
}

/// A bar for each doubling of the time.
function echoChart(echo) {
  const place = make("div", "rate");
  const edges = echo.counts.map((_, at) => echo.first_ns * 2 ** at);
  const options = {
    width: 600,
    height: 220,
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false }, points: { show: false } },
    scales: { x: { time: false,
      range: [-0.6, Math.max(edges.length, 6) - 0.4] },
    y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.1] } },
    series: [{}, { fill: () => colours.echo, stroke: () => colours.echo,
      points: { show: false },
      paths: uPlot.paths.bars({ size: [0.8, 80] }) }],
    axes: [{ ...timeAxis(), grid: { show: false }, space: 70, incrs: [1, 2, 4],
      values: (_, all) => all.map((it) =>
        edges[it] ? `≥ ${showTime(edges[it])}` : "") },
    { ...timeAxis(), size: gutter, values: (_, all) => all.map(showRate),
      incrs: [1, 2, 5].concat(...[1, 2, 3, 4, 5, 6, 7].map((power) =>
        [1, 2, 5].map((it) => it * 10 ** power))) }],
  };
  const plot = new uPlot(options, [edges.map((_, at) => at), echo.counts],
    place);
  return [place, plot];
}

function makeEcho() {
  const place = find("echo");
  const clients = REPORT.clients;
  const timed = clients ? [...clients.groups, clients.total]
    .filter((it) => it.echo_time) : [];
  if (timed.length === 0 && !DATA.echo) {
    place.append(make("p", "note", clients
      ? "No echo was timed." : "Nobody timed the echoes of this run."));
    return null;
  }
  const rows = timed.filter((it, at) => at === 0 || timed.length > 2
    || it.name !== "total");
  if (rows.length > 0) {
    place.append(table(["group", "pacing", ">timed", ">p50", ">p90", ">p99",
      ">max"], rows.map(({ name, pacing, echo_time: it }) => [name, pacing,
      showCount(it.count), showTime(it.p50_ns), showTime(it.p90_ns),
      showTime(it.p99_ns), showTime(it.max_ns)])));
  }
  if (!DATA.echo) return null;
  const counted = DATA.echo.counts.reduce((sum, it) => sum + it, 0);
  const [chart, plot] = echoChart(DATA.echo);
  place.append(make("h3", "", "How many echoes took how long"), chart,
    make("p", "note", `${plural(counted, "echo").replace("echos", "echoes")} `
      + `up to ${showMoment(DATA.echo.at_ns, DATA.duration_ns)}, as the `
      + `clients saw them; half took at most ${showTime(DATA.echo.p50_ns)}, `
      + `99 % at most ${showTime(DATA.echo.p99_ns)}.`));
  return plot;
}

function makeSockets() {
  const rows = REPORT.sockets.map((it) => [`#${it.id}`,
    it.peer || "listener", showCount(it.calls), showCount(it.would_blocks),
    showSize(it.bytes_in), showSize(it.bytes_out), showCount(it.echoes),
    showSize(it.pending_peak_bytes), it.end || (it.peer ? "open" : "")]);
  find("sockets").append(table(["", "other end", ">calls", ">would block",
    ">bytes in", ">bytes out", ">echoes", ">most pending", "end"], rows));
  if (DATA.sockets_more > 0) {
    find("sockets").append(make("p", "note",
      `${plural(DATA.sockets_more, "further socket")} without a row.`));
  }
}

function makeConditions() {
  const it = REPORT.conditions;
  const rows = [
    ["system", [it.os, it.kernel, it.architecture].filter(Boolean).join(" ")],
    ["cores", it.cores], ["address", DATA.address],
    ["errors in handlers", it.errors],
    ["calls before a yield", it.calls_before_yield],
    ["shutdown", it.shutdown], ["options", it.options.join(" ")],
    ["phases", DATA.phases.map(({ at, name, words }) => `${name} at `
      + `${showMoment(at, DATA.duration_ns)} (${words})`).join(" · ")],
  ].filter(([, value]) => value);
  find("conditions").append(table(["", ""], rows));
}

/// All charts: the timeline, rates, echo times.
const plots = [];

function start() {
  readColours();
  makeHead();
  makeTimeline();
  makeLegend();
  tellDrawn();
  plots.push(timeline, ...CHARTS.map(makeRates));
  makeCode();
  makeFindings();
  makeCounters();
  const echo = makeEcho();
  if (echo) plots.push(echo);
  makeSockets();
  makeConditions();
  const fit = () => {
    document.documentElement.style.setProperty("--gutter", `${gutter()}px`);
    // All axes of time are as wide as that of the lanes, scroll bar or not.
    const lanes = find("lanes");
    const bar = lanes.offsetWidth - lanes.clientWidth - 1;
    find("rates").style.padding = `0 ${bar}px 0 1px`;
    for (const plot of plots) {
      const { clientWidth } = plot.root.parentElement;
      plot.setSize({ width: clientWidth, height: plot.height });
    }
    zoomTo(...view);
  };
  fit();
  addEventListener("resize", fit);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    readColours();
    for (const plot of plots) plot.redraw(false, true);
  });
}

start();
