// What is inside of a box that has no picture of its own, or the whole graph where there is none of
// it: drawn here when it is opened, in columns from what is given to what is computed. Its parts are
// named and marked as those of the other pictures are, so that whatever works there works here.

const LINE = 14; // from one line of a box to the next
const COLUMN = 62; // from what a number is to the number
const PLACE = { across: 60, down: 16 }; // free room between boxes, at least
const INK = { text: "#1d2733", quiet: "#5b6673", line: "#5b6673" };
const FILLS = {
  parameter: ["#e6f2e6", "#3d7a3d"], constant: ["#f3f3f1", "#8b8b85"], computed: ["#eef3fa", "#56718f"],
  result: ["#fdf0d2", "#a8770c"], group: ["#f1eefa", "#6a5a9c"],
};
const ruler = document.createElement("canvas").getContext("2d");

// The layout of a path, "" being the whole graph: { name, title, detail, along, where, opens }, its
// picture in the page.
function inside(path) {
  const parts = partsOf(path);
  const where = Object.fromEntries(data.nodes.map((node) => [node.id, null]));
  const opens = {};
  for (const part of parts.values()) {
    for (const node of part.members) if (part.id !== node.id) where[node.id] = part.id;
    if (part.members.length === 1) delete where[part.id];
    if (part.path) opens[part.id] = `/${part.path}`;
  }
  const edges = edgesBetween(parts, where);
  place([...parts.values()], edges);
  const title = path.slice(path.lastIndexOf("/") + 1) || "The graph";
  const along = edges.some((edge) => edge.told.length) ? data.along : "";
  const layout = { name: `/${path}`, title, detail: "receipt", along, where, opens, isDrawnHere: true };
  document.getElementById("view").append(drawn(layout, [...parts.values()], edges));
  return layout;
}

// The boxes: what stands on this level itself, the parts below it, and what they are connected to.
function partsOf(path) {
  const found = new Map();
  const shown = new Map(); // the box of each node
  const take = (id, node, below) => {
    if (!found.has(id)) found.set(id, { id, path: below, members: [], isInside: true });
    found.get(id).members.push(node);
    shown.set(node.id, id);
  };
  let count = 0;
  const ids = new Map();
  const start = path ? `${path}/` : "";
  for (const node of data.nodes) {
    if (node.layer !== path && !node.layer.startsWith(start)) continue;
    const rest = node.layer.slice(start.length);
    if (!rest) {
      take(node.id, node, "");
      continue;
    }
    const below = start + rest.split("/")[0];
    if (!ids.has(below)) ids.set(below, `g${count++}`);
    take(ids.get(below), node, below);
  }
  const inner = new Set(shown.keys());
  for (const node of data.nodes) {
    for (const input of node.inputs ?? []) {
      if (inner.has(node.id) === inner.has(input)) continue;
      const other = inner.has(node.id) ? input : node.id;
      if (!found.has(other)) found.set(other, { id: other, path: "", members: [nodes.get(other)] });
    }
  }
  return found;
}

// One arrow for each input between single boxes, one for all between others.
function edgesBetween(parts, where) {
  const edges = new Map();
  const shared = new Map();
  const boxOf = (id) => (parts.has(id) ? id : where[id]);
  for (const user of data.nodes) {
    (user.edges ?? []).forEach((name, slot) => {
      const [source, target] = [boxOf(user.inputs[slot]), boxOf(user.id)];
      where[name] = null;
      if (!source || !target || source === target) return;
      if (!parts.get(source).isInside && !parts.get(target).isInside) return;
      const isSingle = !parts.get(source).path && !parts.get(target).path;
      const key = `${source} ${target}`;
      if (!isSingle && shared.has(key)) where[name] = shared.get(key);
      else {
        delete where[name];
        if (!isSingle) shared.set(key, name);
        edges.set(name, { name, source, target, isSingle });
      }
    });
  }
  return [...edges.values()];
}

// ---------------------------------------------------------------------- where the boxes are

function place(parts, edges) {
  const byId = new Map(parts.map((part) => [part.id, part]));
  for (const part of parts) Object.assign(part, { column: 0, lines: linesOf(part), before: [], after: [] });
  for (const edge of edges) {
    [edge.from, edge.to] = [byId.get(edge.source), byId.get(edge.target)];
    const twins = edges.filter(({ source, target }) => source === edge.source && target === edge.target);
    edge.aside = 16 * (twins.indexOf(edge) - (twins.length - 1) / 2);
    edge.told = productOf(edge);
    edge.to.before.push(edge.from);
    edge.from.after.push(edge.to);
  }
  // Parts stand in the order of computation, so what is before them has its column.
  const order = [...parts].sort((a, b) => lastOf(a) - lastOf(b));
  for (const part of order) {
    part.column = Math.max(-1, ...part.before.map((other) => other.column)) + 1;
  }
  for (const part of order) { // what needs nothing stands beside what it is for
    if (part.before.length || !part.after.length) continue;
    part.column = Math.min(...part.after.map((other) => other.column)) - 1;
  }
  const stops = edges.flatMap(stopsOf);
  const least = Math.min(...parts.map((part) => part.column));
  const columns = [];
  for (const part of [...order, ...stops]) (columns[part.column - least] ??= []).push(part);
  arrange(columns);
  let x = 20;
  for (const column of columns) {
    const width = Math.max(...column.map((part) => part.width));
    const labels = edges.filter((edge) => column.includes(edge.to)).map((edge) => widthOf(edge.told));
    x += column === columns[0] ? 0 : Math.max(PLACE.across, 16 + Math.max(0, ...labels));
    for (const part of column) {
      Object.assign(part, { x: x + (width - part.width) / 2, left: x, right: x + width });
    }
    x += width;
  }
  const top = Math.min(...parts.map((part) => part.y)) - 20;
  for (const part of [...parts, ...stops]) part.y -= top;
}

// A long arrow has a place of its own in every column that it passes, so it runs under no box.
function stopsOf(edge) {
  edge.stops = [];
  let last = edge.from;
  for (let column = edge.from.column + 1; column < edge.to.column; column += 1) {
    const stop = { column, width: 0, height: 10, before: [last], after: [] };
    last.after.splice(last.after.indexOf(edge.to), 1, stop);
    edge.stops.push(stop);
    last = stop;
  }
  if (last !== edge.from) {
    last.after.push(edge.to);
    edge.to.before.splice(edge.to.before.indexOf(edge.from), 1, last);
  }
  return edge.stops;
}

// Within a column everything is as high as what it is connected to: so few arrows cross.
function arrange(columns) {
  const stack = (column) => {
    let y = -column.reduce((sum, part) => sum + part.height + PLACE.down, 0) / 2;
    for (const part of column) {
      part.y = y;
      y += part.height + PLACE.down;
    }
  };
  const sorted = (column, side) => {
    const wanted = (part) => part[side].length
      ? part[side].reduce((sum, other) => sum + other.y + other.height / 2, 0) / part[side].length
      : part.y + part.height / 2;
    const places = new Map(column.map((part) => [part, wanted(part)]));
    column.sort((a, b) => places.get(a) - places.get(b));
    stack(column);
  };
  columns.forEach(stack);
  for (let round = 0; round < 3; round += 1) {
    for (const column of columns) sorted(column, "before");
    for (const column of [...columns].reverse()) sorted(column, "after");
  }
}

function lastOf(part) {
  return Math.max(...part.members.map((node) => Number(node.id.slice(1))));
}

function widthOf(lines) {
  return Math.max(0, ...lines.map((text) => measured(text, 10)));
}

// ---------------------------------------------------------------------- what stands in a box

// The lines of a box: [head, text, class]; and its size.
function linesOf(part) {
  const node = part.members.at(-1);
  const lines = [];
  if (part.path) {
    const count = part.members.filter((member) => member.operation).length;
    lines.push([part.path.slice(part.path.lastIndexOf("/") + 1), "", "title"]);
    lines.push([`${count.toLocaleString("en")} operations`, "", "quiet"]);
  } else {
    lines.push([node.label, node.expression ? "" : node.role, "title"]);
    if (node.expression) lines.push([`= ${node.expression}`, "", ""]);
  }
  const last = lastResult(part.members);
  if (last?.value?.shape.length) lines.push(["shape", shapeText(last.value.shape), ""]);
  const add = (head, texts, kind) => texts.map(roomFor).filter(Boolean)
    .forEach((text, n) => lines.push([n ? "" : head, text, kind]));
  if (last?.value) add(part.path ? "result" : "value", amountLines(last.value), "value");
  const gradient = last && ownGradient(last, part.members);
  add("gradient", gradient?.length ? gradient : ["–"], "gradient");
  const widths = lines.map(([head, text, kind]) =>
    (kind === "title" ? measured(`${head}  ${text}`, 12)
      : text ? COLUMN + measured(text, 10.5) : measured(head, 10.5)));
  part.width = Math.max(52, ...widths) + 14;
  part.height = lines.length * LINE + 10;
  return lines;
}

function measured(text, size) {
  ruler.font = `${size}px Arial, 'Liberation Sans', Helvetica, sans-serif`;
  return ruler.measureText(text).width;
}

// In a page that computes a text has room for any numbers, and is written when it is told.
function roomFor(text, line = 0) {
  if (!live.isOn) return text;
  if (line === 1 && (!text || text.startsWith("("))) return `(${WIDE} … ${WIDE})`;
  return text.replace(/−?\d+(\.\d+)?(e[−+]\d+)?/g, WIDE);
}

// ---------------------------------------------------------------------- drawing

function drawn(layout, parts, edges) {
  const width = Math.max(...parts.map((part) => part.x + part.width)) + 20;
  const height = Math.max(...parts.map((part) => part.y + part.height)) + 20;
  const [whole, taken] = [svg("g", {}), []];
  for (const edge of edges) whole.append(arrow(layout, edge, taken));
  for (const part of parts) whole.append(boxOf(layout, part));
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}` }, whole);
  const around = el("div", { class: `layout ${layout.detail}`, id: `layout-${layout.name}`, hidden: "" });
  around.append(picture);
  return around;
}

function boxOf(layout, part) {
  const { x, y, width, height, lines } = part;
  const [fill, stroke] = FILLS[part.path ? "group" : part.members[0].role] ?? FILLS.computed;
  const group = svg("g", { class: "node", id: `${layout.name}-${part.id}` });
  const frame = `M${x},${y}h${width}v${height}h${-width}z`;
  group.append(svg("path", { d: frame, fill, stroke, "stroke-width": part.path ? 2 : 1 }));
  lines.forEach(([head, text, kind], line) => {
    const at = { y: y + 15 + line * LINE, "font-size": 10 };
    const isTitle = kind === "title";
    const ink = !isTitle && text ? INK.quiet : INK.text;
    const bold = isTitle ? { "font-weight": "bold", "font-size": 12 } : {};
    const headText = svg("text", { ...at, x: x + 7, fill: ink, ...bold }, head);
    if (head) group.append(headText);
    if (!text) return;
    const place = isTitle ? x + 15 + measured(head, 12.5) : x + 7 + COLUMN;
    const fillOf = { gradient: "#3d2266", value: INK.text, title: INK.quiet, "": INK.text }[kind];
    const shown = svg("text", { ...at, x: place, fill: fillOf }, text);
    if (kind === "value" || kind === "gradient") shown.setAttribute("class", kind);
    group.append(shown);
  });
  return group;
}

function arrow(layout, edge, taken) {
  const points = way(edge);
  const [start, end] = [points[0], points.at(-1)];
  let d = `M${start.x},${start.y}`;
  points.slice(1).forEach((point, place) => {
    const last = points[place];
    const bend = Math.max(30, Math.abs(point.x - last.x) / 2);
    d += `C${last.x + bend},${last.y} ${point.x - bend},${point.y} ${point.x},${point.y}`;
  });
  const head = `${end.x + 7},${end.y} ${end.x},${end.y - 3.5} ${end.x},${end.y + 3.5}`;
  const group = svg("g", { class: "edge", id: `${layout.name}-${edge.name}` },
    svg("path", { d, fill: "none", stroke: INK.line }),
    svg("polygon", { points: head, fill: INK.line, stroke: INK.line }));
  if (!edge.told.length) return group;
  // In the free room before what it leads to, above the arrow, or where there still is room.
  const width = widthOf(edge.told);
  const place = { x: edge.to.left - 8 - width / 2, y: (points.at(-2).y + end.y) / 2 - 42, width };
  for (let n = 1; taken.some((other) => overlaps(place, other)); n += 1) {
    place.y += (n % 2 ? 12 : -12) * n;
  }
  taken.push(place);
  edge.told.forEach((text, line) => {
    const at = { x: place.x, y: place.y + 10 + 12 * line, "font-size": 10, "text-anchor": "middle" };
    group.append(svg("text", { ...at, fill: INK.quiet }, text));
  });
  return group;
}

// From box to box through the stops between; two arrows between the same boxes are apart.
function way({ from, to, stops, aside }) {
  return [{ x: from.x + from.width, y: from.y + from.height / 2 + aside },
    ...stops.flatMap(({ left, right, y, height }) => [left, right].map((x) => ({ x, y: y + height / 2 }))),
    { x: to.x - 7, y: to.y + to.height / 2 + aside }];
}

function overlaps(a, b) {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 + 4 && Math.abs(a.y - b.y) < 38;
}

// The slope, what it is multiplied by and what flows back, where each is one number.
function productOf(edge) {
  const step = steps[(flowAt.get(edge.name) ?? 0) - 1];
  if (!edge.isSingle || !step || !step.local || !step.contribution) return [];
  const upstream = gradientAt(step.node, steps.length);
  const numbers = [step.local, upstream, step.contribution].map((array) => array && valuesOf(array));
  if (numbers.some((values) => !values || values.length !== 1)) return [];
  const [slope, above, flows] = numbers.map(([value]) => number(value));
  return [`slope ${slope}`, `× ${above}`, `= ${flows}`].map((text) => roomFor(text));
}
