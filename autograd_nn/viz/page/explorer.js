// The explorer: which step is shown, and everything that moves it.

const { steps } = data;
const nodes = new Map(data.nodes.map((node) => [node.id, node]));
const computedAt = new Map(); // the step at which the value of a node is there; 0: it was given
const arrivals = new Map(); // the steps at which something arrives at a node, in their order
const updatedAt = new Map(); // the step at which a parameter, or the loss, gets its new value
const flowAt = new Map(); // the step at which something flows along an edge
const state = {
  step: 1, layout: "", selected: null, cell: null, example: null, timer: null, theme: "",
};

function readSteps() {
  for (const node of data.nodes) computedAt.set(node.id, 0);
  steps.forEach((step, index) => {
    if (step.phase === "forward") computedAt.set(step.node, index + 1);
    else if (step.phase === "update") updatedAt.set(step.node, index + 1);
    else {
      if (!arrivals.has(step.input)) arrivals.set(step.input, []);
      arrivals.get(step.input).push(index + 1);
      if (step.edge) flowAt.set(step.edge, index + 1);
    }
  });
}

// The gradient of a node as it stands at a step: the running sum; null where nothing arrived.
function gradientAt(id, at) {
  const place = (arrivals.get(id) ?? []).findLast((arrived) => arrived <= at);
  if (place === undefined) return null;
  const step = steps[place - 1];
  return step.after ?? step.contribution;
}

// ---------------------------------------------------------------------- moving

function goTo(place) {
  state.step = Math.max(steps.length ? 1 : 0, Math.min(steps.length, place));
  const step = steps[state.step - 1];
  const selected = step ? step.input ?? step.node : data.root;
  choose(selected);
  endQuestion();
  verdict("");
  show();
}

function goOn() {
  const next = steps[state.step];
  const question = exercise.on && next && next.phase === "backward" ? questionOf(next) : null;
  if (question) ask(question);
  else goTo(state.step + 1);
}

function startOf(phase) {
  const place = steps.findIndex((step) => step.phase === phase);
  if (place >= 0) goTo(place + 1);
}

const PLAYING = {
  isAtEnd: () => state.step >= steps.length, toStart: () => goTo(1), goOn, waits: () => exercise.asked,
};

function select(id) {
  choose(id);
  show();
}

function choose(id) {
  if (id === state.selected) return;
  state.selected = id;
  state.cell = null;
  [edit.text, edit.said] = [null, ""];
}

// ---------------------------------------------------------------------- showing

const PHASES = { forward: "page.forward", backward: "page.backward", update: "page.update" };
const STEPS = {
  forward: "page.forward_step", backward: "page.backward_step", update: "page.update_step",
};

function show() {
  const step = steps[state.step - 1];
  document.body.dataset.phase = step ? step.phase : "";
  const counts = { n: state.step, all: steps.length, note: data.note };
  document.getElementById("place").textContent =
    say(step ? STEPS[step.phase] : "page.no_steps", counts);
  showSentence();
  const scrubber = document.getElementById("scrubber");
  scrubber.value = state.step;
  scrubber.setAttribute("aria-valuetext", say("page.step_of", { n: state.step, all: steps.length }));
  for (const id of ["first", "back"]) document.getElementById(id).disabled = state.step <= 1;
  const isLast = state.step >= steps.length;
  for (const id of ["next", "last"]) document.getElementById(id).disabled = isLast;
  markPicture();
  showPanel();
  markRow();
  writePlace();
}

function showSentence() {
  const step = steps[state.step - 1];
  write(document.getElementById("sentence"), step ? toldNow(step) : "");
}

function markRow() {
  document.querySelector("tr[aria-current]")?.removeAttribute("aria-current");
  document.getElementById(`row-${state.step}`)?.setAttribute("aria-current", "step");
}

function makeRows() {
  const rows = document.getElementById("rows");
  if (rows.childElementCount) return tellRows();
  steps.forEach((step, index) => {
    const place = index + 1;
    const label = { type: "button", "aria-label": say("page.go_to", { n: place }) };
    const button = el("button", label, String(place));
    button.addEventListener("click", () => goTo(place));
    rows.append(el("tr", { id: `row-${place}` },
      el("td", {}, button), el("td", {}, say(PHASES[step.phase])), el("td", { class: "told" }, toldNow(step))));
  });
  markRow();
}

// ---------------------------------------------------------------------- the address

// #s=12&l=open&class&v=…: the step, the layout, whether it is shown to a class, what was changed.
function readPlace() {
  const found = new URLSearchParams(location.hash.slice(1));
  setClassView(found.has("class"));
  const names = data.layouts.map((layout) => layout.name);
  const wanted = found.get("l") ?? "";
  const isPath = data.nodes.some(({ layer }) => `/${layer}/`.startsWith(`${wanted}/`));
  state.layout = names.includes(wanted) || (wanted.length > 1 && isPath) ? wanted : names[0];
  return Number.parseInt(found.get("s"), 10) || 1;
}

function writePlace() {
  const layout = encodeURI(state.layout);
  const text = `#s=${state.step}&l=${layout}${inClassView() ? "&class" : ""}${stateText()}`;
  if (location.hash === text) return;
  try {
    history.replaceState(null, "", text);
  } catch {
    // In a notebook's frame the page has no address of its own.
  }
}

// ---------------------------------------------------------------------- finding

function find() {
  const wanted = document.getElementById("find").value.trim();
  const said = document.getElementById("find-said");
  if (!wanted) {
    said.textContent = "";
    return;
  }
  const text = wanted.toLowerCase();
  const labelled = data.nodes.map((node) => [node, node.label.toLowerCase()]);
  const [node] = labelled.find(([, label]) => label === text) ??
    labelled.find(([, label]) => label.includes(text)) ?? [null];
  said.textContent = node ? "" : say("page.no_such");
  if (!node) return;
  select(node.id);
  const layout = currentLayout();
  follow([partOf(layout, shownAs(layout, node.id))]);
}

// ---------------------------------------------------------------------- keys, buttons, colours

const KEYS = {
  ArrowRight: goOn, ArrowLeft: () => goTo(state.step - 1),
  Home: () => goTo(1), End: () => goTo(steps.length),
  f: () => startOf("forward"), b: () => startOf("backward"), u: () => startOf("update"), " ": play,
  "+": () => zoom(1.25), "-": () => zoom(0.8), 0: fitPicture,
  "/": () => document.getElementById("find").focus(), c: switchClassView,
  Escape: () => inClassView() && switchClassView(), e: focusField,
};

const SHIFT_KEYS = {
  ArrowLeft: () => pan(-80, 0), ArrowRight: () => pan(80, 0),
  ArrowUp: () => pan(0, -80), ArrowDown: () => pan(0, 80),
};

function onKey(event) {
  if (live.isOn && event.key === "z" && (event.ctrlKey || event.metaKey) &&
    !event.target.matches("input")) live.undo();
  const action = (event.shiftKey && SHIFT_KEYS[event.key]) || KEYS[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) return;
  if (event.key === " " && event.target.matches("button, summary, [role=button]")) return;
  event.preventDefault();
  if (event.key !== " ") stop();
  action();
}

// In front of a class: the sentence and the picture alone, large.
function inClassView() {
  return document.documentElement.dataset.view === "class";
}

function setClassView(isOn) {
  if (isOn === inClassView()) return;
  document.documentElement.dataset.view = isOn ? "class" : "";
  document.getElementById("class-switch").setAttribute("aria-pressed", String(isOn));
  if (isOn && exercise.on) switchExercise();
}

function switchClassView() {
  setClassView(!inClassView());
  placeAtFirst();
  show();
}

function theme() {
  return document.documentElement.dataset.theme;
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  document.getElementById("theme").setAttribute("aria-pressed", String(name === "dark"));
  if (state.selected) showPanel(); // the heat maps are painted anew
}

function wire() {
  const on = (id, event, action) => document.getElementById(id).addEventListener(event, action);
  const byHand = (action) => () => { stop(); action(); };
  on("first", "click", byHand(() => goTo(1)));
  on("back", "click", byHand(() => goTo(state.step - 1)));
  on("play", "click", play);
  on("next", "click", byHand(goOn));
  on("last", "click", byHand(() => goTo(steps.length)));
  on("scrubber", "input", byHand(() => goTo(Number(document.getElementById("scrubber").value))));
  on("larger", "click", () => zoom(1.25));
  on("smaller", "click", () => zoom(0.8));
  on("fit", "click", fitPicture);
  on("find", "change", find);
  on("question", "submit", check);
  on("show-answer", "click", showAnswer);
  on("exercise-switch", "click", switchExercise);
  on("class-switch", "click", switchClassView);
  on("theme", "click", () => setTheme(theme() === "dark" ? "light" : "dark"));
  on("root-chip", "click", showRoot);
  on("there-chip", "click", goThere);
  on("skip", "click", () => document.getElementById("panel").focus());
  on("all-steps", "toggle", makeRows);
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => {
    const place = readPlace();
    restoreState(changesInAddress());
    openLayout(state.layout);
    goTo(place);
  });
  window.addEventListener("beforeprint", () => {
    state.theme = theme();
    setTheme("light");
    makeRows();
    fitPicture();
  });
  window.addEventListener("afterprint", () => setTheme(state.theme));
}

function start() {
  readSteps();
  live.begin();
  if (new URLSearchParams(location.search).has("embed")) document.documentElement.dataset.embed = "";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  for (const label of new Set(data.nodes.map((node) => node.label))) {
    document.getElementById("names").append(el("option", { value: label }));
  }
  document.getElementById("scrubber").max = Math.max(1, steps.length);
  for (const phase of ["forward", "backward", "update"]) {
    const many = steps.filter((step) => step.phase === phase).length;
    document.getElementById(`${phase}-part`).style.flexGrow = many;
    document.getElementById(`${phase}-part`).hidden = many === 0;
  }
  document.getElementById("no-graphviz").hidden = !data.noGraphviz;
  document.getElementById("no-graphviz").textContent = data.noGraphviz;
  const differing = live.differing();
  const note = differing ? say("page.differing", {
    now: number(differing.now), then: number(differing.then),
  }) : data.notLive ?? data.liveNote;
  document.getElementById("not-live").textContent = note;
  document.getElementById("not-live").hidden = !note;
  if (!data.layouts.length) data.layouts.push(inside(""));
  wire();
  const place = readPlace();
  restoreState(changesInAddress());
  startFollowing();
  startEditing();
  startTools();
  preparePictures();
  startMoving();
  openLayout(state.layout);
  goTo(place);
  for (const begin of atStart) begin();
  document.documentElement.dataset.ready = Math.round(performance.now()); // milliseconds
}

start();
