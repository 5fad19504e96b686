// Changing what was given: a number is typed, dragged, or stepped with keys, in the panel and in
// the picture.

const DRAGGED = 4; // pixels for one step
const edit = { text: null, said: "", dragging: null };

function isEditable(node) {
  if (!live.isOn || !node?.value || node.operation) return false;
  return live.canSet(node.id) && !isLiteral(node);
}

// A number in the code: it is its own label, which other labels have in them.
function isLiteral(node) {
  return /^−?\d[\d.]*(e[−+]\d+)?$/.test(node.label);
}

// What one press of an arrow key adds: a tenth of the unit that the largest number has.
function stepOf(node) {
  if (/int|bool/.test(node.value.dtype)) return 1;
  node.step ??= 10 ** Math.floor(Math.log10(Math.abs(statistics(node.value).largest) || 1)) / 10;
  return node.step;
}

function changeTo(node, i, x) {
  edit.text = null;
  edit.said = "";
  try {
    live.set(node.id, i, x);
  } catch { // a label that is no class, or an index that is not there
    edit.said = say("changing.edit_refused", { x: number(x) });
    showPanel();
  }
}

function changeBy(node, i, many) {
  const x = valuesOf(node.value)[i] + many * stepOf(node);
  changeTo(node, i, Number(x.toPrecision(12))); // 0.3, and not 0.30000000000000004
}

// The number that a text is, null where it is none: "−0.25", "1,5", "2e-3".
function typed(text) {
  const plain = plainNumber(text.trim());
  const x = Number(plain);
  return plain === "" || !Number.isFinite(x) || twofold(text) !== null ? null : x;
}

// ---------------------------------------------------------------------- in the panel

// The field below the array of a node, for the element that is chosen in it.
function editPart(node) {
  if (!live.isOn) return null;
  const i = state.cell?.of === "value" ? state.cell.i : sizeOf(node.value.shape) === 1 ? 0 : null;
  if (node.operation) {
    const told = say("changing.edit_computed", { name: node.label });
    return el("p", { class: "quiet" }, told, ...leavesBelow(node).flatMap((leaf) => [" ", leaf]));
  }
  if (!isEditable(node)) {
    const holes = { name: node.label };
    const why = isLiteral(node) ? say("changing.edit_literal", holes) : say("changing.edit_fixed", holes);
    return el("p", { class: "quiet" }, why);
  }
  if (i === null) return el("p", { class: "quiet" }, say("changing.edit_choose"));
  const field = fieldFor(node, i, "edit");
  field.value = edit.text ?? field.value;
  const way = { title: say("changing.edit_drag"), "aria-hidden": "true" };
  const handle = el("span", { class: "handle", ...way }, "↔");
  handle.addEventListener("pointerdown", (event) => startDrag(event, node, i));
  const stepButton = (id, sign, many, label) => {
    const button = el("button", { type: "button", id, "aria-label": label }, sign);
    button.addEventListener("click", () => changeBy(node, i, many));
    return button;
  };
  return el("div", { class: "edit" },
    el("label", { for: "edit" }, `${element(node, i)} =`), field,
    stepButton("edit-less", "−", -1, say("changing.edit_less")),
    stepButton("edit-more", "+", 1, say("changing.edit_more")), handle,
    el("p", { id: "edit-said", role: "status" }, edit.said));
}

// What a computed number comes from and can be changed: the nearest leaves, as buttons.
function leavesBelow(node) {
  const found = new Set();
  const seen = new Set();
  const look = (id) => {
    if (seen.has(id) || found.size >= 4) return;
    seen.add(id);
    const below = nodes.get(id);
    if (id !== node.id && isEditable(below)) found.add(below);
    (below.inputs ?? []).forEach(look);
  };
  look(node.id);
  return [...found].map((leaf) => {
    const button = el("button", { type: "button", class: "leaf", id: `leaf-${leaf.id}` }, leaf.label);
    button.addEventListener("click", () => select(leaf.id));
    return button;
  });
}

function fieldFor(node, i, id) {
  const x = valuesOf(node.value)[i];
  const field = el("input", {
    id, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
    role: "spinbutton", "aria-valuenow": x, "aria-valuetext": written(x, node.value.dtype),
    "aria-describedby": "edit-said", title: say("changing.edit_keys"),
  });
  field.value = minus(x);
  field.addEventListener("input", () => { edit.text = field.value; });
  field.addEventListener("keydown", (event) => onEditKey(event, node, i, field));
  field.addEventListener("focus", () => field.select());
  return field;
}

function onEditKey(event, node, i, field) {
  const step = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
  if (step) changeBy(node, i, event.shiftKey ? 10 * step : step);
  else if (event.key === "Enter") applyTyped(node, i, field);
  else if (event.key === "Escape") leaveField(node, i, field);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function applyTyped(node, i, field) {
  const x = typed(field.value);
  if (x === null) {
    const text = field.value.trim() || "…";
    edit.said = twofold(text) ?? say("changing.edit_no_number", { text });
    document.getElementById("edit-said").textContent = edit.said;
    field.setAttribute("aria-invalid", "true");
    return;
  }
  changeTo(node, i, x);
  if (field.id === "edit-here") closeHere();
}

function leaveField(node, i, field) {
  edit.text = null;
  edit.said = "";
  if (field.id === "edit-here") closeHere();
  else {
    showPanel();
    (document.getElementById(`cell-value-${i}`) ?? document.getElementById("map-value") ??
      document.getElementById("panel")).focus();
  }
}

// ---------------------------------------------------------------------- by dragging

// To the right it becomes more, to the left less; with shift ten times as much.
function startDrag(event, node, i) {
  if (event.button > 0) return;
  event.stopPropagation();
  drag.moved = false;
  const from = valuesOf(node.value)[i];
  edit.dragging = { node, i, from, x: event.clientX, id: event.pointerId, moved: false };
  document.body.classList.add("dragging");
}

function onDrag(event) {
  const { dragging } = edit;
  if (!dragging || event.pointerId !== dragging.id) return;
  const many = Math.trunc((event.clientX - dragging.x) / DRAGGED) * (event.shiftKey ? 10 : 1);
  if (!many && !dragging.moved) return;
  dragging.moved = true;
  const x = Number((dragging.from + many * stepOf(dragging.node)).toPrecision(12));
  if (x !== valuesOf(dragging.node.value)[dragging.i]) changeTo(dragging.node, dragging.i, x);
}

function endDrag(event) {
  const { dragging } = edit;
  if (!dragging || event.pointerId !== dragging.id) return;
  edit.dragging = null;
  document.body.classList.remove("dragging");
  drag.moved = dragging.moved; // it was no click on what is below the pointer
}

// ---------------------------------------------------------------------- in the picture

// The value of a single number that was given is changed where it stands: dragged, or typed after a
// click; with its node in focus the arrow keys step it.
function prepareEditing(part, node) {
  if (!isEditable(node) || sizeOf(node.value.shape) !== 1) return;
  for (const { text } of part.values) {
    text.classList.add("editable");
    text.addEventListener("pointerdown", (event) => startDrag(event, node, 0));
    text.addEventListener("click", (event) => {
      event.stopPropagation();
      if (drag.moved) return;
      select(node.id);
      openHere(node, text);
    });
  }
  part.addEventListener("keydown", (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    changeBy(node, 0, event.shiftKey ? 10 * step : step);
  });
}

function openHere(node, text) {
  closeHere();
  const view = document.getElementById("view");
  const field = fieldFor(node, 0, "edit-here");
  field.setAttribute("aria-label", node.label);
  Object.assign(field, { node, text });
  field.addEventListener("blur", closeHere);
  field.addEventListener("pointerdown", (event) => event.stopPropagation());
  view.append(field);
  placeHere();
  field.focus();
}

// Over its number, also when the picture is moved below it.
function placeHere() {
  const field = document.getElementById("edit-here");
  if (!field) return;
  const frame = field.text.getBoundingClientRect();
  const around = document.getElementById("view").getBoundingClientRect();
  field.style.left = `${frame.left - around.left - 6}px`;
  field.style.top = `${frame.top + frame.height / 2 - around.top - 16}px`;
}

function tellHere() {
  const field = document.getElementById("edit-here");
  if (field && edit.text === null) field.value = minus(valuesOf(field.node.value)[0]);
}

function closeHere() {
  const field = document.getElementById("edit-here");
  edit.text = null;
  if (!field || field.isClosing) return;
  field.isClosing = true; // being removed, it loses the focus
  field.remove();
}

// A cell of a table is dragged, too; a click on it chooses it.
function prepareCell(button, node, of, i) {
  if (of !== "value" || !isEditable(node)) return;
  button.classList.add("editable");
  button.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") return; // that moves the page
    state.cell = { of, i };
    startDrag(event, node, i);
  });
}

function startEditing() {
  if (!live.isOn) return;
  window.addEventListener("pointermove", onDrag);
  window.addEventListener("pointerup", endDrag);
  window.addEventListener("pointercancel", endDrag);
}

// The key "e": to the field of the selected node.
function focusField() {
  const node = nodes.get(state.selected);
  if (!isEditable(node)) return;
  state.cell ??= { of: "value", i: 0 };
  if (state.cell.of !== "value") state.cell = { of: "value", i: state.cell.i };
  showPanel();
  document.getElementById("edit")?.focus();
}
