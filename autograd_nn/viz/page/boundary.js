// A decision boundary: which class a model names where in the plane, and the samples in it. Classes
// differ in shape as well as in colour, on the ground too.

const PLANE = 340; // pixels of the picture in either direction
const COLORS = 7; // of the style sheet: --class-0 …
const SHAPES = ["circle", "triangle", "square", "diamond", "plus", "star", "cross"];

// What a model names at the points of a grid, row by row from the upper left: `classes`, the place
// of each one's class, -1 where the answer is not finite; `shares`, by how much it is ahead, 0 … 1.
// `plane` has the corners, { low: [x, y], high: [x, y] }; `samples` the { points: [x, y, x, y …],
// targets }; the chosen one has a ring.
function drawBoundary(canvas, { side, classes, shares }, plane, samples, chosen = null) {
  const sharp = 2;
  canvas.width = canvas.height = PLANE * sharp;
  canvas.classList.add("plane");
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  const colors = classColors();
  const step = PLANE / (side - 1);
  pen.drawImage(groundOf(side, classes, shares, colors), -step / 2, -step / 2, side * step, side * step);
  drawShapesOfGround(pen, side, classes, colors, step);
  pen.strokeStyle = colors.ink;
  pen.lineWidth = 1.5;
  pen.beginPath();
  forEachBorder(side, classes, shares, (x0, y0, x1, y1) => {
    pen.moveTo(x0 * step, y0 * step);
    pen.lineTo(x1 * step, y1 * step);
  });
  pen.stroke();
  const draw = (i) => {
    const [x, y] = placeInPlane(plane, samples.points[2 * i], samples.points[2 * i + 1]);
    drawSample(pen, samples.targets[i], x, y, colors, i === chosen);
  };
  samples.targets.forEach((_, i) => i !== chosen && draw(i));
  if (chosen !== null) draw(chosen); // on top
}

// Pixels of a point of the plane, and the point at some pixels.
function placeInPlane({ low, high }, x, y) {
  return [PLANE * (x - low[0]) / (high[0] - low[0]), PLANE * (high[1] - y) / (high[1] - low[1])];
}

function pointInPlane({ low, high }, x, y) {
  return [low[0] + (high[0] - low[0]) * x / PLANE, high[1] - (high[1] - low[1]) * y / PLANE];
}

// How many of the samples stand on ground of their own class.
function onTheirGround({ side, classes }, plane, { points, targets }) {
  const nearest = (x) => Math.max(0, Math.min(side - 1, Math.round(x * (side - 1) / PLANE)));
  return targets.filter((target, i) => {
    const [x, y] = placeInPlane(plane, points[2 * i], points[2 * i + 1]);
    return target >= 0 && classes[nearest(y) * side + nearest(x)] === target;
  }).length;
}

function classColors() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  const parts = (text) => text.match(/[0-9a-f]{2}/gi).map((two) => parseInt(two, 16));
  const inks = Array.from({ length: COLORS }, (_, n) => read(`--class-${n}`));
  return {
    ink: read("--ink"), paper: read("--paper"), inks, strange: parts(read("--strange")),
    paperParts: parts(read("--paper")), parts: inks.map(parts),
  };
}

function inkOf(colors, name) {
  return colors.inks[name % COLORS];
}

// The ground as a small picture: the paler, the less clear.
function groundOf(side, classes, shares, colors) {
  const small = document.createElement("canvas");
  small.width = small.height = side;
  const pen = small.getContext("2d");
  const picture = pen.createImageData(side, side);
  classes.forEach((name, i) => {
    const ink = name < 0 ? colors.strange : colors.parts[name % COLORS];
    const depth = name < 0 ? 1 : 0.12 + 0.4 * shares[i];
    for (let k = 0; k < 3; k += 1) {
      picture.data[4 * i + k] = colors.paperParts[k] + depth * (ink[k] - colors.paperParts[k]);
    }
    picture.data[4 * i + 3] = 255;
  });
  pen.putImageData(picture, 0, 0);
  return small;
}

// Small shapes on the ground say which class it is of, for those who see no colours.
function drawShapesOfGround(pen, side, classes, colors, step) {
  const every = Math.max(1, Math.round(38 / step));
  pen.globalAlpha = 0.55;
  for (let row = every >> 1; row < side; row += every) {
    for (let column = every >> 1; column < side; column += every) {
      const name = classes[row * side + column];
      if (name < 0) continue;
      pen.strokeStyle = inkOf(colors, name);
      pen.lineWidth = 1;
      shapePath(pen, name, column * step, row * step, 2.6);
      pen.stroke();
    }
  }
  pen.globalAlpha = 1;
}

// The borders between classes as short lines in units of the grid: in each of its squares from edge
// to edge, where the classes at both ends are level if their logits go straight from one to the
// other, which shares near 1 do not.
function forEachBorder(side, classes, shares, line) {
  for (let row = 0; row < side - 1; row += 1) {
    for (let column = 0; column < side - 1; column += 1) {
      const first = row * side + column;
      const corners = [first, first + 1, first + side + 1, first + side];
      const names = new Set(corners.map((i) => classes[i]));
      if (names.size === 1) continue;
      if (names.size === 2) names.delete(classes[first]);
      for (const name of names) borderOf(name, corners, row, column, classes, shares, line);
    }
  }
}

const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];

function borderOf(name, corners, row, column, classes, shares, line) {
  const crossings = [];
  for (let k = 0; k < 4; k += 1) {
    const [from, to] = [corners[k], corners[(k + 1) % 4]];
    if ((classes[from] === name) === (classes[to] === name)) continue;
    const [near, far] = [logit(shares[from]), logit(shares[to])];
    const part = near + far > 0 ? near / (near + far) : 0.5;
    const [[x0, y0], [x1, y1]] = [CORNERS[k], CORNERS[(k + 1) % 4]];
    crossings.push([column + x0 + part * (x1 - x0), row + y0 + part * (y1 - y0)]);
  }
  for (let k = 0; k + 1 < crossings.length; k += 2) line(...crossings[k], ...crossings[k + 1]);
}

function logit(share) {
  return Math.atanh(Math.min(share, 0.9999));
}

// One of no class, -1, is hollow.
function drawSample(pen, name, x, y, colors, isChosen) {
  shapePath(pen, Math.max(0, name), x, y, 4.6);
  pen.fillStyle = name < 0 ? colors.paper : inkOf(colors, name);
  pen.strokeStyle = name < 0 ? colors.ink : colors.paper;
  pen.lineWidth = 1;
  pen.fill();
  pen.stroke();
  if (!isChosen) return;
  pen.beginPath();
  pen.arc(x, y, 9, 0, 2 * Math.PI);
  pen.strokeStyle = colors.ink;
  pen.lineWidth = 2;
  pen.stroke();
}

// The shape of a class around a place, `size` from its middle to its ends. Of classes that share a
// colour, the shapes are different ones.
function shapePath(pen, name, x, y, size) {
  const shape = SHAPES[(name + Math.floor(name / COLORS)) % SHAPES.length];
  pen.beginPath();
  if (shape === "circle") pen.arc(x, y, size, 0, 2 * Math.PI);
  else cornersOf(shape, size).forEach(([dx, dy]) => pen.lineTo(x + dx, y + dy));
  pen.closePath();
}

function cornersOf(shape, size) {
  const around = (count, start, far = () => size) => Array.from({ length: count }, (_, k) => {
    const angle = start + 2 * Math.PI * k / count;
    return [far(k) * Math.cos(angle), far(k) * Math.sin(angle)];
  });
  if (shape === "triangle") return around(3, -Math.PI / 2, () => 1.2 * size);
  if (shape === "square") return around(4, Math.PI / 4, () => 1.2 * size);
  if (shape === "diamond") return around(4, 0, () => 1.15 * size);
  if (shape === "star") return around(10, -Math.PI / 2, (k) => (k % 2 ? 0.5 : 1.3) * size);
  const [near, far] = [0.4 * size, 1.1 * size];
  const plus = [
    [near, -far], [near, -near], [far, -near], [far, near], [near, near], [near, far],
    [-near, far], [-near, near], [-far, near], [-far, -near], [-near, -near], [-near, -far],
  ];
  const turned = ([x, y]) => [(x - y) / Math.SQRT2, (x + y) / Math.SQRT2];
  return shape === "plus" ? plus : plus.map(turned);
}

// What shape and colour stands for which class.
function legendOfClasses(names) {
  const list = el("ul", { class: "classes" });
  names.forEach((label, name) => {
    const canvas = el("canvas", { class: "shape", width: 28, height: 28, "aria-hidden": "true" });
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    drawSample(pen, name, 7, 7, classColors(), false);
    list.append(el("li", {}, canvas, label));
  });
  return list;
}
