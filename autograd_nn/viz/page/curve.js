// Curves and points in a frame with numbers at its sides, as SVG.

const CHART = { left: 62, right: 12, top: 12, bottom: 30 };

// A frame from `across[0]` to `across[1]` and from `down[0]` below to `down[1]` above; `isLog`: of
// powers. It draws its numbers and gives { x, y }, the places in it. It is as wide as its picture,
// so that the numbers have the size of other text.
function drawFrame(picture, across, down, isLog = false) {
  const { left, right, top, bottom } = CHART;
  const width = picture.clientWidth || 480;
  const height = Math.round(Math.min(230, 0.3 * width + 90));
  const [low, high] = isLog ? down.map(Math.log10) : down;
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  picture.replaceChildren();
  const x = (value) => left + (width - left - right) * (value - across[0]) / (across[1] - across[0] || 1);
  const y = (value) => {
    const place = isLog ? Math.log10(value) : value;
    return height - bottom - (height - top - bottom) * (place - low) / (high - low || 1);
  };
  for (const value of isLog ? powers(low, high) : roundNumbers(...down)) {
    picture.append(
      svg("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, number(value)));
  }
  for (const value of roundNumbers(...across)) {
    const isLast = x(value) > width - right - 16;
    const at = { x: isLast ? width - 2 : x(value), y: height - bottom + 18, "text-anchor": isLast ? "end" : "middle" };
    picture.append(svg("text", at, number(value)));
  }
  return { x, y };
}

// The curves in `series`, { name: [[step, number], …] }; what is not finite is a gap, and what comes
// after the step `now` is faint.
function drawCurves(picture, series, now, across) {
  const [low, high, isLog] = rangeOf(Object.values(series).flat().map(([, value]) => value).filter(isNumber));
  const place = drawFrame(picture, across, [low, high], isLog);
  const at = ([step, value]) => [round(place.x(step)), round(place.y(value))];
  const draw = (points, look) => {
    for (const run of unbroken(points)) {
      picture.append(svg("polyline", { class: `curve ${look}`, points: run.map(at).join(" ") }));
    }
  };
  Object.values(series).forEach((points, kind) => {
    const past = points.filter(([step]) => step <= now);
    if (past.length < points.length) draw(points, `kind-${kind % 4} faint`);
    draw(past, `kind-${kind % 4}`);
    if (!past.length || !isNumber(past.at(-1)[1])) return;
    const [cx, cy] = at(past.at(-1));
    picture.append(svg("circle", { class: `kind-${kind % 4}`, cx, cy, r: 4 }));
  });
}

// How the line of each name is drawn.
function legendOfCurves(names) {
  return names.map((name, kind) => el("li", {},
    svg("svg", { class: "chart", viewBox: "0 0 34 8", "aria-hidden": "true" },
      svg("line", { class: `curve kind-${kind % 4}`, x1: 0, x2: 34, y1: 4, y2: 4 })), name));
}

const round = (x) => Math.round(x * 10) / 10;
const isNumber = (value) => value !== null && Number.isFinite(value);
const MOST_POINTS = 400;

// The finite stretches, thinned where there are more points than a picture shows.
function unbroken(points) {
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const runs = [[]];
  points.forEach((point, i) => {
    if (i % every && i < points.length - 1) return;
    if (isNumber(point[1])) runs.at(-1).push(point);
    else if (runs.at(-1).length) runs.push([]);
  });
  return runs.filter((run) => run.length);
}

// From where to where, and whether in powers: where the largest is 100 times the least.
function rangeOf(values) {
  if (values.length === 0) return [0, 1, false];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (low > 0 && high > 100 * low) return [low / 1.3, high * 1.3, true];
  const margin = 0.08 * (high - low || Math.abs(high) || 1);
  return [low >= 0 && low < 0.5 * high ? 0 : low - margin, high + margin, false];
}

// Four to ten multiples of 1, 2 or 5 times a power of ten.
function roundNumbers(low, high) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].find((times) => span / (times * power) <= 6) * power;
  const [first, last] = [Math.ceil(low / step), Math.floor(high / step)];
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

function powers(low, high) {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  const every = Math.max(1, Math.ceil((last - first + 1) / 6));
  const found = [];
  for (let power = first; power <= last; power += every) found.push(10 ** power);
  return found;
}
