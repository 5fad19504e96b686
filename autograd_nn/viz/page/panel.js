// The panel: the numbers of the selected node, its heat maps, its contributions, and the terms
// of one element.

const FEW = 24; // arrays of at most so many elements, in narrow rows, are shown as numbers
const FOLDED = 64; // a heat map has at most so many columns; longer rows are folded

// An element of the page; texts are texts and never markup.
function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function kindOf(node) {
  if (node.expression) return `= ${node.expression}`;
  return node.role;
}

function showPanel() {
  const panel = document.getElementById("panel");
  const node = nodes.get(state.selected);
  const focused = panel.contains(document.activeElement) ? document.activeElement.id : "";
  panel.replaceChildren();
  if (!node) return;
  panel.append(heading(node), facts(node));
  if (!node.value) {
    panel.append(el("p", {}, "Several results: each is a node of its own."));
    return;
  }
  panel.append(el("div", { class: "pair" },
    section("Value", valuePart(node)), section("Gradient", gradientPart(node))));
  const table = contributions(node);
  if (table) panel.append(section("What it receives", table));
  panel.append(section("Terms of one element", termsPart(node)));
  if (focused) document.getElementById(focused)?.focus();
}

function heading(node) {
  return el("h2", {}, el("span", { class: "label" }, node.label), " ", el("small", {}, node.role));
}

function section(title, ...content) {
  const id = `part-${title.split(" ")[0].toLowerCase()}`;
  return el("section", { "aria-labelledby": id }, el("h3", { id }, title), ...content);
}

function facts(node) {
  const list = el("dl", {});
  const add = (name, text) => text && list.append(el("dt", {}, name), el("dd", {}, text));
  add("computed as", node.expression);
  add("operation", node.operation);
  add("shape", node.value && `${shapeText(node.value.shape)} ${node.value.dtype}`);
  add("layer", node.layer);
  return list;
}

function valuePart(node) {
  if (computedAt.get(node.id) > state.step) {
    return el("p", { class: "quiet" }, "– not computed yet in this pass");
  }
  return shownArray(node, "value", node.value);
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

// ---------------------------------------------------------------------- arrays

function shownArray(node, of, array) {
  const values = valuesOf(array);
  if (values === null) return summarised(array);
  if (values.length === 0) return el("p", {}, "no elements");
  const columns = array.shape.at(-1) ?? 1;
  if (values.length <= FEW && columns <= 6) return numbersTable(node, of, array, columns);
  return el("figure", {}, heatMap(node, of, array), legend(values), el("figcaption", {}, statisticsText(array)));
}

function summarised(array) {
  const canvas = el("canvas", { role: "img", "aria-label": `Block means. ${statisticsText(array)}` });
  const means = valuesOf(array.thumbnail);
  paint(canvas, means, array.thumbnail.shape[1], null);
  const size = sizeOf(array.shape).toLocaleString("en");
  return el("figure", {}, canvas, legend(means), el("figcaption", {}, statisticsText(array)),
    el("p", { class: "quiet" }, `${size} elements; only arrays of up to ` +
      `${data.whole.toLocaleString("en")} are in the page. The picture has the means of blocks.`));
}

function numbersTable(node, of, array, columns) {
  const values = valuesOf(array);
  const body = el("tbody", {});
  for (let start = 0; start < values.length; start += columns) {
    const row = el("tr", {});
    for (let i = start; i < start + columns; i += 1) {
      const place = indexText(placeOf(i, array.shape));
      const button = el("button", {
        type: "button", id: `cell-${of}-${i}`, title: String(values[i]),
        "aria-label": `${of} ${place} ${written(values[i], array.dtype)}`,
        "aria-pressed": String(isChosen(of, i)),
      }, written(values[i], array.dtype));
      button.addEventListener("click", () => chooseCell(of, i));
      row.append(el("td", {}, button));
    }
    body.append(row);
  }
  return el("table", { class: "numbers", "aria-label": `${of} of ${node.label}` }, body);
}

function isChosen(of, i) {
  return state.cell !== null && state.cell.of === of && state.cell.i === i;
}

function chooseCell(of, i) {
  state.cell = { of, i };
  showPanel();
}

function columnsOf(array) {
  const last = array.shape.at(-1) ?? 1;
  if (array.shape.length < 2) return Math.min(last, 32);
  return last <= 2 * FOLDED ? last : FOLDED;
}

function heatMap(node, of, array) {
  const values = valuesOf(array);
  const columns = columnsOf(array);
  const chosen = state.cell !== null && state.cell.of === of ? state.cell.i : null;
  const canvas = el("canvas", {
    id: `map-${of}`, tabindex: "0", role: "application", "aria-roledescription": "heat map",
    "aria-label": `${of} of ${node.label}, shape ${shapeText(array.shape)}: ${statisticsText(array)}. ` +
      "The arrow keys choose an element.",
  });
  paint(canvas, values, columns, chosen);
  const inRange = (i) => Math.max(0, Math.min(values.length - 1, i));
  canvas.addEventListener("click", (event) => {
    const rows = Math.ceil(values.length / columns);
    const column = Math.floor((event.offsetX / canvas.clientWidth) * columns);
    const row = Math.floor((event.offsetY / canvas.clientHeight) * rows);
    chooseCell(of, inRange(Math.min(rows - 1, row) * columns + Math.min(columns - 1, column)));
    document.getElementById(`map-${of}`)?.focus();
  });
  canvas.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    chooseCell(of, chosen === null ? 0 : inRange(chosen + move));
  });
  return canvas;
}

// One square for each element: blue above zero, orange and a bar across below it, a cross for NaN.
function paint(canvas, values, columns, chosen) {
  const rows = Math.ceil(values.length / columns);
  const cell = Math.max(2, Math.min(22, Math.floor(352 / columns), Math.floor(230 / rows)));
  const sharp = 2;
  canvas.width = columns * cell * sharp;
  canvas.height = rows * cell * sharp;
  canvas.style.width = `${columns * cell}px`;
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  const most = largest(values);
  const colors = palette();
  values.forEach((x, i) => {
    const [left, top] = [(i % columns) * cell, Math.floor(i / columns) * cell];
    const gap = cell > 5 ? 0.5 : 0;
    pen.fillStyle = colorOf(x, most, colors);
    pen.fillRect(left, top, cell - gap, cell - gap);
    if (cell >= 6) mark(pen, x, most, left, top, cell, colors);
  });
  if (chosen !== null) {
    const [left, top] = [(chosen % columns) * cell, Math.floor(chosen / columns) * cell];
    pen.strokeStyle = colors.ink;
    pen.lineWidth = 2;
    pen.strokeRect(left - 1, top - 1, cell + 2, cell + 2);
  }
}

function mark(pen, x, most, left, top, cell, colors) {
  pen.strokeStyle = colors.ink;
  pen.lineWidth = 1;
  pen.beginPath();
  const [near, far] = [cell * 0.25, cell * 0.75];
  if (!Number.isFinite(x)) {
    pen.moveTo(left + near, top + near);
    pen.lineTo(left + far, top + far);
    if (Number.isNaN(x)) {
      pen.moveTo(left + far, top + near);
      pen.lineTo(left + near, top + far);
    }
  } else if (x < 0 && -x > most * 0.05) {
    pen.moveTo(left + near, top + cell / 2);
    pen.lineTo(left + far, top + cell / 2);
  }
  pen.stroke();
}

function largest(values) {
  let most = 0;
  for (const x of values) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
}

function palette() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  const parts = (name) => read(name).match(/[0-9a-f]{2}/gi).map((two) => parseInt(two, 16));
  return {
    ink: read("--ink"), strange: read("--strange"),
    zero: parts("--zero"), plus: parts("--plus-heat"), minus: parts("--minus-heat"),
  };
}

function colorOf(x, most, colors) {
  if (!Number.isFinite(x)) return colors.strange;
  const share = most > 0 ? Math.abs(x) / most : 0;
  const end = x < 0 ? colors.minus : colors.plus;
  const mixed = colors.zero.map((from, k) => Math.round(from + share * (end[k] - from)));
  return `rgb(${mixed.join(",")})`;
}

function legend(values) {
  const most = largest(values);
  const strange = [...values].some((x) => !Number.isFinite(x));
  return el("p", { class: "scale" }, el("span", { class: "ramp", "aria-hidden": "true" }),
    ` ±${number(most)}`, strange ? " ╳ nan, ╲ infinite" : null);
}

// ---------------------------------------------------------------------- contributions

function contributions(node) {
  const expected = arrivals.get(node.id) ?? [];
  if (expected.length === 0 || steps[expected[0] - 1].contribution === undefined) return null;
  const isOne = sizeOf(node.value.shape) === 1;
  const at = state.cell?.of === "gradient" ? state.cell.i : isOne ? 0 : null;
  const how = at === null ? "norm" : isOne ? "" : `at ${indexText(placeOf(at, node.value.shape))}`;
  const body = el("tbody", {});
  for (const place of expected) {
    const step = steps[place - 1];
    const source = nodes.get(step.node);
    const many = source.inputs.length > 1 ? `, input ${step.slot + 1} of ${source.symbol}` : "";
    const cells = place > state.step ? ["still to come", ""] : [
      amountText(step.contribution, at), amountText(gradientAt(node.id, place), at),
    ];
    const row = el("tr", place === state.step ? { class: "current" } : {},
      el("th", { scope: "row" }, `from ${source.label}${many}`),
      ...cells.map((text) => el("td", {}, text)));
    body.append(row);
    if (place <= state.step) body.append(formulaRow(step, at));
  }
  return el("table", { class: "sums" },
    el("thead", {}, el("tr", {}, ...["", `contribution ${how}`, `sum ${how}`].map((text) => el("th", { scope: "col" }, text)))),
    body);
}

function formulaRow(step, at) {
  let text = step.formula;
  const upstream = gradientAt(step.node, steps.length);
  if (step.local && at !== null && upstream && sizeOf(upstream.shape) === 1) {
    const [local, above] = [valuesOf(step.local)[0], valuesOf(upstream)[0]];
    text = `${step.formula}:  ${number(local)} × ${number(above)} = ${number(valuesOf(step.contribution)[0])}`;
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
  const hasGradient = step && step.phase === "backward" && gradientAt(node.id, state.step);
  return { of: hasGradient ? "gradient" : "value", i: 0 };
}

function termsPart(node) {
  const cell = chosenCell(node);
  const part = el("div", { id: "terms", "aria-live": "polite" });
  if (cell === null) {
    part.append(el("p", { class: "quiet" }, "Click a cell above, or move to it with the arrow keys."));
    return part;
  }
  const array = cell.of === "value" ? node.value : gradientAt(node.id, state.step);
  const isThere = cell.of === "gradient" || computedAt.get(node.id) <= state.step;
  if (array === null || !isThere || valuesOf(array) === null) {
    part.append(el("p", { class: "quiet" }, "Not there at this step."));
    return part;
  }
  const place = indexText(placeOf(cell.i, array.shape));
  const name = cell.of === "value" ? node.label : gradientName(node);
  const x = valuesOf(array)[cell.i];
  part.append(el("p", { class: "element" }, `${name}${place} = ${written(x, array.dtype)}`,
    el("small", {}, ` exactly ${x}`)));
  if (cell.of === "value") part.append(...listed(termsOfValue(node, cell.i), kindOf(node)));
  else for (const place of arrivals.get(node.id)) {
    if (place <= state.step) part.append(...contributionTerms(steps[place - 1], cell.i));
  }
  return part;
}

function contributionTerms(step, i) {
  if (step.contribution === undefined) return [el("p", {}, "The backward pass starts here: 1.")];
  const source = nodes.get(step.node);
  const amount = valuesOf(step.contribution)[i];
  return listed(termsOfContribution(step, i), `From ${source.label}: ${number(amount)}`);
}

// A heading and the terms as bars: to the right above zero, to the left below it.
function listed({ terms, given, why }, title) {
  const head = el("p", { class: "from" }, title);
  if (why) return [head, el("p", { class: "quiet" }, why)];
  if (given) return [head, el("ul", { class: "given" }, ...given.map(({ label, amount }) => el("li", {}, `${label} = ${number(amount)}`)))];
  const { largest: first, more, rest } = sorted(terms);
  const most = Math.max(...first.map((term) => Math.abs(term.amount)).filter(Number.isFinite), 0);
  const list = el("ol", { class: "bars" }, ...first.map((term) => bar(term, most)));
  if (more) list.append(el("li", { class: "more" }, `${more} more: sum ${number(rest)}`));
  return [head, list];
}

function bar({ label, amount, detail }, most) {
  const [sign, size] = signed(amount);
  const shape = el("span", { class: amount < 0 ? "bar minus" : "bar plus", "aria-hidden": "true" });
  const length = most > 0 && Number.isFinite(amount) ? (50 * Math.abs(amount)) / most : 0;
  shape.style.width = `${length}%`;
  return el("li", {}, el("span", { class: "term" }, label, detail ? el("small", {}, ` ${detail}`) : null),
    el("span", { class: "track", "aria-hidden": "true" }, shape), el("span", { class: "amount" }, `${sign} ${size}`));
}
