// The plane of two features: the decision boundary of now, and the samples of the batch, which can be
// moved, given another class, and set anew.

const SIDE = 40; // points of the grid in either direction: as many as are predicted in one pass
const NEAR = 14; // pixels around a sample in which it is taken hold of
const plane = { reading: null, low: null, high: null, chosen: 0, next: 0, isAdding: false, isHeld: false, hasMoved: false };

training.parts.push({ start: startPlane, draw: drawPlane });

function startPlane() {
  plane.reading = live.predicts.batch === data.examples?.node ? readingOf(data.examples) : null;
  document.getElementById("plane").hidden = plane.reading === null;
  if (plane.reading === null) return;
  const { names } = plane.reading;
  document.getElementById("plane-classes").replaceWith(legendOfClasses(names));
  const choice = document.getElementById("sample-class");
  choice.append(...names.map((name, place) => el("option", { value: place }, name)));
  choice.addEventListener("change", () => setClass(plane.chosen, Number(choice.value)));
  document.getElementById("add-sample").addEventListener("click", () => setAdding(!plane.isAdding));
  const canvas = document.getElementById("plane-map");
  canvas.addEventListener("pointerdown", takeSample);
  canvas.addEventListener("pointermove", dragSample);
  canvas.addEventListener("pointerup", () => { plane.isHeld = false; });
  canvas.addEventListener("pointercancel", () => { plane.isHeld = false; });
  canvas.addEventListener("keydown", onPlaneKey);
}

// How answers are read as classes, and labels: of one answer 0 and 1 or −1 and 1; of several the
// largest, with whole numbers or one 1 among zeros as labels. Null where they are numbers, or several
// classes.
function readingOf({ node, labels, output, isLogit }) {
  if (labels === null || output === null) return null;
  const rows = nodes.get(node).value.shape[0];
  const wide = sizeOf(nodes.get(output).value.shape) / rows;
  // As they were recorded: an address may have changed them since.
  const given = live.canSet(labels) ? live.recorded(labels) : valuesOf(nodes.get(labels).value);
  const isAll = (test) => given.every(test);
  if (wide === 1) {
    const low = [0, -1].find((one) => isAll((x) => x === one || x === 1));
    return low === undefined || given.length !== rows ? null : { rows, wide, low, isLogit, names: [minus(low), "1"] };
  }
  const names = Array.from({ length: wide }, (_, n) => String(n));
  if (given.length === rows && isAll((x) => Number.isInteger(x) && x >= 0 && x < wide)) {
    return { rows, wide, isLogit, names };
  }
  const isSingle = (row) => given.subarray(row * wide, (row + 1) * wide).reduce((a, b) => a + b) === 1;
  const isOneHot = given.length === rows * wide && isAll((x) => x === 0 || x === 1) &&
    Array.from({ length: rows }, (_, row) => row).every(isSingle);
  return isOneHot ? { rows, wide, isLogit, isOneHot, names } : null;
}

// The class that each answer names, -1 where it is not finite, and by how much it is ahead.
function decided(answers, { wide, low, isLogit }) {
  const count = answers.length / wide;
  const [classes, shares] = [new Int16Array(count), new Float64Array(count)];
  for (let row = 0; row < count; row += 1) {
    if (wide === 1) {
      const x = answers[row], middle = (low + 1) / 2;
      const ahead = isLogit ? Math.tanh(x / 2) : (x - middle) / (1 - middle);
      classes[row] = Number.isFinite(x) ? Number(ahead > 0) : -1;
      shares[row] = Math.min(1, Math.abs(ahead)) || 0;
      continue;
    }
    const own = answers.subarray(row * wide, (row + 1) * wide);
    const most = Math.max(...own);
    const parts = isLogit ? own.map((x) => Math.exp(x - most)) : own;
    const whole = isLogit ? parts.reduce((a, b) => a + b) : 1;
    const [first, second] = Array.from(parts).sort((a, b) => b - a);
    classes[row] = own.every(Number.isFinite) ? own.indexOf(most) : -1;
    shares[row] = Math.max(0, Math.min(1, (first - second) / whole)) || 0;
  }
  return { classes, shares };
}

// ---------------------------------------------------------------------- showing

// The points, and the class of each: of a label that is partly one class, partly another, the class
// that is ahead; -1 where none is.
function samplesNow() {
  const { wide, isOneHot } = plane.reading;
  const points = valuesOf(nodes.get(data.examples.node).value);
  const labels = valuesOf(nodes.get(data.examples.labels).value);
  if (wide > 1 && !isOneHot) return { points, targets: Array.from(labels) };
  const { classes, shares } = decided(labels, { ...plane.reading, isLogit: false });
  return { points, targets: Array.from(classes, (name, row) => shares[row] > 0 ? name : -1) };
}

const FAR = 4; // times the room of all samples, as after a sample far away was taken back

// The part of the plane that is shown: all samples with room around them. It grows, and becomes
// smaller only where the samples would be hard to see.
function widen(points) {
  for (const axis of [0, 1]) {
    const own = Array.from(points).filter((x, i) => i % 2 === axis && Number.isFinite(x));
    const [least, most] = [Math.min(...own), Math.max(...own)];
    plane.low ??= [];
    plane.high ??= [];
    const room = 0.15 * (most - least || 1);
    if (!plane.isHeld && plane.high[axis] - plane.low[axis] > FAR * (most - least + 2 * room)) {
      [plane.low[axis], plane.high[axis]] = [least - room, most + room];
    }
    if (least >= plane.low[axis] && most <= plane.high[axis]) continue;
    plane.low[axis] = Math.min(plane.low[axis] ?? Infinity, least - room);
    plane.high[axis] = Math.max(plane.high[axis] ?? -Infinity, most + room);
  }
}

function drawPlane() {
  if (plane.reading === null) return;
  const samples = samplesNow();
  widen(samples.points);
  const grid = new Float64Array(2 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i += 1) {
    const step = PLANE / (SIDE - 1);
    [grid[2 * i], grid[2 * i + 1]] = pointInPlane(plane, (i % SIDE) * step, Math.floor(i / SIDE) * step);
  }
  const ground = { side: SIDE, ...decided(live.predict(grid), plane.reading) };
  const canvas = document.getElementById("plane-map");
  drawBoundary(canvas, ground, plane, samples, plane.chosen);
  const many = { right: onTheirGround(ground, plane, samples), count: plane.reading.rows };
  canvas.setAttribute("aria-label", inARow(say("course.plane_said", many), say("course.plane_keys")));
  const [x, y] = samples.points.slice(2 * plane.chosen, 2 * plane.chosen + 2);
  const told = { row: plane.chosen, x: number(x), y: number(y) };
  const name = samples.targets[plane.chosen];
  document.getElementById("sample-said").textContent =
    say(name < 0 ? "course.sample_between" : "course.sample", told);
  document.getElementById("sample-class").value = name;
}

// ---------------------------------------------------------------------- changing samples

function pointAt(event) {
  const part = PLANE / event.target.clientWidth;
  return pointInPlane(plane, event.offsetX * part, event.offsetY * part);
}

function takeSample(event) {
  const point = pointAt(event);
  if (plane.isAdding) {
    addSample(point);
    return;
  }
  const [x, y] = placeInPlane(plane, ...point);
  const { points } = samplesNow();
  let [nearest, distance] = [null, NEAR];
  for (let row = 0; row < plane.reading.rows; row += 1) {
    const [atX, atY] = placeInPlane(plane, points[2 * row], points[2 * row + 1]);
    const far = Math.hypot(atX - x, atY - y);
    if (far < distance) [nearest, distance] = [row, far];
  }
  if (nearest === null) return;
  plane.isHeld = true;
  plane.hasMoved = false;
  event.target.setPointerCapture(event.pointerId);
  chooseSample(nearest);
}

function chooseSample(row) {
  const { rows } = plane.reading;
  plane.chosen = (row + rows) % rows;
  drawPlane();
}

// Inside of what is shown, in four digits: finer than pixels, and short in an address.
function changesTo(row, point) {
  return point.map((x, axis) => {
    const inside = Math.max(plane.low[axis], Math.min(plane.high[axis], x));
    return [data.examples.node, 2 * row + axis, Number(inside.toPrecision(4))];
  });
}

// A drag is taken back as one change.
function dragSample(event) {
  if (!plane.isHeld) return;
  moveSample(plane.chosen, pointAt(event), plane.hasMoved);
  plane.hasMoved = true;
}

function moveSample(row, point, goesOn = false) {
  if (live.canSet(data.examples.node)) live.setSome(changesTo(row, point), goesOn);
}

function classChanges(row, name) {
  const { labels } = data.examples;
  const { wide, low, isOneHot } = plane.reading;
  if (isOneHot) return Array.from({ length: wide }, (_, n) => [labels, row * wide + n, Number(n === name)]);
  return [[labels, row, wide > 1 ? name : name ? 1 : low]];
}

function setClass(row, name) {
  if (live.canSet(data.examples.labels)) live.setSome(classChanges(row, name));
}

// The program has room for so many samples: a new one takes the place of another, one after the other.
function addSample(point) {
  const row = plane.next;
  const name = Number(document.getElementById("sample-class").value);
  plane.next = (row + 1) % plane.reading.rows;
  plane.chosen = row;
  live.setSome([...changesTo(row, point), ...classChanges(row, name)]);
}

function setAdding(isOn) {
  plane.isAdding = isOn;
  document.getElementById("add-sample").setAttribute("aria-pressed", String(isOn));
  document.getElementById("add-said").textContent = isOn ? say("course.add_said", { count: plane.reading.rows }) : "";
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const CHOICES = { PageUp: (row) => row - 1, PageDown: (row) => row + 1, Home: () => 0, End: () => -1 };

function onPlaneKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { points } = samplesNow();
  if (MOVES[event.key]) {
    const part = event.shiftKey ? 0.1 : 0.02;
    const point = MOVES[event.key].map((by, axis) =>
      points[2 * plane.chosen + axis] + by * part * (plane.high[axis] - plane.low[axis]));
    moveSample(plane.chosen, point);
  } else if (CHOICES[event.key]) chooseSample(CHOICES[event.key](plane.chosen));
  else if (/^\d$/.test(event.key) && Number(event.key) < plane.reading.names.length) {
    setClass(plane.chosen, Number(event.key));
  } else if (event.key === "Enter" && plane.isAdding) {
    addSample([0, 1].map((axis) => (plane.low[axis] + plane.high[axis]) / 2));
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
