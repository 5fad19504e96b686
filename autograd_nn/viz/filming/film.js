// The film: which frame is shown, and everything that moves it.

const { done, epochs, logs, norms, answers, weights } = data;
const last = done.length - 1;
const state = { frame: 0, timer: null, theme: "" };

// ---------------------------------------------------------------------- moving

function goTo(frame) {
  state.frame = Math.max(0, Math.min(last, frame));
  show();
}

const PLAYING = {
  isAtEnd: () => state.frame === last, toStart: () => goTo(0), goOn: () => goTo(state.frame + 1),
  shown(isOn) {
    // A reader is not told every frame of a film that runs.
    document.getElementById("place").setAttribute("aria-live", isOn ? "off" : "polite");
    writePlace();
  },
};

// ---------------------------------------------------------------------- showing

function show() {
  const { frame } = state;
  const told = placeText(frame);
  document.getElementById("place").textContent = told;
  const scrubber = document.getElementById("scrubber");
  scrubber.value = frame;
  scrubber.setAttribute("aria-valuetext", told);
  for (const id of ["first", "back"]) document.getElementById(id).disabled = frame === 0;
  for (const id of ["next", "last"]) document.getElementById(id).disabled = frame === last;
  if (answers) showAnswers[answers.kind](document.getElementById("seen"), answers, answers.frames[frame]);
  showLoss();
  showFlow();
  weights.forEach(showWeight);
  writePlace();
}

// The place in the lists of numbers that a frame is at the end of; -1 before the first.
function epochAt(frame) {
  return epochs.lastIndexOf(done[frame] - 1);
}

function placeText(frame) {
  const at = epochAt(frame);
  if (at < 0) return say("filming.before", { last: done[last] });
  const told = Object.entries(logs).map(([name, values]) => `${name} ${written(values[at] ?? NaN, "")}`);
  return say("filming.at", { done: done[frame], last: done[last], told: told.join(say("numbers.comma")) });
}

const losses = Object.fromEntries(Object.entries(logs)
  .filter(([name]) => /^(val_)?loss$/.test(name))
  .map(([name, values]) => [name, values.map((value, n) => [epochs[n] + 1, value])]));

function showLoss() {
  const picture = document.getElementById("loss");
  const at = epochAt(state.frame);
  drawCurves(picture, losses, done[state.frame], [epochs[0] + 1, Math.max(epochs.at(-1) + 1, epochs[0] + 2)]);
  const told = Object.keys(losses).map((name) => `${name} ${at < 0 ? "–" : number(logs[name][at] ?? NaN)}`);
  picture.setAttribute("aria-label", say("page.told", { name: say("filming.loss"), told: told.join(say("numbers.comma")) }));
}

const sizes = Object.values(norms).flat().filter((value) => value > 0).map(Math.log10);
const largestSize = sizes.reduce((a, b) => Math.max(a, b), -Infinity);
const DECADES = 8; // bars tell so many powers of ten apart
const least = Math.max(sizes.reduce((a, b) => Math.min(a, b), Infinity), largestSize - DECADES);

function showFlow() {
  const rows = document.getElementById("flow-rows");
  const at = epochAt(state.frame);
  if (!rows.childElementCount) {
    for (const name of Object.keys(norms)) {
      const bar = el("td", {}, el("div", { class: "length", "aria-hidden": "true" }));
      rows.append(el("tr", {}, el("th", { scope: "row" }, name), bar, el("td")));
    }
  }
  Object.values(norms).forEach((values, n) => {
    const value = at < 0 ? null : values[at];
    const share = value > 0 ? (Math.log10(value) - least) / (largestSize - least || 1) : 0;
    const row = rows.children[n];
    row.querySelector(".length").style.width = `${value > 0 ? 4 + 96 * Math.max(0, share) : 0}%`;
    const none = at < 0 ? say("filming.not_computed") : "nan";
    row.lastChild.textContent = value === null || value === undefined ? none : number(value);
  });
}

function showWeight(weight, n) {
  const values = numbersOf(weight.frames[state.frame], -weight.scale, weight.scale);
  const figure = document.getElementById(`weight-${n}`) ?? newWeight(weight, n);
  if (!weight.image) {
    paint(figure.querySelector("canvas"), values, weight.units, null, weight.scale);
    return;
  }
  const [, width] = weight.image;
  figure.querySelectorAll("canvas").forEach((canvas, unit) => {
    const own = values.filter((_, i) => i % weight.units === unit);
    paint(canvas, own, width, null, weight.scale, Math.max(2, Math.floor(48 / width)));
  });
}

function newWeight({ name, shape, rows, units, image, scale }, n) {
  const all = shape.at(-1) ?? 1;
  const parts = units < all ? ` ${say("filming.first_units", { units, all })}` : "";
  const whole = sizeOf(shape) / all;
  const some = rows < whole ? ` ${say("filming.first_rows", { rows, all: whole })}` : "";
  const label = `${name} ${shapeText(shape)}, ±${number(scale)}${parts}${some}`;
  const maps = Array.from({ length: image ? units : 1 }, () => el("canvas", { "aria-hidden": "true" }));
  const figure = el("figure", { id: `weight-${n}`, role: "img", "aria-label": label },
    el("div", { class: "maps" }, ...maps), el("figcaption", {}, label));
  document.getElementById("maps").append(figure);
  return figure;
}

// ---------------------------------------------------------------------- the address

// #f=12: the frame.
function readPlace() {
  return Number.parseInt(new URLSearchParams(location.hash.slice(1)).get("f"), 10) || 0;
}

function writePlace() {
  const text = `#f=${state.frame}`;
  if (state.timer !== null || location.hash === text) return;
  try {
    history.replaceState(null, "", text);
  } catch {
    // In a notebook's frame the page has no address of its own.
  }
}

// ---------------------------------------------------------------------- keys, buttons, colours

const KEYS = {
  ArrowRight: () => goTo(state.frame + 1), ArrowLeft: () => goTo(state.frame - 1),
  PageDown: () => goTo(state.frame + 10), PageUp: () => goTo(state.frame - 10),
  Home: () => goTo(0), End: () => goTo(last), " ": play,
};

function onKey(event) {
  const action = KEYS[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.matches("input, select, [tabindex]")) return;
  if (event.key === " " && event.target.matches("button")) return;
  event.preventDefault();
  if (event.key !== " ") stop();
  action();
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  document.getElementById("theme").setAttribute("aria-pressed", String(name === "dark"));
  document.getElementById("seen").replaceChildren(); // painted anew
  show();
}

function wire() {
  const on = (id, event, action) => document.getElementById(id).addEventListener(event, action);
  const byHand = (action) => () => { stop(); action(); };
  on("first", "click", byHand(() => goTo(0)));
  on("back", "click", byHand(() => goTo(state.frame - 1)));
  on("play", "click", play);
  on("next", "click", byHand(() => goTo(state.frame + 1)));
  on("last", "click", byHand(() => goTo(last)));
  on("scrubber", "input", byHand(() => goTo(Number(document.getElementById("scrubber").value))));
  on("theme", "click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => goTo(readPlace()));
  window.addEventListener("beforeprint", () => {
    state.theme = document.documentElement.dataset.theme;
    setTheme("light");
  });
  window.addEventListener("afterprint", () => setTheme(state.theme));
}

async function start() {
  if (answers) {
    answers.frames = await unpacked(answers.codes);
    if (answers.images) [answers.images] = await unpacked(answers.images);
  }
  for (const weight of weights) weight.frames = await unpacked(weight.codes);
  document.getElementById("caption").textContent = answers ? say(captions[answers.kind], answers) : say("filming.no_answers");
  document.getElementById("loss-names").append(...legendOfCurves(Object.keys(losses)));
  document.getElementById("scrubber").max = Math.max(1, last);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) document.getElementById("speed").value = "1000";
  state.frame = Math.max(0, Math.min(last, readPlace()));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  wire();
  showPlaying();
  document.documentElement.dataset.ready = Math.round(performance.now()); // milliseconds
}

start();
