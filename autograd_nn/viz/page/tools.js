// The tools of a page that computes: undo, reset, the learning rate, which example is looked at, the
// nudge, and the address that keeps what was changed.

const SETTLED = 300; // milliseconds without a change after which the address is written
const LONGEST_ADDRESS = 6000; // letters of what was changed that an address takes
const tools = { timer: null, isNudging: false, isTooLong: false };

function startTools() {
  for (const id of ["live", "live-keys"]) document.getElementById(id).hidden = !live.isOn;
  if (!live.isOn) return;
  const on = (id, event, action) => document.getElementById(id).addEventListener(event, action);
  on("undo", "click", () => live.undo());
  on("reset", "click", () => live.reset());
  on("rate", "change", setRate);
  on("nudge-switch", "click", switchNudge);
  document.getElementById("rates").hidden = live.rate() === null;
  document.getElementById("nudge-switch").hidden = live.lossValue() === null;
  const many = examplesInBatch();
  document.getElementById("examples").hidden = many < 2;
  document.getElementById("example").max = many - 1;
  document.getElementById("example").placeholder = `0 – ${many - 1}`;
  const example = document.getElementById("example");
  example.addEventListener("input", () => chooseExample(example.value));
  example.addEventListener("change", () => { example.value = state.example ?? ""; });
  showTools();
}

function showTools() {
  const field = document.getElementById("rate");
  if (document.activeElement !== field) {
    field.value = minus(live.rate() ?? "");
    tellRate("");
  }
  document.getElementById("undo").disabled = !live.canUndo();
  document.getElementById("reset").disabled = !isChanged();
  const holes = { name: nodes.get(data.root).label, loss: lossText(), count: live.count() };
  const told = isChanged() ? say("changing.changed", holes) : say("changing.begin", holes);
  const lost = tools.isTooLong ? [say("changing.not_in_address")] : [];
  write(document.getElementById("live-told"), inARow(told, ...lost));
}

function isChanged() {
  return live.state().actions.length > 0;
}

function lossText() {
  const loss = live.lossValue();
  return loss === null ? amount(nodes.get(data.root).value) : inDigits(loss, 6);
}

function setRate() {
  const field = document.getElementById("rate");
  const rate = typed(field.value);
  const isRate = rate !== null && rate >= 0;
  if (isRate) live.setRate(rate);
  tellRate(isRate ? "" : twofold(field.value.trim()) ?? say("changing.no_rate"));
}

// What is wrong with the learning rate that was typed; "" where nothing is.
function tellRate(wrong) {
  document.getElementById("rate").setAttribute("aria-invalid", String(wrong !== ""));
  const known = live.rateEndedAt();
  const ends = known === null ? "" : say("changing.rate_ends", { n: known });
  write(document.getElementById("rate-said"), wrong || ends);
}

// ---------------------------------------------------------------------- one example of the batch

function examplesInBatch() {
  return data.examples ? nodes.get(data.examples.node).value.shape[0] : 0;
}

// Whether the rows of a node are the examples: the batch, what is computed of it, and its targets.
function isByExample(node) {
  if (node.isByExample !== undefined) return node.isByExample;
  const many = examplesInBatch();
  const isLong = many > 1 && node.value?.shape[0] === many && node.role !== "parameter";
  const isGiven = !node.operation;
  node.isByExample = isLong && (isGiven || node.inputs.some((id) => isByExample(nodes.get(id))));
  return node.isByExample;
}

function chooseExample(text) {
  const many = examplesInBatch();
  const row = text === "" ? null : Math.max(0, Math.min(many - 1, Math.trunc(Number(text)) || 0));
  state.example = row;
  const node = nodes.get(state.selected);
  if (row !== null && state.cell && node && isByExample(node)) {
    const width = sizeOf(node.value.shape) / many;
    state.cell = { of: state.cell.of, i: row * width + (state.cell.i % width) };
  }
  const picture = thumbnail(row ?? undefined);
  document.getElementById("example-picture").replaceChildren(...(picture ? [picture] : []));
  showPanel();
}

// The numbers of the example that is looked at, where the whole batch is a heat map.
function exampleRow(node, of, array) {
  if (!live.isOn || state.example === null || !isByExample(node)) return null;
  const width = sizeOf(array.shape) / examplesInBatch();
  const title = el("p", { class: "quiet" }, exampleName(state.example));
  if (width > FEW) return title;
  const first = state.example * width;
  const cells = Array.from({ length: width }, (_, k) => cellButton(node, of, array, first + k));
  return el("div", { class: "numbers" }, title, el("p", {}, ...cells));
}

// ---------------------------------------------------------------------- the nudge

function switchNudge() {
  tools.isNudging = !tools.isNudging;
  document.getElementById("nudge-switch").setAttribute("aria-pressed", String(tools.isNudging));
  showPanel();
}

const NUDGES = [1, 0.1, 0.01, 0.001, 1e-4, 1e-6];
let nudgeBy = 0.001;

// What the loss does when an element becomes a little more and a little less, beside its gradient.
function nudgePart(node) {
  if (!tools.isNudging || !live.isOn) return null;
  if (!isEditable(node)) return el("p", { class: "quiet" }, say("changing.nudge_leaf"));
  if (/int|bool/.test(node.value.dtype)) { // there is nothing between its numbers
    return el("p", { class: "quiet" }, say("changing.nudge_none", { name: node.label }));
  }
  const i = state.cell?.i ?? (sizeOf(node.value.shape) === 1 ? 0 : null);
  if (i === null) return el("p", { class: "quiet" }, say("changing.edit_choose"));
  const choice = el("select", { id: "nudge-by" }, ...NUDGES.map((h) =>
    el("option", { value: h, ...(h === nudgeBy ? { selected: "" } : {}) }, number(h))));
  choice.addEventListener("change", () => { nudgeBy = Number(choice.value); showPanel(); });
  return el("div", {}, el("label", {}, "h = ", choice), ...nudged(node, i).map((text) => el("p", {}, text)));
}

function nudged(node, i) {
  const x = valuesOf(node.value)[i];
  const [up, down] = [x + nudgeBy, x - nudgeBy].map((near) => live.lossWith(node.id, i, near));
  const slope = (up - down) / (2 * nudgeBy);
  const gradient = gradientAt(node.id, steps.length);
  const names = { name: element(node, i), loss: nodes.get(data.root).label, h: number(nudgeBy) };
  const told = [say("changing.nudge_losses", { ...names, up: inDigits(up, 8), down: inDigits(down, 8) }),
    say("changing.nudge_slope", { twice: number(2 * nudgeBy), slope: inDigits(slope, 6) })];
  if (gradient === null) return [...told, say("changing.nudge_none", names)];
  const g = valuesOf(gradient)[i];
  const apart = Math.abs(slope - g) / Math.max(Math.abs(slope), Math.abs(g), 1e-9);
  const of = `${gradientName(node)}${indexText(placeOf(i, node.value.shape))}`;
  const holes = { difference: inDigits(Math.abs(slope - g), 3) };
  const verdict = apart < 1e-3 ? say("changing.nudge_agree")
    : say(nudgeBy > 1e-3 ? "changing.nudge_bend" : "changing.nudge_apart", holes);
  return [...told, say("changing.nudge_receipt", { gradient: inDigits(g, 6), of }), verdict];
}

// ---------------------------------------------------------------------- the address

function keepState() {
  clearTimeout(tools.timer);
  tools.timer = setTimeout(() => {
    writePlace();
    showTools();
  }, SETTLED);
}

// What was changed as it stands in the address; "" where nothing was, or too much, which the page
// tells.
function stateText() {
  tools.isTooLong = false;
  if (!live.isOn || !isChanged()) return "";
  const text = encodeURIComponent(JSON.stringify(live.state()));
  tools.isTooLong = text.length > LONGEST_ADDRESS;
  return tools.isTooLong ? "" : `&v=${text}`;
}

function changesInAddress() {
  return new URLSearchParams(location.hash.slice(1)).get("v");
}

function restoreState(text) {
  if (!live.isOn) return;
  try {
    const wanted = text ? JSON.parse(text) : { actions: [] };
    if (JSON.stringify(wanted) !== JSON.stringify(live.state())) live.restore(wanted);
  } catch {
    live.reset(); // an address that was cut off, or of another graph
  }
}
