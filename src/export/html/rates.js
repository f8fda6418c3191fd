// What was done a second, below the timeline and on its axis.

const RATES = DATA.rates;
const FINEST = RATES.length_ns / 1e9;

/// So many steps a chart has at most: finer ones are jagged.
const STEPS = 90;

/// Sums of a column over steps of so many intervals, as rates; or, of open
/// connections, the level at the end of each.
function steps(column, first, count, each, isLevel) {
  const values = [];
  let level = RATES.open;
  if (isLevel) for (let at = 0; at < first; at += 1) level += column[at];
  for (let step = 0; step < count; step += 1) {
    let sum = 0;
    const from = first + step * each;
    for (let at = from; at < Math.min(from + each, column.length); at += 1) {
      sum += column[at];
    }
    level += sum;
    values.push(isLevel ? level : sum / (each * FINEST));
  }
  // The last step is as long as the others.
  values.push(values[values.length - 1]);
  return values;
}

function ratesIn(min, max, columns, isLevel) {
  const all = RATES.calls.length;
  const intervals = Math.max((max - min) / FINEST, 1);
  const each = Math.max(Math.ceil(intervals / STEPS), 1);
  const place = Math.floor((min - WHOLE[0]) / FINEST / each) * each;
  const first = Math.max(Math.min(place, all - 1), 0);
  const end = Math.min(Math.ceil((max - WHOLE[0]) / FINEST), all);
  const count = Math.max(Math.ceil((end - first) / each), 1);
  const times = Array.from({ length: count + 1 }, (_, step) =>
    WHOLE[0] + (first + step * each) * FINEST);
  return [times, ...columns.map((it) =>
    steps(RATES[it], first, count, each, isLevel))];
}

const CHARTS = [
  { title: "Echoes a second", columns: ["echoes"], colours: ["echo"] },
  { title: "Calls a second", columns: ["calls", "would_blocks"],
    colours: ["work", "block"], words: ["all", "would block"] },
  { title: "Open connections", columns: ["opened"], colours: ["read"],
    isLevel: true },
];

const showRate = (value) => value >= 1e6 ? `${threeDigits(value / 1e6)} M`
  : value >= 1e5 ? `${threeDigits(value / 1e3)} k`
    : value >= 10 || Number.isInteger(value) ? showCount(value)
      : threeDigits(value);

function makeRates(chart, number) {
  const isLast = number === CHARTS.length - 1;
  const value = make("span", "soft", "");
  const title = make("h3", "", chart.title, " ", value);
  (chart.words || []).forEach((words, at) => title.append(
    make("span", `key ${chart.colours[at]}`, words)));
  const place = make("div", "rate");
  find("rates").append(title, place);
  const stepped = uPlot.paths.stepped({ align: 1 });
  const lines = chart.columns.map((_, at) => ({
    stroke: () => colours[chart.colours[at]], width: 2, paths: stepped,
    fill: () => `${colours[chart.colours[at]]}40`, points: { show: false },
  }));
  const data = (min, max) =>
    ratesIn(min, max, chart.columns, chart.isLevel);
  const options = timeOptions({
    height: isLast ? 110 : 80,
    padding: [8, 12, 0, 0],
    scales: { y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.05] } },
    series: [{}, ...lines],
    axes: [isLast ? timeAxis()
      : { ...timeAxis(), size: 6, values: () => [] }, { size: gutter, stroke: () => colours.soft,
      font: "13px system-ui, sans-serif", space: 20,
      incrs: [1, 2, 5, 10, 20, 50].concat(...[2, 3, 4, 5, 6, 7, 8].map(
        (power) => [1, 2, 5].map((it) => it * 10 ** power))),
      grid: { stroke: () => colours.grid, width: 1 },
      ticks: { show: false }, values: (_, all) => all.map(showRate) }],
    hooks: { setCursor: [(it) => {
      const at = it.cursor.idx;
      const isKnown = it.cursor.left >= 0 && at !== null && it.data[1][at] >= 0;
      value.textContent = !isKnown ? "" : chart.columns.map((_, line) =>
        showRate(it.data[line + 1][at])).join(" / ");
    }] },
  });
  const plot = new uPlot(options, data(...WHOLE), place);
  zoomed.push((min, max) => {
    plot.setData(data(min, max), false);
    plot.setScale("x", { min, max });
  });
  onWheel(plot);
  return plot;
}
