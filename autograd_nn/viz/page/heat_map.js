// A heat map: an array as squares on a canvas, and the scale of its colours.

// One square for each element: blue above zero, orange and a bar across below it, a cross for NaN.
// The strongest colour is that of `most`; a square is `cell` wide.
function paint(canvas, values, columns, chosen, most = largest(values), cell = cellOf(values, columns)) {
  const rows = Math.ceil(values.length / columns);
  const sharp = 2;
  canvas.width = columns * cell * sharp;
  canvas.height = rows * cell * sharp;
  canvas.style.width = `${columns * cell}px`;
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
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

// So wide that two maps stand side by side where they can.
function cellOf(values, columns) {
  const room = columns > 40 ? 350 : 165;
  const rows = Math.ceil(values.length / columns);
  return Math.max(2, Math.min(22, Math.floor(room / columns), Math.floor(230 / rows)));
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
    ` ±${number(most)}`, strange ? say("page.unusual_key") : null);
}
