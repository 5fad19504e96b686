// The picture of one example of the batch: it can be painted into, and the answer follows.

const painting = { size: null, low: 0, high: 1, chosen: 0, isHeld: false };

training.parts.push({ start: startPainting, draw: drawPainting });

function startPainting() {
  const { node, shape } = data.examples;
  const isPicture = live.canSet(node) && sizeOf(shape) === sizeOf(nodes.get(node).value.shape.slice(1));
  document.getElementById("painting").hidden = !isPicture;
  if (!isPicture) return;
  painting.size = shape;
  const values = Array.from(valuesOf(nodes.get(node).value)).filter(Number.isFinite);
  painting.low = values.reduce((a, b) => Math.min(a, b), 0);
  painting.high = values.reduce((a, b) => Math.max(a, b), painting.low + 1e-6);
  const brush = document.getElementById("brush");
  Object.assign(brush, { min: painting.low, max: painting.high, step: (painting.high - painting.low) / 16 });
  brush.value = painting.high;
  const canvas = document.getElementById("painting-map");
  canvas.addEventListener("pointerdown", (event) => {
    painting.isHeld = true;
    canvas.setPointerCapture(event.pointerId);
    paintAt(event);
  });
  canvas.addEventListener("pointermove", (event) => painting.isHeld && paintAt(event));
  canvas.addEventListener("pointerup", () => { painting.isHeld = false; });
  canvas.addEventListener("pointercancel", () => { painting.isHeld = false; });
  canvas.addEventListener("keydown", onPaintingKey);
  document.getElementById("example").addEventListener("input", drawPainting);
}

function exampleShown() {
  return state.example ?? 0;
}

function drawPainting() {
  if (painting.size === null) return;
  const [height, width] = painting.size;
  const canvas = document.getElementById("painting-map");
  const cell = Math.max(2, Math.floor(240 / Math.max(width, height)));
  canvas.width = width * cell;
  canvas.height = height * cell;
  const pen = canvas.getContext("2d");
  const start = exampleShown() * width * height;
  const values = valuesOf(nodes.get(data.examples.node).value).subarray(start, start + width * height);
  values.forEach((x, i) => {
    const grey = Math.round(255 * (x - painting.low) / (painting.high - painting.low));
    pen.fillStyle = Number.isFinite(x) ? `rgb(${grey},${grey},${grey})` : palette().strange;
    pen.fillRect((i % width) * cell, Math.floor(i / width) * cell, cell, cell);
  });
  if (document.activeElement === canvas) {
    pen.strokeStyle = getComputedStyle(canvas).getPropertyValue("--now");
    pen.lineWidth = 2;
    pen.strokeRect((painting.chosen % width) * cell + 1, Math.floor(painting.chosen / width) * cell + 1, cell - 2, cell - 2);
  }
  const place = placeOf(painting.chosen, painting.size);
  const told = { row: exampleShown(), place: indexText(place), x: number(values[painting.chosen]) };
  canvas.setAttribute("aria-label", say("course.painting_said", told));
  document.getElementById("painting-answer").textContent = answerText();
}

// What the model answers for the example: the two largest, or the one number.
function answerText() {
  const { node, output } = data.examples;
  if (output === null) return "";
  const rows = nodes.get(node).value.shape[0];
  const { value, label } = nodes.get(output);
  const wide = sizeOf(value.shape) / rows;
  const own = Array.from(valuesOf(value).subarray(exampleShown() * wide, (exampleShown() + 1) * wide));
  const holes = { row: exampleShown(), name: label };
  if (wide === 1) return say("course.answer", { ...holes, x: number(own[0]) });
  const [first, second] = own.map((x, name) => [x, name]).sort((a, b) => b[0] - a[0]);
  return say("course.answers", {
    ...holes, first: first[1], x: number(first[0]), second: second[1], y: number(second[0]),
  });
}

function paintAt(event) {
  const [height, width] = painting.size;
  const canvas = event.target;
  const column = Math.floor(event.offsetX / canvas.clientWidth * width);
  const row = Math.floor(event.offsetY / canvas.clientHeight * height);
  if (column < 0 || row < 0 || column >= width || row >= height) return;
  painting.chosen = row * width + column;
  paintPixel(Number(document.getElementById("brush").value));
}

function paintPixel(x) {
  const { node } = data.examples;
  const i = exampleShown() * sizeOf(painting.size) + painting.chosen;
  if (valuesOf(nodes.get(node).value)[i] !== x) live.set(node, i, x);
  else drawPainting();
}

function onPaintingKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const [, width] = painting.size;
  const move = moveInGrid(event, painting.chosen, width);
  if (move !== undefined) {
    painting.chosen = Math.max(0, Math.min(sizeOf(painting.size) - 1, painting.chosen + move));
    drawPainting();
  } else if (event.key === "Enter" || event.key === " ") paintPixel(Number(document.getElementById("brush").value));
  else if (event.key === "Delete" || event.key === "Backspace") paintPixel(painting.low);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
