"use strict";

// Numbers, times and sizes as sockscope writes them, and elements of the
// page. What came from the recording becomes text and nothing else.

const showCount = (n) =>
  String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");

const threeDigits = (value) =>
  value >= 99.95 ? value.toFixed(0)
    : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);

function showTime(ns) {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 99950) return `${threeDigits(ns / 1e3)} µs`;
  if (ns < 999.5e6) return `${threeDigits(ns / 1e6)} ms`;
  if (ns < 59.95e9) return `${threeDigits(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  const rest = String(seconds % 60).padStart(2, "0");
  return `${Math.floor(seconds / 60)} min ${rest} s`;
}

function showSize(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1023.5 && unit < units.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? bytes : threeDigits(bytes)} ${units[unit]}`;
}

/// A moment of the run, as finely as this part of it asks for.
function showMoment(ns, span) {
  const places = Math.ceil(-Math.log10(Math.max(span, 1) / 1e9)) + 3;
  return `${(ns / 1e9).toFixed(Math.min(Math.max(places, 1), 9))} s`;
}

const plural = (n, what) => `${showCount(n)} ${what}${n === 1 ? "" : "s"}`;

const find = (id) => document.getElementById(id);

/// A new element with these classes and this text or these children.
function make(name, classes = "", ...children) {
  const element = document.createElement(name);
  if (classes) element.className = classes;
  for (const child of children) {
    if (child instanceof Node) element.append(child);
    else element.append(document.createTextNode(String(child)));
  }
  return element;
}

/// A table; headings that begin with `>` are over columns of numbers.
function table(headings, rows) {
  const isNumber = headings.map((it) => it.startsWith(">"));
  const cell = (name, text, at) =>
    make(name, isNumber[at] ? "number" : "", text);
  const head = make("tr", "",
    ...headings.map((it, at) => cell("th", it.replace(">", ""), at)));
  const body = rows.map((row) =>
    make("tr", "", ...row.map((it, at) => cell("td", it, at))));
  return make("div", "scroll",
    make("table", "", make("thead", "", head), make("tbody", "", ...body)));
}
