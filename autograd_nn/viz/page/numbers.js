// The numbers of the page: how they arrive, how they are written, and where an element stands.

// The typed array of an array that is computed here, or that travelled whole; null of one that is
// only summarised.
function valuesOf(array) {
  if (array.at !== undefined) return live.valuesAt(array.at);
  if (array.values === undefined) array.values = array.data === undefined ? null : decoded(array);
  return array.values;
}

function decoded(array) {
  const bytes = Uint8Array.from(atob(array.data), (letter) => letter.charCodeAt(0));
  const few = array.bits === 32 ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
  const size = sizeOf(array.shape);
  // One element stands for all of them where they are the same.
  return few.length === size ? few : new few.constructor(size).fill(few[0]);
}

function sizeOf(shape) {
  return shape.reduce((size, length) => size * length, 1);
}

// Four digits, as the sentences have them: 0.3333, −12345, nan. What is not 1 is not written 1,
// however near it is: the slope of a sigmoid there is not 0.
function number(x) {
  return inDigits(x, 4);
}

function inDigits(x, most) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "−inf";
  if (x === 0) return "0";
  let [text, digits] = [withDigits(x, most), most];
  const isNearOne = Math.abs(Math.abs(x) - 1) > 4 * Number.EPSILON;
  while (isNearOne && /^−?1$/.test(text)) text = withDigits(x, digits += 1);
  return text;
}

function withDigits(x, most) {
  const size = Math.abs(x);
  if (size >= 9999.5 && size < 9999999.5) return minus(whole(size) * Math.sign(x));
  const [digits, exponent] = rounded(x, most).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < most) return minus(Number(`${digits}e${power}`));
  const sign = power < 0 ? "−" : "+";
  return `${minus(Number(digits))}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

// Halves go to the even digit, as in Python: 0.015625 is 0.01562 in the sentence and in the table.
function rounded(x, most) {
  const [digits, power] = x.toExponential(most + 20).split("e");
  const end = digits.length - 21; // most digits, with their point and sign
  const isHalf = /^50*$/.test(digits.slice(end));
  const isEven = "02468".includes(digits[end - 1]);
  return isHalf && isEven ? `${digits.slice(0, end)}e${power}` : x.toExponential(most - 1);
}

function whole(size) {
  const low = Math.floor(size);
  const rest = size - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

// A number as text with a true minus.
function minus(x) {
  return String(x).replaceAll("-", "−");
}

// Four digits of a fraction, all of a whole number that was stored as one.
function written(x, dtype) {
  return /int|bool/.test(dtype) ? minus(x) : number(x);
}

// ["+", "0.25"]: the sign and the size apart, so that a sign is never told by colour alone.
function signed(x) {
  return [x < 0 ? "−" : x > 0 ? "+" : "", number(Math.abs(x))];
}

// A number that somebody typed as `Number` reads it: "−0.25", "1,5".
function plainNumber(text) {
  return text.replace(",", ".").replaceAll("−", "-");
}

// Why a text with a comma is not read: 1,000 is one for some readers, a thousand for others. Null
// where it can only stand for the point.
function twofold(text) {
  if (!/(?<![\d.,])[1-9]\d{0,2},\d{3}(?![\de])/i.test(text)) return null;
  const holes = { text, point: text.replace(",", "."), whole: text.replace(",", "") };
  return say("changing.edit_twofold", holes);
}

function shapeText(shape) {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(",")})`;
}

function indexText(place) {
  return place.length ? `[${place.join(", ")}]` : "";
}

// The place of element number i: (3, 7).
function placeOf(i, shape) {
  const place = [];
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    place.unshift(i % shape[axis]);
    i = Math.floor(i / shape[axis]);
  }
  return place;
}

function offsetOf(place, shape) {
  return place.reduce((offset, at, axis) => offset * shape[axis] + at, 0);
}

// Which element of an input meets element i of the result, where shapes were broadcast.
function broadcastFrom(i, outShape, shape) {
  const place = placeOf(i, outShape).slice(outShape.length - shape.length);
  return offsetOf(place.map((at, axis) => (shape[axis] === 1 ? 0 : at)), shape);
}

// Which element of the result element i goes to, where axes are summed.
function reducedTo(i, shape, axes) {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const place = placeOf(i, shape);
  return offsetOf(kept.map((axis) => place[axis]), kept.map((axis) => shape[axis]));
}

// Least, mean, largest, norm and so on of the finite elements, and how many are not finite; known
// until the numbers change.
function statistics(array) {
  if (valuesOf(array) === null) return array;
  if (array.told?.version !== live.version()) array.told = statisticsOfAll([array]);
  return array.told;
}

// The same of several arrays together.
function statisticsOf(arrays) {
  return arrays.length === 1 ? statistics(arrays[0]) : statisticsOfAll(arrays);
}

// `largest` is the element of the largest size, `at` its place in its array.
function statisticsOfAll(arrays) {
  const told = { version: live.version(), low: null, mean: null, high: null, norm: null, largest: null };
  let [low, high, sum, size, finite, count] = [Infinity, -Infinity, 0, -1, 0, 0];
  for (const values of arrays.map(valuesOf)) {
    count += values.length;
    for (let i = 0; i < values.length; i += 1) {
      const x = values[i];
      if (!Number.isFinite(x)) continue;
      finite += 1;
      sum += x;
      if (x < low) low = x;
      if (x > high) high = x;
      if (Math.abs(x) > size) [told.largest, size, told.at] = [x, Math.abs(x), i];
    }
  }
  told.notFinite = count - finite;
  if (finite) Object.assign(told, { low, high, mean: sum / finite, norm: normOf(arrays, size) });
  return told;
}

// Of shares of the largest, so that no square overflows.
function normOf(arrays, largest) {
  if (largest === 0) return 0;
  let squares = 0;
  for (const values of arrays.map(valuesOf)) {
    for (let i = 0; i < values.length; i += 1) {
      if (Number.isFinite(values[i])) squares += (values[i] / largest) ** 2;
    }
  }
  return largest * Math.sqrt(squares);
}

function statisticsText(array) {
  const told = statistics(array);
  const unusual = unusualText(told.notFinite);
  if (told.low === null) return unusual || say("page.empty");
  const { low, mean, high, norm } = told;
  return both(say("page.statistics", {
    low: number(low), mean: number(mean), high: number(high), norm: number(norm),
  }), unusual);
}
