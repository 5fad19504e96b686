// The panel: the selected node, what it receives, and the terms of one element.

function kindOf(node) {
  if (node.expression) return `= ${node.expression}`;
  return roleOf(node);
}

// What a node is, in words.
function roleOf(node) {
  return say({
    parameter: "page.parameter", constant: "page.constant", computed: "page.computed",
    result: "page.result_role",
  }[node.role]);
}

function showPanel() {
  const panel = document.getElementById("panel");
  const node = nodes.get(state.selected);
  const focused = focusIn(panel);
  panel.replaceChildren();
  if (!node) return;
  panel.append(heading(node), facts(node));
  if (!node.value) {
    panel.append(el("p", {}, say("page.several_results")));
    return;
  }
  panel.append(el("div", { class: "pair" },
    section("value", say("page.value"), valuePart(node), editPart(node)), section("gradient", say("page.gradient"), gradientPart(node))));
  const nudge = nudgePart(node);
  if (nudge) panel.append(section("nudge", say("changing.nudge"), nudge));
  const table = contributions(node);
  if (table) panel.append(section("what", say("page.receives"), table));
  panel.append(section("terms", say("page.terms"), termsPart(node)));
  const signs = data.letters.map((text) => el("li", {}, text));
  if (signs.length) panel.append(section("signs", say("page.signs"), el("ul", { class: "quiet" }, ...signs)));
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
  return el("h2", {}, el("span", { class: "label" }, node.label), " ", el("small", {}, roleOf(node)));
}

function section(name, title, ...content) {
  const id = `part-${name}`;
  const parts = content.filter((part) => part !== null);
  return el("section", { "aria-labelledby": id }, el("h3", { id }, title), ...parts);
}

function facts(node) {
  const list = el("dl", {});
  const add = (name, text) => text && list.append(el("dt", {}, name), el("dd", {}, text));
  add(say("page.computed_as"), node.expression);
  add(say("page.operation"), node.operation);
  add(say("page.shape"), node.value && `${shapeText(node.value.shape)} ${node.value.dtype}`);
  add(say(node.layer.includes("()") ? "page.part_of" : "page.layer"), node.layer);
  return list;
}

function valuePart(node) {
  if (computedAt.get(node.id) > state.step) {
    return el("p", { class: "quiet" }, say("page.not_yet"));
  }
  const step = steps[(updatedAt.get(node.id) ?? Infinity) - 1];
  if (!step || updatedAt.get(node.id) > state.step) return shownArray(node, "value", node.value);
  const told = el("p", { class: "quiet" }, say("page.after_update"));
  return el("div", {}, shownArray(node, "updated", step.after), told,
    shownArray(node, "value", node.value));
}

function gradientPart(node) {
  const expected = arrivals.get(node.id) ?? [];
  if (expected.length === 0) {
    return el("p", { class: "quiet" }, say("page.not_computed", { why: node.missing ?? say("numbers.not_reached") }));
  }
  const gradient = gradientAt(node.id, state.step);
  if (gradient === null) return el("p", { class: "quiet" }, say("page.not_reached_yet"));
  const arrived = expected.filter((place) => place <= state.step).length;
  const told = arrived < expected.length
    ? say("page.sum_so_far", { n: arrived, more: expected.length - arrived })
    : expected.length > 1 ? say("page.complete_sum", { n: arrived }) : say("page.complete");
  return el("div", {}, el("p", { class: "quiet" }, told), shownArray(node, "gradient", gradient));
}

// ---------------------------------------------------------------------- contributions

const LINES = 10; // so many contributions are listed, the latest ones

function contributions(node) {
  const expected = arrivals.get(node.id) ?? [];
  if (expected.length === 0 || steps[expected[0] - 1].contribution === undefined) return null;
  const isOne = sizeOf(node.value.shape) === 1;
  const at = state.cell?.of === "gradient" ? state.cell.i : isOne ? 0 : null;
  const place = at === null ? "" : indexText(placeOf(at, node.value.shape));
  const arrived = expected.filter((place) => place <= state.step);
  const waiting = expected.slice(arrived.length);
  const body = el("tbody", {}, counted(arrived.length - LINES, "page.earlier"));
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
      el("td", { colspan: "2" }, say("page.still"))));
  }
  body.append(counted(waiting.length - 3, "page.more_to_come"));
  const heads = at === null ? [say("page.contribution_norm"), say("page.sum_norm")]
    : isOne ? [say("page.contribution"), say("page.sum")]
      : [say("page.contribution_at", { place }), say("page.sum_at", { place })];
  const head = el("tr", {}, ...["", ...heads].map((text) => el("th", { scope: "col" }, text)));
  return el("table", { class: "sums" }, el("thead", {}, head), body);
}

function counted(count, key) {
  const text = count > 0 ? say(key, { n: count.toLocaleString("en") }) : "";
  return text ? el("tr", { class: "formula" }, el("td", { colspan: "3" }, text)) : "";
}

function formulaRow(step, at) {
  let text = step.formula;
  const upstream = gradientAt(step.node, steps.length);
  if (step.local && at !== null && upstream && sizeOf(upstream.shape) === 1) {
    const [local, above] = [valuesOf(step.local)[0], valuesOf(upstream)[0]];
    const [found] = valuesOf(step.contribution);
    const numbers = { local: number(local), above: number(above), found: number(found) };
    text = say("page.filled", { formula: step.formula, ...numbers });
  }
  return el("tr", { class: "formula" }, el("td", { colspan: "3" }, text));
}

function amountText(array, at) {
  const values = valuesOf(array);
  if (at === null || values === null) {
    const { norm } = statistics(array);
    return norm === null ? say("page.not_finite") : number(norm);
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
      : say("page.click_cell");
    part.append(el("p", { class: "quiet" }, text));
    return part;
  }
  if (cell.of === "updated") return updatedPart(part, node, cell.i);
  const array = cell.of === "value" ? node.value : gradientAt(node.id, state.step);
  const isThere = cell.of === "gradient" || computedAt.get(node.id) <= state.step;
  const large = array && valuesOf(array) === null
    ? cellsOf(node, cell.of).find((one) => one.i === cell.i) : null;
  if (!array || !isThere || (valuesOf(array) === null && !large)) {
    part.append(el("p", { class: "quiet" }, say("page.not_there")));
    return part;
  }
  const place = indexText(placeOf(cell.i, array.shape));
  const name = cell.of === "value" ? node.label : gradientName(node);
  const x = large ? Number(large.amount) : valuesOf(array)[cell.i];
  part.append(el("p", { class: "element" }, `${name}${place} = ${written(x, array.dtype)}`,
    el("small", {}, say("page.exactly", { x: minus(x) }))));
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
  const change = { label: say("page.update_adds"), amount: after[i] - before[i] };
  const terms = [{ label: say("page.before_update"), amount: before[i] }, change];
  part.append(...listed([[toldNow(step), { terms }]]));
  const kept = Object.entries(step.kept ?? {}).filter(([, [, now]]) => sizeOf(now.shape) > i);
  const given = kept.map(([name, [was, now]]) => ({
    label: `${name}${place}`, amount: valuesOf(now)[i],
    detail: say("page.kept_before", { x: number(valuesOf(was)[i]) }),
  }));
  if (given.length) part.append(...listed([[say("page.kept"), { given }]]));
  return part;
}

function contributionTerms(node, i) {
  if (node.id === data.root) return [el("p", {}, say("page.starts_here"))];
  const arrived = arrivals.get(node.id).filter((place) => place <= state.step);
  const entries = arrived.slice(-LINES).map((place) => {
    const step = steps[place - 1];
    const amount = valuesOf(step.contribution)?.[i];
    const told = amount === undefined ? step.way : say("page.told", { name: step.way, told: number(amount) });
    return [told, termsOfContribution(step, i)];
  });
  if (arrived.length <= LINES) return listed(entries);
  const note = say("page.latest", { n: LINES, all: arrived.length });
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
    if (given.length > GIVEN) items.push(el("li", {}, say("page.more", { n: given.length - GIVEN })));
    return el("ul", { class: "given" }, ...items);
  }
  const { largest: first, more, rest } = sorted(found);
  const list = el("ol", { class: "bars" }, ...first.map((term) => bar(term, most)));
  if (more) list.append(el("li", { class: "more" }, say("page.more_sum", { n: more, x: number(rest) })));
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
  const canvas = el("canvas", { class: "thumbnail", role: "img", "aria-label": say("page.the_example") });
  paint(canvas, values.slice(example * size, (example + 1) * size), batch.shape[1], null);
  canvas.style.width = "28px";
  return canvas;
}
