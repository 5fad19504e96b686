// The picture: which layout is shown, what is done and what is now in it, and its numbers.

function currentLayout() {
  return data.layouts.find((layout) => layout.name === state.layout);
}

function currentSvg() {
  return document.querySelector(`#layout-${CSS.escape(state.layout)} svg`);
}

// Where a node or an edge is to be seen in a layout: itself, the group it is in, or nowhere.
function shownAs(layout, id) {
  return id in layout.where ? layout.where[id] : id;
}

function partOf(layout, id) {
  return document.getElementById(`${layout.name}-${id}`);
}

// Look once at the parts of every layout: what each stands for, and its texts about gradients.
function preparePictures() {
  for (const layout of data.layouts) {
    prepareLayout(layout);
    const button = el("button", { type: "button", "data-layout": layout.name }, layout.title);
    button.addEventListener("click", () => openLayout(layout.name));
    document.getElementById("layouts").append(button);
  }
}

function prepareLayout(layout) {
  layout.members = grouped(layout, data.nodes.map((node) => node.id));
  layout.flows = grouped(layout, steps.filter((step) => step.edge).map((step) => step.edge));
  for (const [id, members] of layout.members) prepareNode(layout, id, members);
  const parts = document.querySelectorAll(`#layout-${CSS.escape(layout.name)} g.edge`);
  layout.edges = [...parts].map((part) => [part.id.slice(layout.name.length + 1), part]);
  for (const [edge, part] of layout.edges) {
    const flows = layout.flows.get(edge) ?? [];
    part.flowsFrom = Math.min(...flows.map((name) => flowAt.get(name)));
    part.classList.toggle("flows", flows.length > 0);
    part.numbers = live.isOn ? numbersAlong(part) : [];
    if (part.numbers.length) alignLines(part);
  }
  const svg = document.querySelector(`#layout-${CSS.escape(layout.name)} svg`);
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  layout.size = { width, height };
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", say("page.graph_of", { root: nodes.get(data.root).label, layout: layout.title }));
}

function grouped(layout, ids) {
  const found = new Map();
  for (const id of ids) {
    const shown = shownAs(layout, id);
    if (shown === null) continue;
    if (!found.has(shown)) found.set(shown, []);
    found.get(shown).push(id);
  }
  return found;
}

function prepareNode(layout, id, members) {
  const part = partOf(layout, id);
  const computed = members.map((member) => computedAt.get(member)).filter((place) => place > 0);
  part.computed = { first: Math.min(...computed), last: Math.max(0, ...computed) };
  part.arrivals = members.flatMap((member) => arrivals.get(member) ?? []).sort((a, b) => a - b);
  part.values = textsOf(part, "text.value");
  part.gradients = textsOf(part, "text.gradient");
  part.setAttribute("tabindex", "0");
  part.setAttribute("role", "button");
  const opens = layout.opens[id];
  const node = nodes.get(members.at(-1));
  if (!opens) prepareEditing(part, node);
  const name = opens ? say("page.open", { name: node.layer }) : `${node.label}, ${kindOf(node)}`;
  part.setAttribute("aria-label", name);
  const choose = () => (opens ? openLayout(opens) : select(node.id));
  part.addEventListener("click", () => { if (!drag.moved) choose(); });
  part.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  });
  part.addEventListener("focus", () => {
    if (!part.matches(":focus-visible")) return; // by the mouse it stays where it was clicked
    follow([part]);
    document.getElementById("view").scrollIntoView({ block: "nearest" });
  });
}

// The lines with numbers along an arrow, those of one form together.
function numbersAlong(part) {
  const lines = textsOf(part, "text");
  const forms = formsOf(lines.map(({ told }) => told));
  const found = [];
  lines.forEach((line, n) => {
    if (forms[n] === null) return;
    if (found.at(-1)?.[0].form === forms[n].form) found.at(-1).push(line);
    else found.push([{ ...line, ...forms[n] }]);
  });
  return found;
}

// Lines below each other begin at one place, however long their numbers are.
function alignLines(part) {
  const texts = [...part.querySelectorAll("text")];
  const x = Math.min(...texts.map((text) => Number(text.getAttribute("x"))));
  for (const text of texts) text.setAttribute("x", x);
}

// What is written in a part when it is complete, and how many letters there is room for.
function textsOf(part, selector) {
  return [...part.querySelectorAll(selector)].map((text) => {
    const told = text.textContent.trimEnd();
    if (live.isOn) [text.room, text.width] = [told.length, measured(told, 10)];
    return { text, told, place: told, room: told.length };
  });
}

// A picture that is there, or what is inside of the box at a path, "/layer/part".
function openLayout(name) {
  if (!data.layouts.some((layout) => layout.name === name)) {
    const layout = inside(name.slice(1));
    data.layouts.push(layout);
    prepareLayout(layout);
  }
  state.layout = name;
  tellPicture();
  placeAtFirst(); // while it is hidden: it is laid out once then
  for (const part of document.querySelectorAll(".layout")) {
    part.hidden = part.id !== `layout-${name}`;
  }
  for (const button of document.querySelectorAll("[data-layout]")) {
    button.setAttribute("aria-pressed", String(button.dataset.layout === name));
  }
  document.getElementById("along").textContent = currentLayout().along;
  showTrail();
  show();
}

// Where an opened box is: the boxes around it, each of which can be gone back to.
function showTrail() {
  const isBox = state.layout.startsWith("/") && state.layout.length > 1;
  const steps = isBox ? state.layout.slice(1).split("/") : [];
  const buttons = steps.map((title, depth) => {
    const isHere = depth === steps.length - 1;
    const button = el("button", { type: "button", "aria-pressed": String(isHere) }, `› ${title}`);
    const path = steps.slice(0, depth + 1).join("/");
    button.addEventListener("click", () => openLayout(`/${path}`));
    return button;
  });
  document.getElementById("trail").replaceChildren(...buttons);
}

// Where this step happens, if that is not in the picture: the box that holds it opens.
function markThere() {
  const step = steps[state.step - 1];
  const layout = currentLayout();
  const node = step && nodes.get(step.input ?? step.node);
  const isThere = !node || shownAs(layout, node.id) !== null;
  const chip = document.getElementById("there-chip");
  chip.hidden = isThere;
  if (!isThere) chip.textContent = say("page.now_in", {
    name: node.layer.split("/").at(-1) || say("page.whole_graph"),
  });
}

function goThere() {
  const step = steps[state.step - 1];
  const { layer } = nodes.get(step.input ?? step.node);
  openLayout(layer ? `/${layer}` : data.layouts[0].name);
}

// ---------------------------------------------------------------------- what is done, what is now

function markPicture() {
  const layout = currentLayout();
  const step = steps[state.step - 1];
  const at = step && shownAs(layout, step.input ?? step.node);
  const from = step && shownAs(layout, step.node);
  const selected = state.selected && shownAs(layout, state.selected);
  for (const [id, members] of layout.members) {
    const part = partOf(layout, id);
    part.classList.toggle("future", part.computed.last > 0 && part.computed.first > state.step);
    part.classList.toggle("now", id === at || id === from);
    part.classList.toggle("selected", id === selected);
  }
  writeNumbers();
  const used = !step ? [] : step.phase === "forward" ? nodes.get(step.node).edges ?? [] : [step.edge];
  const isNow = new Set(used.map((edge) => shownAs(layout, edge)));
  for (const [edge, part] of layout.edges) {
    part.classList.toggle("done", part.flowsFrom <= state.step);
    part.classList.toggle("now", isNow.has(edge));
  }
  ring(layout, at, "ring");
  ring(layout, selected === at ? null : selected, "ring selected");
  const inputs = step?.phase === "forward" ? nodes.get(step.node).inputs : [];
  const partsOf = (ids) => ids.filter(Boolean).map((id) => partOf(layout, id)).filter(Boolean);
  follow(partsOf([at, from]), partsOf(inputs.map((id) => shownAs(layout, id))));
  markRoot();
  markThere();
}

function rootPart() {
  return partOf(currentLayout(), shownAs(currentLayout(), data.root));
}

function showRoot() {
  if (rootPart() === null) openLayout(data.layouts[0].name);
  follow([rootPart()]);
}

// What everything is computed for: where it is out of view, it is told in a corner.
function markRoot() {
  const chip = document.getElementById("root-chip");
  if (!viewSize().width) return;
  const part = rootPart();
  chip.hidden = part !== null && isSeen(frameOf([part]));
  writeRoot();
}

function writeRoot() {
  const { label, value } = nodes.get(data.root);
  const isThere = computedAt.get(data.root) <= state.step;
  const isNumber = value && sizeOf(value.shape) === 1;
  const told = isThere && isNumber ? `${label} = ${number(valuesOf(value)[0])}` : `${label} –`;
  write(document.getElementById("root-chip"), told);
}

// ---------------------------------------------------------------------- the numbers in it

// In a page that computes, all that stands in the picture is told anew from the arrays.
function tellPicture() {
  const layout = currentLayout();
  if (!live.isOn || layout.age === live.version()) return;
  layout.age = live.version();
  for (const [id, names] of layout.members) {
    const [part, members] = [partOf(layout, id), names.map((name) => nodes.get(name))];
    tellLines(part.values, (digits) => valueLines(members, digits));
    tellLines(part.gradients, (digits) => gradientLines(members, digits, !layout.isDrawnHere));
  }
  const flowing = layout.edges.map(([edge, part]) =>
    [part, (layout.flows.get(edge) ?? []).map((name) => steps[flowAt.get(name) - 1])]);
  const norms = flowing.map(([, flows]) =>
    (flows.length ? statisticsOf(flows.map((step) => step.contribution)).norm ?? 0 : 0));
  const most = Math.max(...norms);
  flowing.forEach(([part, flows], place) => {
    for (const lines of part.numbers) tellForm(lines, flows);
    if (layout.detail === "receipt" && !layout.isDrawnHere && flows.length) {
      drawArrow(part, flows, most ? norms[place] / most : 0);
    }
  });
}

// What has no number in it stays as it is.
function tellLines(texts, make) {
  const lines = fitted(make, texts.map(({ room }) => room));
  texts.forEach((one, line) => {
    if (one.place.includes(WIDE.slice(1))) one.told = lines[line] ?? ""; // "− 0.864" in a sum
  });
}

// Its width says how much flows, the colour of a product which sign it has.
function drawArrow(part, flows, share) {
  const isProduct = part.numbers.some(([{ place }]) => place.startsWith("×"));
  const ink = !isProduct ? null : valuesOf(flows[0].contribution)[0] < 0 ? "#b3400f" : "#1f5fa8";
  const width = (0.8 + 3 * Math.sqrt(share)).toFixed(1);
  if (part.look === `${ink} ${width}`) return;
  part.look = `${ink} ${width}`;
  for (const drawn of part.querySelectorAll("path, polygon")) {
    drawn.setAttribute("stroke-width", width);
    if (ink) drawn.setAttribute("stroke", ink);
    if (ink && drawn.tagName === "polygon") drawn.setAttribute("fill", ink);
  }
  if (ink) for (const text of part.querySelectorAll("text")) text.setAttribute("fill", ink);
}

function writeNumbers() {
  const layout = currentLayout();
  for (const [id, members] of layout.members) {
    const part = partOf(layout, id);
    markValue(part, part.computed.last <= state.step);
    markGradient(part, members);
  }
  for (const [, part] of layout.edges) {
    for (const { text, told } of part.numbers.flat()) write(text, told);
  }
}

// The numbers of a value stand in the picture from the step on at which it is computed.
function markValue(part, isThere) {
  part.values.forEach(({ text, told }, line) => {
    write(text, isThere ? told : line === 0 ? "–" : "");
  });
}

// The numbers of a gradient stand in the picture from the step on at which it is complete.
function markGradient(part, members) {
  const expected = part.arrivals.length;
  const next = part.arrivals.findIndex((place) => place > state.step);
  const isComplete = next < 0;
  part.classList.toggle("complete", expected > 0 && isComplete);
  let isFirst = true;
  for (const { text, told } of part.gradients) {
    const head = say("numbers.gradient_is", { told: "" });
    if (isComplete) write(text, told);
    else if (told.startsWith(head)) write(text, `${head}–`);
    else {
      write(text, isFirst ? partlyTold(members, next, expected) : "");
      isFirst = false;
    }
  }
}

// A text that stays as it is costs nothing; one that is set is laid out anew.
function write(text, told) {
  if (text.written === told) return;
  text.textContent = text.written = told;
  if (live.isOn) narrow(text, told);
  markChanged(text);
}

function partlyTold(members, arrived, expected) {
  if (arrived === 0) return "–";
  const sum = members.length === 1 ? gradientAt(members[0], state.step) : null;
  if (sum && sizeOf(sum.shape) === 1) return `${number(valuesOf(sum)[0])} + …`;
  return say("page.arrived_of", { n: arrived, all: expected });
}

// A frame around a node: outside of it, so that what it says stays readable.
function ring(layout, id, name) {
  currentSvg().querySelector(`rect[class="${name}"]`)?.remove();
  if (!id) return;
  const part = partOf(layout, id);
  const { x, y, width, height } = part.getBBox();
  const frame = { class: name, x: x - 5, y: y - 5, width: width + 10, height: height + 10, rx: 9 };
  part.parentNode.append(svg("rect", frame));
}
