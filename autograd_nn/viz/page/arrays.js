// An array as it is shown: few elements as numbers, more as a heat map, many as a summary.

const FEW = 24; // arrays of at most so many elements, in narrow rows, are shown as numbers
const FOLDED = 64; // a heat map of twice as many columns or more is folded to rows of so many

function shownArray(node, of, array) {
  const values = valuesOf(array);
  if (values === null || values.length > data.whole) return summarised(node, of, array);
  if (values.length === 0) return el("p", {}, say("page.empty"));
  const columns = array.shape.at(-1) ?? 1;
  if (values.length <= FEW && columns <= 6) return numbersTable(node, of, array, columns);
  return el("figure", {}, heatMap(node, of, array), legend(values),
    el("figcaption", {}, statisticsText(array)), exampleRow(node, of, array));
}

function summarised(node, of, array) {
  const label = say("page.means", { told: statisticsText(array) });
  const canvas = el("canvas", { role: "img", "aria-label": label });
  const means = array.thumbnail ? valuesOf(array.thumbnail) : blockMeans(array);
  const columns = array.thumbnail?.shape[1] ?? blocks(array.shape.at(-1));
  paint(canvas, means, columns, null);
  const n = sizeOf(array.shape).toLocaleString("en");
  const told = array.thumbnail
    ? say("page.summary_limit", { n, most: data.whole.toLocaleString("en") })
    : say("page.summary", { n });
  return el("figure", {}, canvas, legend(means), el("figcaption", {}, statisticsText(array)),
    el("p", { class: "quiet" }, told),
    largestCells(node, of, array));
}

const blocks = (length) => Math.min(32, length);

// The means of at most 32 × 32 blocks of about equal size.
function blockMeans(array) {
  const values = valuesOf(array), columns = array.shape.at(-1), rows = values.length / columns;
  const [down, across] = [blocks(rows), blocks(columns)];
  const sums = new Float64Array(down * across), counts = new Float64Array(down * across);
  const blockOf = (i, many, length) => Math.ceil(((i + 1) * many) / length) - 1;
  values.forEach((x, i) => {
    const row = blockOf(Math.floor(i / columns), down, rows);
    const block = row * across + blockOf(i % columns, across, columns);
    sums[block] += x;
    counts[block] += 1;
  });
  return sums.map((sum, block) => sum / counts[block]);
}

// Of a large array the largest elements, whose terms can be looked at.
function largestCells(node, of, array) {
  const cells = valuesOf(array) ? largestOf(valuesOf(array)) : cellsOf(node, of);
  if (!cells.length) return null;
  const list = el("p", { class: "largest" }, say("page.largest"));
  for (const { i, amount } of cells) {
    const place = indexText(placeOf(i, array.shape));
    const button = el("button", {
      type: "button", id: `cell-${of}-${i}`, "aria-pressed": String(isChosen(of, i)),
    }, `${place} ${number(Number(amount))}`);
    button.addEventListener("click", () => chooseCell(of, i));
    list.append(button, " ");
  }
  return list;
}

const LARGEST = 8;

function largestOf(values) {
  const found = [];
  values.forEach((amount, i) => {
    const size = Number.isNaN(amount) ? Infinity : Math.abs(amount);
    if (found.length === LARGEST && size <= found.at(-1).size) return;
    const place = found.findIndex((one) => one.size < size);
    found.splice(place < 0 ? found.length : place, 0, { i, amount, size });
    if (found.length > LARGEST) found.pop();
  });
  return found;
}

function cellsOf(node, of) {
  if (of === "value") return node.cells ?? [];
  const arrived = (arrivals.get(node.id) ?? []).map((place) => steps[place - 1]);
  return arrived.length === 1 ? arrived[0].cells ?? [] : [];
}

function numbersTable(node, of, array, columns) {
  const values = valuesOf(array);
  const body = el("tbody", {});
  for (let start = 0; start < values.length; start += columns) {
    const row = el("tr", {});
    for (let i = start; i < start + columns; i += 1) {
      row.append(el("td", {}, cellButton(node, of, array, i)));
    }
    body.append(row);
  }
  return el("table", { class: "numbers", "aria-label": nameOfArray(node, of) }, body);
}

function cellButton(node, of, array, i) {
  const x = valuesOf(array)[i];
  const told = written(x, array.dtype);
  const button = el("button", {
    type: "button", id: `cell-${of}-${i}`, title: minus(x),
    "aria-label": say(
      { value: "page.value_at", gradient: "page.gradient_at", updated: "page.updated_at" }[of],
      { place: indexText(placeOf(i, array.shape)), x: told }),
    "aria-pressed": String(isChosen(of, i)),
  }, told);
  button.addEventListener("click", () => chooseCell(of, i));
  prepareCell(button, node, of, i);
  return button;
}

function nameOfArray(node, of) {
  const keys = { value: "page.value_of", gradient: "page.gradient_of", updated: "page.updated_of" };
  return say(keys[of], { name: node.label });
}

function isChosen(of, i) {
  return state.cell !== null && state.cell.of === of && state.cell.i === i;
}

function chooseCell(of, i) {
  state.cell = { of, i };
  edit.text = null;
  showPanel();
}

function columnsOf(array) {
  const last = array.shape.at(-1) ?? 1;
  if (array.shape.length < 2) return Math.min(last, 32);
  return last <= 2 * FOLDED ? last : FOLDED;
}

// How far a key goes among cells: one of them, a row, or to an end of the row.
function moveInGrid(event, place, columns) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const column = place % columns;
  return {
    ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -column, End: columns - 1 - column,
  }[event.key];
}

function heatMap(node, of, array) {
  const values = valuesOf(array);
  const columns = columnsOf(array);
  const shape = shapeText(array.shape);
  const about = { about: nameOfArray(node, of), shape, told: statisticsText(array) };
  const chosen = state.cell !== null && state.cell.of === of ? state.cell.i : null;
  const canvas = el("canvas", {
    id: `map-${of}`, tabindex: "0", role: "application", "aria-roledescription": say("page.heat_map"),
    "aria-label": say("page.map_label", about),
  });
  paint(canvas, values, columns, chosen);
  frameExample(canvas, node, array, columns);
  const inRange = (i) => Math.max(0, Math.min(values.length - 1, i));
  canvas.addEventListener("click", (event) => {
    const rows = Math.ceil(values.length / columns);
    const column = Math.floor((event.offsetX / canvas.clientWidth) * columns);
    const row = Math.floor((event.offsetY / canvas.clientHeight) * rows);
    chooseCell(of, inRange(Math.min(rows - 1, row) * columns + Math.min(columns - 1, column)));
    document.getElementById(`map-${of}`)?.focus();
  });
  canvas.addEventListener("keydown", (event) => {
    const move = moveInGrid(event, chosen ?? 0, columns);
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    chooseCell(of, chosen === null ? 0 : inRange(chosen + move));
  });
  return canvas;
}

// A frame around the row of the example that is looked at.
function frameExample(canvas, node, array, columns) {
  const isRow = columns * array.shape[0] === sizeOf(array.shape);
  if (state.example === null || !isRow || !isByExample(node)) return;
  const [pen, height] = [canvas.getContext("2d"), canvas.height / array.shape[0]];
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.strokeStyle = palette().ink;
  pen.lineWidth = 3;
  pen.strokeRect(1.5, height * state.example - 1.5, canvas.width - 3, height + 3);
}
