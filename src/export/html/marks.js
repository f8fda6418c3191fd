// The recording's marks, from rows of numbers to objects.

const DATA = JSON.parse(find("data").textContent);

const KINDS = {
  work: { words: "working", group: "work", span: true },
  task: { words: "runs a task", group: "work", span: true },
  sleep: { words: "asleep", group: "sleep", span: true },
  spin: { words: "spinning", group: "spin", span: true },
  call: { words: "call", group: "work" },
  open: { words: "open", group: "open", span: true },
  interest: { words: "interest changed", group: "ready" },
  ready: { words: "ready", group: "ready" },
  accept: { words: "accepted", group: "accept" },
  read: { words: "read", group: "read" },
  write: { words: "write", group: "write" },
  echo: { words: "echo complete", group: "echo" },
  block: { words: "would block", group: "block" },
  fail: { words: "failed", group: "end" },
  closed: { words: "closed", group: "end" },
  reset: { words: "reset", group: "end" },
};

/// The numbers of a mark, in the order in which they stand in its row.
const FACTS = ["start", "length", "taken", "longest", "count", "figure",
  "echoes", "call", "word", "site", "other"];

function unpack(kind, rows) {
  const marks = rows.map((row) => {
    const mark = { kind };
    FACTS.forEach((name, at) => { mark[name] = row[at]; });
    mark.start += DATA.from_ns;
    mark.end = mark.start + mark.length;
    return mark;
  });
  return marks.sort((a, b) => a.start - b.start);
}

const LANES = DATA.lanes.all.map((lane) => {
  const marks = Object.keys(KINDS).filter((kind) => lane.marks[kind])
    .map((kind) => [kind, unpack(kind, lane.marks[kind])]);
  return { ...lane, marks: new Map(marks) };
});

const siteName = (number) => {
  const site = DATA.lanes.sites[number - 1];
  return site ? `${site.file}:${site.line}` : "";
};

const laneName = (lane) =>
  lane.kind === "thread" ? `thread ${lane.number}`
    : lane.number === DATA.listener ? "#0 listener"
      : `#${lane.number}${lane.name ? ` ${lane.name}` : ""}`;

const directions = (figure) =>
  ["", "input", "room for output", "input and room for output"][figure & 3];

/// Who was ready when this thread woke up from its wait.
function wokenBy(lane, sleep) {
  const sleeps = lane.marks.get("sleep");
  const next = sleeps[sleeps.indexOf(sleep) + 1];
  const until = next ? next.start : DATA.until_ns;
  const found = [];
  for (const other of LANES) {
    const marks = other.marks.get("ready") || [];
    const mark = marks.find((it) => it.start >= sleep.end
      && it.start < until && it.other === lane.number + 1);
    if (mark) found.push(`#${other.number} ${directions(mark.figure)}`);
  }
  return found;
}

/// Lines about how a call ended; of several together, sums.
function outcome(mark) {
  const word = DATA.lanes.words[mark.word];
  const name = DATA.calls[mark.call - 1] || "";
  const bytes = mark.figure > 0 && (word === "bytes"
    || mark.count > 1 && (name === "read" || name === "write"));
  const words = bytes ? showSize(mark.figure)
    : word === "accepted" && mark.count === 1 ? `accepted #${mark.figure}`
      : word === "ready" ? `${showCount(mark.figure)} ready` : word;
  const echoes = mark.echoes > 0 ? `, ${plural(mark.echoes, "echo")}`
    .replace("echos", "echoes") : "";
  return words + echoes;
}

const onWhat = (lane, mark) => {
  if (mark.other === 0) return "";
  if (lane.kind === "socket") return ` by thread ${mark.other - 1}`;
  if (mark.kind === "task") return "";
  return DATA.calls[mark.call - 1] === "wait" ? "" : ` on #${mark.other - 1}`;
};

/// What a mark tells, a line each; the first one is the headline.
function describe(lane, mark) {
  const call = DATA.calls[mark.call - 1] || "a call";
  const line = siteName(mark.site);
  const where = line ? `, ${line}` : "";
  const lines = [];
  const many = mark.count > 1 ? `${showCount(mark.count)} × ` : "";
  const word = DATA.lanes.words[mark.word];
  switch (mark.kind) {
    case "work":
      lines.push(`working ${showTime(mark.taken)}`);
      break;
    case "task":
      lines.push(mark.other ? `${many}runs task t${mark.other - 1}`
        : `${many}runs tasks`, showTime(mark.taken));
      if (word) lines.push(`then: ${word}${where}`);
      break;
    case "sleep":
      lines.push(`${many}asleep ${showTime(mark.taken)} in ${call}`
        + onWhat(lane, mark) + where);
      if (mark.count > 1) lines.push(`longest ${showTime(mark.longest)}`);
      lines.push(...ending(lane, mark, call));
      break;
    case "spin":
      lines.push(`${DATA.polls ? "spinning: " : ""}`
        + `${plural(mark.figure, "call")} in vain`,
      `in ${showTime(mark.taken)}`);
      break;
    case "open":
      lines.push(`open ${showTime(mark.taken)}`);
      break;
    case "ready":
    case "interest":
      lines.push(`${many}${mark.kind === "ready" ? "ready" : "watched"}: `
        + (directions(mark.figure) || "nothing"));
      break;
    case "closed":
    case "reset":
    case "fail":
      lines.push(`${many}${KINDS[mark.kind].words}${word ? `: ${word}` : ""}`);
      if (mark.figure > 0) lines.push(`${showSize(mark.figure)} not sent back`);
      break;
    default:
      lines.push(`${many}${call}${onWhat(lane, mark)}${where}`);
      if (outcome(mark)) lines.push(outcome(mark));
  }
  return lines;
}

/// How a sleep ended, and why.
function ending(lane, mark, call) {
  if (mark.count > 1) return [];
  if (DATA.lanes.words[mark.word] === "goes on") return ["it goes on"];
  const told = outcome(mark);
  if (call !== "wait" || lane.kind !== "thread") return [`woken: ${told}`];
  const who = wokenBy(lane, mark);
  return [`woken: ${who.length > 0 ? who.slice(0, 6).join(", ") : told}`
    + (who.length > 6 ? ` and ${who.length - 6} more` : "")];
}
