// The panel: the selected node, what it receives, and the terms of one element.

function kindOf(node) {
  if (node.expression) return `= ${node.expression}`;
  return node.role;
}

function showPanel() {
  const panel = document.getElementById("panel");
  const node = nodes.get(state.selected);
  const focused = focusIn(panel);
  panel.replaceChildren();
  if (!node) return;
  panel.append(heading(node), facts(node));
  if (!node.value) {
    panel.append(el("p", {}, "Several results: each is a node of its own."));
    return;
  }
  panel.append(el("div", { class: "pair" },
    section("Value", valuePart(node), editPart(node)), section("Gradient", gradientPart(node))));
  const nudge = nudgePart(node);
  if (nudge) panel.append(section("Nudge", nudge));
  const table = contributions(node);
  if (table) panel.append(section("What it receives", table));
  panel.append(section("Terms of one element", termsPart(node)));
  const signs = data.letters.map((text) => el("li", {}, text));
  if (signs.length) panel.append(section("Signs", el("ul", { class: "quiet" }, ...signs)));
  focusAgain(focused);
}

// Where the focus is in a part that is made anew, with what is selected in a field.
function focusIn(part) {
  const at = document.activeElement;
  if (!part.contains(at)) return null;
  return { id: at.id, from: at.selectionStart, to: at.selectionEnd };
}

function focusAgain(focused) {
  const part = focused?.id ? document.getElementById(focused.id) : null;
  part?.focus();
  if (part?.matches("input") && edit.text !== null) part.setSelectionRange(focused.from, focused.to);
}

function heading(node) {
  return el("h2", {}, el("span", { class: "label" }, node.label), " ", el("small", {}, node.role));
}

function section(title, ...content) {
  const id = `part-${title.split(" ")[0].toLowerCase()}`;
  const parts = content.filter((part) => part !== null);
  return el("section", { "aria-labelledby": id }, el("h3", { id }, title), ...parts);
}

function facts(node) {
  const list = el("dl", {});
  const add = (name, text) => text && list.append(el("dt", {}, name), el("dd", {}, text));
  add("computed as", node.expression);
  add("operation", node.operation);
  add("shape", node.value && `${shapeText(node.value.shape)} ${node.value.dtype}`);
  add(node.layer.includes("()") ? "part of" : "layer", node.layer);
  return list;
}

function valuePart(node) {
  if (computedAt.get(node.id) > state.step) {
    return el("p", { class: "quiet" }, "– not computed yet in this pass");
  }
  const step = steps[(updatedAt.get(node.id) ?? Infinity) - 1];
  if (!step || updatedAt.get(node.id) > state.step) return shownArray(node, "value", node.value);
  const told = el("p", { class: "quiet" }, "After the update; before it was:");
  return el("div", {}, shownArray(node, "updated", step.after), told,
    shownArray(node, "value", node.value));
}

function gradientPart(node) {
  const expected = arrivals.get(node.id) ?? [];
  if (expected.length === 0) {
    return el("p", { class: "quiet" }, `– not computed: ${node.missing ?? "not reached"}`);
  }
  const gradient = gradientAt(node.id, state.step);
  if (gradient === null) return el("p", { class: "quiet" }, "– not reached yet");
  const arrived = expected.filter((place) => place <= state.step).length;
  const told = arrived < expected.length
    ? `The sum of ${arrived}; ${expected.length - arrived} more to come.`
    : expected.length > 1 ? `Complete: the sum of ${arrived}.` : "Complete.";
  return el("div", {}, el("p", { class: "quiet" }, told), shownArray(node, "gradient", gradient));
}

// ---------------------------------------------------------------------- contributions

const LINES = 10; // so many contributions are listed, the latest ones

function contributions(node) {
  const expected = arrivals.get(node.id) ?? [];
  if (expected.length === 0 || steps[expected[0] - 1].contribution === undefined) return null;
  const isOne = sizeOf(node.value.shape) === 1;
  const at = state.cell?.of === "gradient" ? state.cell.i : isOne ? 0 : null;
  const how = at === null ? "norm" : isOne ? "" : `at ${indexText(placeOf(at, node.value.shape))}`;
  const arrived = expected.filter((place) => place <= state.step);
  const waiting = expected.slice(arrived.length);
  const body = el("tbody", {}, counted(arrived.length - LINES, "earlier"));
  for (const place of arrived.slice(-LINES)) {
    const step = steps[place - 1];
    const row = el("tr", place === state.step ? { class: "current" } : {},
      el("th", { scope: "row" }, step.way),
      el("td", {}, amountText(step.contribution, at)),
      el("td", {}, amountText(gradientAt(node.id, place), at)));
    body.append(row, formulaRow(step, at));
  }
  for (const place of waiting.slice(0, 3)) {
    body.append(el("tr", {}, el("th", { scope: "row" }, steps[place - 1].way),
      el("td", { colspan: "2" }, "still to come")));
  }
  body.append(counted(waiting.length - 3, "more to come"));
  const heads = ["", `contribution ${how}`, `sum ${how}`];
  const head = el("tr", {}, ...heads.map((text) => el("th", { scope: "col" }, text)));
  return el("table", { class: "sums" }, el("thead", {}, head), body);
}

function counted(count, what) {
  const text = count > 0 ? `${count.toLocaleString("en")} ${what}` : "";
  return text ? el("tr", { class: "formula" }, el("td", { colspan: "3" }, text)) : "";
}

function formulaRow(step, at) {
  let text = step.formula;
  const upstream = gradientAt(step.node, steps.length);
  if (step.local && at !== null && upstream && sizeOf(upstream.shape) === 1) {
    const [local, above] = [valuesOf(step.local)[0], valuesOf(upstream)[0]];
    const [found] = valuesOf(step.contribution);
    text = `${step.formula}:  slope ${number(local)} × ${number(above)} = ${number(found)}`;
  }
  return el("tr", { class: "formula" }, el("td", { colspan: "3" }, text));
}

function amountText(array, at) {
  const values = valuesOf(array);
  if (at === null || values === null) {
    const { norm } = statistics(array);
    return norm === null ? "not finite" : number(norm);
  }
  return number(values[at]);
}

// ---------------------------------------------------------------------- terms

function chosenCell(node) {
  if (state.cell) return state.cell;
  if (sizeOf(node.value.shape) !== 1) return null;
  const step = steps[state.step - 1];
  if (updatedAt.get(node.id) <= state.step) return { of: "updated", i: 0 };
  const hasGradient = step && step.phase === "backward" && gradientAt(node.id, state.step);
  return { of: hasGradient ? "gradient" : "value", i: 0 };
}

function termsPart(node) {
  const cell = chosenCell(node);
  const part = el("div", { id: "terms", "aria-live": changes.isRunning ? "off" : "polite" });
  if (cell === null) {
    const text = valuesOf(node.value) === null && !cellsOf(node, "value").length ? TOO_LARGE
      : "Click a cell above, or move to it with the arrow keys.";
    part.append(el("p", { class: "quiet" }, text));
    return part;
  }
  if (cell.of === "updated") return updatedPart(part, node, cell.i);
  const array = cell.of === "value" ? node.value : gradientAt(node.id, state.step);
  const isThere = cell.of === "gradient" || computedAt.get(node.id) <= state.step;
  const large = array && valuesOf(array) === null
    ? cellsOf(node, cell.of).find((one) => one.i === cell.i) : null;
  if (!array || !isThere || (valuesOf(array) === null && !large)) {
    part.append(el("p", { class: "quiet" }, "Not there at this step."));
    return part;
  }
  const place = indexText(placeOf(cell.i, array.shape));
  const name = cell.of === "value" ? node.label : gradientName(node);
  const x = large ? Number(large.amount) : valuesOf(array)[cell.i];
  part.append(el("p", { class: "element" }, `${name}${place} = ${written(x, array.dtype)}`,
    el("small", {}, ` exactly ${minus(x)}`)));
  if (cell.of === "value") part.append(...listed([[kindOf(node), termsOfValue(node, cell.i)]]));
  else part.append(...contributionTerms(node, cell.i));
  return part;
}

// What an element was, and what the update added.
function updatedPart(part, node, i) {
  const step = steps[updatedAt.get(node.id) - 1];
  const [before, after] = [node.value, step.after].map(valuesOf);
  const place = indexText(placeOf(i, step.after.shape));
  part.append(el("p", { class: "element" }, `${node.label}${place} = ${number(after[i])}`));
  const change = { label: "what the update adds", amount: after[i] - before[i] };
  const terms = [{ label: `before the update`, amount: before[i] }, change];
  part.append(...listed([[toldNow(step), { terms }]]));
  return part;
}

function contributionTerms(node, i) {
  if (node.id === data.root) return [el("p", {}, "The backward pass starts here: 1.")];
  const arrived = arrivals.get(node.id).filter((place) => place <= state.step);
  const entries = arrived.slice(-LINES).map((place) => {
    const step = steps[place - 1];
    const amount = valuesOf(step.contribution)?.[i];
    const told = amount === undefined ? step.way : `${step.way}: ${number(amount)}`;
    return [told, termsOfContribution(step, i)];
  });
  if (arrived.length <= LINES) return listed(entries);
  const note = `The latest ${LINES} of ${arrived.length}:`;
  return [el("p", { class: "quiet" }, note), ...listed(entries)];
}

const GIVEN = 24; // so many numbers that go into a formula are listed

// Each entry with its terms as bars, all on one scale: to the right above zero, to the left below.
function listed(entries) {
  const terms = entries.flatMap(([, found]) => found.terms ?? []);
  const most = largest(terms.map((term) => term.amount));
  return entries.flatMap(([title, found]) =>
    [el("p", { class: "from" }, title), ofEntry(found, most)]);
}

function ofEntry(found, most) {
  const { given, why } = found;
  if (why) return el("p", { class: "quiet" }, why);
  if (given) {
    const items = given.slice(0, GIVEN).map(({ label, amount, detail }) =>
      el("li", {}, `${label} = ${number(amount)}`, el("small", {}, detail ? ` ${detail}` : "")));
    if (given.length > GIVEN) items.push(el("li", {}, `${given.length - GIVEN} more`));
    return el("ul", { class: "given" }, ...items);
  }
  const { largest: first, more, rest } = sorted(found);
  const list = el("ol", { class: "bars" }, ...first.map((term) => bar(term, most)));
  if (more) list.append(el("li", { class: "more" }, `${more} more: sum ${number(rest)}`));
  return list;
}

function bar({ label, amount, detail, example }, most) {
  const [sign, size] = signed(amount);
  const shape = el("span", { class: amount < 0 ? "bar minus" : "bar plus", "aria-hidden": "true" });
  const length = most > 0 && Number.isFinite(amount) ? (50 * Math.abs(amount)) / most : 0;
  shape.style.width = `${length}%`;
  return el("li", {},
    el("span", { class: "term" }, label, thumbnail(example),
      detail ? el("small", {}, ` ${detail}`) : null),
    el("span", { class: "track", "aria-hidden": "true" }, shape),
    el("span", { class: "amount" }, `${sign}${size}`));
}

// The example behind a term as a small picture, where the batch consists of pictures.
function thumbnail(example) {
  const batch = example === undefined ? undefined : data.examples;
  const values = batch?.shape && valuesOf(nodes.get(batch.node).value);
  if (!values) return null;
  const size = sizeOf(batch.shape);
  const canvas = el("canvas", { class: "thumbnail", role: "img", "aria-label": "the example" });
  paint(canvas, values.slice(example * size, (example + 1) * size), batch.shape[1], null);
  canvas.style.width = "28px";
  return canvas;
}
