// Arrays of numbers, and what NumPy's functions do to them: {shape, values}, where the values are
// 64-bit numbers one after the other, the last axis first. Truth is 1 and falsehood 0. What works
// element by element takes numbers too.
// The last parameter of every function is the array that is written into: one that is made, or one
// that is there from the call before.

const sizeOf = (shape) => shape.reduce((product, length) => product * length, 1);
const empty = (shape) => ({ shape, values: new Float64Array(sizeOf(shape)) });
const array = (values, shape) => ({ shape, values: Float64Array.from(values) });

// The shape that shapes have together, aligned at their ends, where a length of 1 fits any other.
function broadcast(...shapes) {
  const axes = Math.max(...shapes.map((shape = []) => shape.length));
  return Array.from({ length: axes }, (_, axis) => {
    const lengths = shapes.map((shape = []) => shape[shape.length - axes + axis] ?? 1);
    return lengths.find((length) => length !== 1) ?? 1;
  });
}

// How far the next element along each axis lies.
function stridesOf(shape) {
  const strides = new Array(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--]) strides[axis] = step;
  return strides;
}

// For every element of a view with these strides, where it lies.
function placesOf(shape, strides, offset = 0) {
  const found = new Int32Array(sizeOf(shape)), at = new Array(shape.length).fill(0);
  for (let i = 0, place = offset; i < found.length; i++) {
    found[i] = place;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis];
      if (++at[axis] < shape[axis]) break;
      place -= shape[axis] * strides[axis];
      at[axis] = 0;
    }
  }
  return found;
}

// For every element of the result, which one of each operand belongs to it; found once.
function places(out, ...operands) {
  return (out.places ??= operands.map(({ shape = [] }) => {
    const strides = stridesOf(shape), axes = out.shape.length - shape.length;
    const steps = out.shape.map((_, axis) => shape[axis - axes] > 1 ? strides[axis - axes] : 0);
    return placesOf(out.shape, steps);
  }));
}

const remainderOf = (a, b) => {
  const rest = a % b;
  return rest && (rest < 0) !== (b < 0) ? rest + b : rest;
};

// ---------------------------------------------------------------- the same numbers in another shape

const reshape = (x, shape, out = { shape, values: x.values ?? Float64Array.of(x) }) => out;

// The elements of x at offset + strides · index: transposes, slices, repeated axes, windows.
function view(x, shape, strides, offset, out = empty(shape)) {
  const from = (out.places ??= placesOf(shape, strides, offset));
  for (let i = 0; i < from.length; i++) out.values[i] = x.values[from[i]];
  return out;
}

// Zeros, with x added at offset + strides · index: what a view gives back.
function unview(x, shape, strides, offset, out = empty(shape)) {
  const into = (out.places ??= placesOf(x.shape, strides, offset));
  out.values.fill(0);
  for (let i = 0; i < into.length; i++) out.values[into[i]] += x.values[i];
  return out;
}

const transpose = (x, axes, out = empty(axes.map((axis) => x.shape[axis]))) => {
  const strides = stridesOf(x.shape);
  return view(x, out.shape, axes.map((axis) => strides[axis]), 0, out);
};

const broadcastTo = (x, shape, out = empty(shape)) => {
  const [from] = places(out, x), values = x.values ?? [x];
  for (let i = 0; i < from.length; i++) out.values[i] = values[from[i]];
  return out;
};

// A place along an axis, counted from its beginning: one below 0 is counted from the end.
function counted(place, length) {
  const found = place < 0 ? place + length : place;
  if (!(found >= 0 && found < length)) throw new RangeError(`place ${place} of ${length}`);
  return found;
}

function countedAll(key, length, out = empty(key.shape ?? [])) {
  const values = key.values ?? [key];
  for (let i = 0; i < values.length; i++) out.values[i] = counted(values[i], length);
  return out;
}

// x[…, key, …] for rows along an axis: key holds whole numbers, those below 0 count from the end.
function take(x, key, axis, out = empty([...x.shape.slice(0, axis), ...key.shape, ...x.shape.slice(axis + 1)])) {
  const rows = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1)), n = key.values.length;
  const outer = sizeOf(x.shape.slice(0, axis));
  for (let o = 0, i = 0; o < outer; o++) {
    for (let k = 0; k < n; k++) {
      const start = (o * rows + counted(key.values[k], rows)) * inner;
      for (let j = 0; j < inner; j++) out.values[i++] = x.values[start + j];
    }
  }
  return out;
}

// Zeros, with rows of x added where key says, along an axis: what take gives back.
function untake(x, key, axis, shape, out = empty(shape)) {
  const rows = shape[axis], inner = sizeOf(shape.slice(axis + 1)), n = key.values.length;
  const outer = sizeOf(shape.slice(0, axis));
  out.values.fill(0);
  for (let o = 0, i = 0; o < outer; o++) {
    for (let k = 0; k < n; k++) {
      const row = key.values[k] < 0 ? key.values[k] + rows : key.values[k];
      const start = (o * rows + row) * inner;
      for (let j = 0; j < inner; j++) out.values[start + j] += x.values[i++];
    }
  }
  return out;
}

// Of every line along an axis the element that key says.
function takeAlongAxis(x, key, axis, out = empty(key.shape)) {
  const rows = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1)), n = key.shape[axis];
  for (let i = 0; i < out.values.length; i++) {
    const row = key.values[i] < 0 ? key.values[i] + rows : key.values[i];
    const outer = Math.floor(i / (n * inner));
    out.values[i] = x.values[(outer * rows + row) * inner + (i % inner)];
  }
  return out;
}

function concatenate(parts, axis, out = joined(parts, axis)) {
  const inner = sizeOf(out.shape.slice(axis)), outer = sizeOf(out.shape.slice(0, axis));
  let start = 0;
  for (const { values } of parts) {
    const length = values.length / outer;
    for (let o = 0, i = 0; o < outer; o++) {
      for (let j = 0; j < length; j++) out.values[o * inner + start + j] = values[i++];
    }
    start += length;
  }
  return out;
}
const joined = (parts, axis) => {
  const shape = [...parts[0].shape];
  shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis], 0);
  return empty(shape);
};

const copy = (x, out = empty(x.shape ?? [])) => {
  out.values.set(x.values ?? [x]);
  return out;
};

// ---------------------------------------------------------------- sums, products

// Over axes: what lies along them comes last, and is taken together.
function reduced(x, axes, keepdims, out, together) {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const n = sizeOf(axes.map((axis) => x.shape[axis]));
  let lines = x;
  if (kept.concat(axes).some((axis, place) => axis !== place)) {
    out.turned ??= empty([...kept, ...axes].map((axis) => x.shape[axis]));
    lines = transpose(x, [...kept, ...axes], out.turned);
  }
  for (let i = 0; i < out.values.length; i++) out.values[i] = together(lines.values, i * n, n);
  return out;
}
const without = (x, axes, keepdims) => empty(keepdims
  ? x.shape.map((length, axis) => axes.includes(axis) ? 1 : length)
  : x.shape.filter((_, axis) => !axes.includes(axis)));

// As NumPy adds up what lies side by side: in eight sums, and in halves what is longer than 128.
// So few roundings add up, and what cancels leaves the same rest.
function added(values, start, n) {
  if (n > 128) {
    const half = Math.floor(n / 16) * 8;
    return added(values, start, half) + added(values, start + half, n - half);
  }
  if (n < 8) return addedInOrder(values, start, n);
  let [a, b, c, d, e, f, g, h] = values.subarray(start, start + 8);
  const end = start + n - (n % 8);
  for (let i = start + 8; i < end; i += 8) {
    a += values[i]; b += values[i + 1]; c += values[i + 2]; d += values[i + 3];
    e += values[i + 4]; f += values[i + 5]; g += values[i + 6]; h += values[i + 7];
  }
  let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
  for (let i = end; i < start + n; i++) total += values[i];
  return total;
}
function addedInOrder(values, start, n) {
  let total = 0;
  for (let i = start; i < start + n; i++) total += values[i];
  return total;
}
// Along the first axes NumPy adds row to row.
function sum(x, axes, keepdims, out = without(x, axes, keepdims)) {
  const isSideBySide = axes.every((axis) => axis >= x.shape.length - axes.length);
  return reduced(x, axes, keepdims, out, isSideBySide ? added : addedInOrder);
}
function prod(x, axes, keepdims, out = without(x, axes, keepdims)) {
  return reduced(x, axes, keepdims, out, (values, start, n) => {
    let total = 1;
    for (let i = start; i < start + n; i++) total *= values[i];
    return total;
  });
}
function max(x, axes, keepdims, out = without(x, axes, keepdims)) {
  return reduced(x, axes, keepdims, out, (values, start, n) => {
    let largest = -Infinity;
    for (let i = start; i < start + n; i++) largest = Math.max(largest, values[i]);
    return largest;
  });
}
function min(x, axes, keepdims, out = without(x, axes, keepdims)) {
  return reduced(x, axes, keepdims, out, (values, start, n) => {
    let smallest = Infinity;
    for (let i = start; i < start + n; i++) smallest = Math.min(smallest, values[i]);
    return smallest;
  });
}

// Which of the elements along an axis it is, the first of several; NaN before all others.
const placeOfBest = (isBetter) => (x, axes, keepdims, out = without(x, axes, keepdims)) =>
  reduced(x, axes, keepdims, out, (values, start, n) => {
    let best = 0;
    for (let i = 1; i < n; i++) {
      const [a, b] = [values[start + i], values[start + best]];
      if (b === b && (a !== a || isBetter(a, b))) best = i;
    }
    return best;
  });
const argmax = placeOfBest((a, b) => a > b);
const argmin = placeOfBest((a, b) => a < b);

// Sums or products of all elements so far, along an axis.
const accumulated = (together) => (x, axis, out = empty(x.shape)) => {
  const inner = sizeOf(x.shape.slice(axis + 1)), line = x.shape[axis] * inner;
  for (let i = 0; i < x.values.length; i++) {
    out.values[i] = i % line < inner ? x.values[i] : together(out.values[i - inner], x.values[i]);
  }
  return out;
};
const cumsum = accumulated((a, b) => a + b);
const cumprod = accumulated((a, b) => a * b);

// Along an axis, each element b + a · the one before it.
function recurrence(a, b, axis, out = empty(broadcast(a.shape, b.shape))) {
  const inner = sizeOf(out.shape.slice(axis + 1)), line = out.shape[axis] * inner;
  const [s, t] = places(out, a, b);
  for (let i = 0; i < out.values.length; i++) {
    const before = i % line < inner ? 0 : a.values[s[i]] * out.values[i - inner];
    out.values[i] = b.values[t[i]] + before;
  }
  return out;
}

// Matrices (…, M, K) and (…, K, N), of which a matrix alone goes with each of many.
function matmul(x, y, out = empty(productShape(x, y))) {
  const [rows, inner] = x.shape.slice(-2), columns = y.shape[y.shape.length - 1];
  const many = sizeOf(out.shape.slice(0, -2)), ofX = rows * inner, ofY = inner * columns;
  const [s, t] = (out.starts ??= [x, y].map(({ shape }) => {
    const whole = { shape: out.shape.slice(0, -2) };
    return places(whole, { shape: shape.slice(0, -2) })[0];
  }));
  for (let k = 0; k < many; k++) {
    multiplyInto(out.values, k * rows * columns, x.values, s[k] * ofX, y.values, t[k] * ofY, rows, inner, columns);
  }
  return out;
}
const productShape = (x, y) => [
  ...broadcast(x.shape.slice(0, -2), y.shape.slice(0, -2)), x.shape.at(-2), y.shape.at(-1),
];
// Two rows of the first matrix and four of the second at a time, each a line of memory.
function multiplyInto(r, at, p, ofX, q, ofY, rows, inner, columns) {
  r.fill(0, at, at + rows * columns);
  for (let i = 0; i < rows; i += 2, at += 2 * columns, ofX += 2 * inner) {
    const both = i + 1 < rows, other = at + columns, ofOther = ofX + inner;
    let k = 0, line = ofY;
    for (; k + 3 < inner; k += 4, line += 4 * columns) {
      const a = p[ofX + k], b = p[ofX + k + 1], c = p[ofX + k + 2], d = p[ofX + k + 3];
      const second = line + columns, third = second + columns, fourth = third + columns;
      if (both) {
        const e = p[ofOther + k], f = p[ofOther + k + 1], g = p[ofOther + k + 2], h = p[ofOther + k + 3];
        for (let j = 0; j < columns; j++) {
          const s = q[line + j], t = q[second + j], u = q[third + j], v = q[fourth + j];
          r[at + j] += a * s + b * t + c * u + d * v;
          r[other + j] += e * s + f * t + g * u + h * v;
        }
      } else {
        for (let j = 0; j < columns; j++) {
          r[at + j] += a * q[line + j] + b * q[second + j] + c * q[third + j] + d * q[fourth + j];
        }
      }
    }
    for (; k < inner; k++, line += columns) {
      const a = p[ofX + k], b = both ? p[ofOther + k] : 0;
      for (let j = 0; j < columns; j++) {
        r[at + j] += a * q[line + j];
        if (both) r[other + j] += b * q[line + j];
      }
    }
  }
}

// Put the new numbers in place of the old ones.
const assign = (x, value) => x.values.set(value.values ?? [value]);

// An array of the bytes of its numbers, in base 64.
const decoded = (text, shape) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return { shape, values: new Float64Array(bytes.buffer) };
};
