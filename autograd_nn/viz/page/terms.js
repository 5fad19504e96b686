// Of what terms an element is a sum. Each function gives {terms, given, why}: `terms` are added
// up, `given` are numbers that go into a formula, `why` says why there is neither.

const NO_TERMS = say("page.no_terms");
const TOO_LARGE = say("page.too_large");

// The terms of element i of the value of a node.
function termsOfValue(node, i) {
  if (!node.operation) return { why: say("page.was_given") };
  const ready = prepared(node, i);
  if (ready) return ready;
  if (!node.terms) return { why: NO_TERMS };
  const inputs = (node.terms.inputs ?? node.inputs).map((id) => nodes.get(id));
  const isThere = (input) => !input || !input.value || valuesOf(input.value) !== null;
  if (!inputs.every(isThere)) return { why: TOO_LARGE };
  if (node.terms.kind === "matmul") return { terms: productsForward(inputs, i) };
  if (node.terms.kind === "elementwise") return operands(node, inputs, i);
  if (node.terms.kind === "entries") return entriesForward(node, inputs, i);
  return { terms: reducedElements(node, inputs[0], i) };
}

// What Python computed for one of the largest cells of a large array.
function prepared(owner, i) {
  const cell = owner.cells?.find((one) => one.i === i);
  if (!cell) return null;
  const terms = cell.terms.map(([label, amount, detail]) =>
    ({ label, amount: Number(amount), detail }));
  if (!cell.addUp) return { given: terms };
  return { terms, more: cell.more, rest: Number(cell.rest) };
}

// The local derivatives of an operation, decoded when they are first asked for, or computed anew
// where the numbers have changed; null where there are none.
function entriesOf(node) {
  if (live.isOn) return entriesOfNow(node);
  node.terms.entries ??= { ...structureOf(node.terms), local: decodedNumbers(node.terms.local, node.terms, Float64Array) };
  return node.terms.entries;
}

function decodedNumbers(packed, { count }, kind) {
  if (packed === null) return kind.from({ length: count }, (_, n) => n);
  if (typeof packed === "number") return new kind(count).fill(packed);
  return new kind(Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0)).buffer);
}

// Which element of an input matters for which of the result.
function structureOf(terms) {
  if (!terms.count) return { out: [], slot: [], place: [] };
  terms.structure ??= Object.fromEntries(["out", "slot", "place"].map((what) =>
    [what, decodedNumbers(terms[what], terms, Int32Array)]));
  return terms.structure;
}

const MOST_LOCALS = 3e7; // so many local derivatives are looked at for the terms of one cell

// What is not 0, and of what is 0 those that matter at other numbers.
function entriesOfNow(node) {
  const { terms } = node;
  if (terms.version === live.version()) return terms.entries;
  const size = sizeOf(node.value.shape);
  const inputs = terms.inputs.map((id) => nodes.get(id)).filter((input) => input?.value);
  const most = size * Math.max(...inputs.map(({ value }) => sizeOf(value.shape)));
  if (!live.hasRow(node.id) || most > MOST_LOCALS) return null;
  const known = structureOf(terms);
  const found = { out: [], slot: [], place: [], local: [] };
  const add = (out, slot, place, local) => {
    found.out.push(out);
    found.slot.push(slot);
    found.place.push(place);
    found.local.push(local);
  };
  for (let i = 0, n = 0; i < size; i += 1) {
    const row = live.row(node.id, i);
    for (const [slot, values] of Object.entries(row)) {
      values.forEach((x, place) => { if (x !== 0) add(i, Number(slot), place, x); });
    }
    for (; known.out[n] === i; n += 1) {
      if (row[known.slot[n]]?.[known.place[n]] === 0) add(i, known.slot[n], known.place[n], 0);
    }
  }
  terms.version = live.version();
  terms.entries = found;
  return found;
}

function entriesForward(node, inputs, i) {
  const entries = entriesOf(node);
  if (entries === null) return { why: NO_TERMS };
  const { out, slot, place, local } = entries;
  const terms = [];
  for (let n = 0; n < out.length; n += 1) {
    if (out[n] !== i) continue;
    const input = inputs[slot[n]];
    const x = valuesOf(input.value)[place[n]];
    const detail = local[n] === 1 ? "" : say("page.slope_times", { slope: number(local[n]), x: number(x) });
    terms.push({ label: element(input, place[n]), amount: local[n] * x, detail, x });
  }
  const total = terms.reduce((sum, term) => sum + term.amount, 0);
  const size = terms.reduce((sum, term) => sum + Math.abs(term.amount), 0);
  if (Math.abs(total - valuesOf(node.value)[i]) <= 1e-6 * size) return { terms };
  return { given: terms.map(({ label, x, detail }) => ({ label, amount: x, detail })) };
}

function entriesBackward(node, step, i) {
  const sources = node.parts ? node.parts.map((id) => nodes.get(id)) : [node];
  const terms = [];
  for (const source of sources) {
    const upstream = gradientAt(source.id, steps.length);
    if (upstream === null) continue; // a result that the loss does not use
    if (!source.terms) return { why: NO_TERMS };
    const above = valuesOf(upstream);
    if (above === null) return { why: TOO_LARGE };
    const entries = entriesOf(source);
    if (entries === null) return { why: NO_TERMS };
    const { out, slot, place, local } = entries;
    for (let n = 0; n < out.length; n += 1) {
      if (slot[n] !== step.slot || place[n] !== i) continue;
      const at = indexText(placeOf(out[n], upstream.shape));
      terms.push(product(`${gradientName(source)}${at}`, local[n], above[out[n]]));
    }
  }
  return { terms };
}

function element(node, i) {
  const { shape } = node.value;
  return `${node.label}${indexText(placeOf(i, shape))}`;
}

// Two operands of a product as stacks of matrices; a vector is a row on the left, a column on the
// right.
function asStacks(x, w) {
  const left = x.length === 1 ? [1, ...x] : x;
  const right = w.length === 1 ? [...w, 1] : w;
  const [first, second] = [left.slice(0, -2), right.slice(0, -2)];
  const length = Math.max(first.length, second.length);
  const at = (shape, axis) => shape[axis - (length - shape.length)] ?? 1;
  const stack = Array.from({ length }, (_, axis) => Math.max(at(first, axis), at(second, axis)));
  return { left, right, stack, out: [...stack, left.at(-2), right.at(-1)] };
}

// The place in an operand's own stack that broadcasting puts beside one in the whole stack.
function inOwnStack(place, shape) {
  const own = shape.slice(0, -2);
  return place.slice(place.length - own.length).map((at, axis) => (own[axis] === 1 ? 0 : at));
}

// Y[i, j] = Σ X[i, k]·W[k, j]
function productsForward([x, w], i) {
  const { left, right, out } = asStacks(x.value.shape, w.value.shape);
  const place = placeOf(i, out);
  const [row, column] = place.slice(-2);
  const stack = place.slice(0, -2);
  const terms = [];
  for (let k = 0; k < left.at(-1); k += 1) {
    const a = offsetOf([...inOwnStack(stack, left), row, k], left);
    const b = offsetOf([...inOwnStack(stack, right), k, column], right);
    terms.push(product(
      `${element(x, a)}·${element(w, b)}`, valuesOf(x.value)[a], valuesOf(w.value)[b],
    ));
  }
  return terms;
}

function product(label, a, b) {
  return { label, amount: a * b, detail: `${number(a)} × ${number(b)}` };
}

function operands(node, inputs, i) {
  const found = inputs.map((input) => {
    const from = broadcastFrom(i, node.value.shape, input.value.shape);
    return { label: element(input, from), amount: valuesOf(input.value)[from] };
  });
  const { signs } = node.terms;
  if (!signs) return { given: found };
  return {
    terms: found.map(({ label, amount }, slot) => ({ label, amount: signs[slot] * amount })),
  };
}

function reducedElements(node, input, i) {
  const values = valuesOf(input.value);
  const { shape } = input.value;
  const into = node.terms.kind === "mean" ? values.length / sizeOf(node.value.shape) : 1;
  const terms = [];
  for (let j = 0; j < values.length; j += 1) {
    if (reducedTo(j, shape, node.terms.axes) !== i) continue;
    const label = into === 1 ? element(input, j) : `${element(input, j)} ÷ ${into}`;
    terms.push({ label, amount: values[j] / into });
  }
  return terms;
}

// The terms of element i of what a backward step contributes.
function termsOfContribution(step, i) {
  const node = nodes.get(step.node);
  const ready = prepared(step, i);
  if (ready) return ready;
  if (node.parts || node.terms?.kind === "entries") return entriesBackward(node, step, i);
  if (node.operation === "part") return { why: say("page.put_in_place") };
  if (!node.terms) return { why: NO_TERMS };
  const upstream = gradientAt(node.id, steps.length);
  if (upstream === null || valuesOf(upstream) === null) return { why: TOO_LARGE };
  if (node.terms.kind === "matmul") return productsBackward(node, step, upstream, i);
  if (node.terms.kind === "elementwise") return slopes(node, step, upstream, i);
  return { terms: [shareOf(node, step, upstream, i)] };
}

function gradientName(node) {
  return `∂${atom(nodes.get(data.root).label)}/∂${atom(node.label)}`;
}

function atom(label) {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(label) ? label : `(${label})`;
}

// dX[i, k] = Σ_j G[i, j]·W[k, j] and dW[k, j] = Σ_i X[i, k]·G[i, j], in every matrix of a stack that
// the element is used in.
function productsBackward(node, step, upstream, i) {
  const [x, w] = node.inputs.map((id) => nodes.get(id));
  const other = step.slot === 0 ? w : x;
  if (valuesOf(other.value) === null) return { why: TOO_LARGE };
  const [g, values] = [valuesOf(upstream), valuesOf(other.value)];
  const { left, right, stack, out } = asStacks(x.value.shape, w.value.shape);
  const own = step.slot === 0 ? left : right;
  const place = placeOf(i, own);
  const [first, second] = place.slice(-2);
  const name = gradientName(node);
  const isByExample = w.role === "parameter" && stack.length === 0 && x.value.shape.length === 2;
  const terms = [];
  for (let s = 0; s < sizeOf(stack); s += 1) {
    const matrix = placeOf(s, stack);
    const isUsed = inOwnStack(matrix, own).every((at, axis) => at === place[axis]);
    if (!isUsed) continue;
    const many = step.slot === 0 ? right.at(-1) : left.at(-2);
    for (let j = 0; j < many; j += 1) {
      const [row, column] = step.slot === 0 ? [first, j] : [j, second];
      const beside = step.slot === 0 ? [second, j] : [j, first];
      const otherShape = step.slot === 0 ? right : left;
      const of = offsetOf([...matrix, row, column], out);
      const by = offsetOf([...inOwnStack(matrix, otherShape), ...beside], otherShape);
      const above = `${name}${indexText(placeOf(of, upstream.shape))}`;
      const factor = element(other, by);
      if (step.slot === 0) terms.push(product(`${above}·${factor}`, g[of], values[by]));
      else if (isByExample && left.at(-2) > 1) {
        terms.push({ ...product(exampleName(j), values[by], g[of]), example: j });
      } else terms.push(product(`${factor}·${above}`, values[by], g[of]));
    }
  }
  return { terms };
}

// "example 3", with what the batch is called where it has a name.
function exampleName(row) {
  const name = data.examples?.label;
  return name ? say("page.example_named", { row, name }) : say("page.example_row", { row });
}

// local × upstream, for every element of the result that this element of the input went into.
function slopes(node, step, upstream, i) {
  if (!step.local) return { why: NO_TERMS };
  if (valuesOf(step.local) === null) return { why: TOO_LARGE };
  const local = valuesOf(step.local);
  const g = valuesOf(upstream);
  const target = nodes.get(step.input);
  const { shape } = target.value;
  const outer = upstream.shape;
  const isByExample = target.role === "parameter" && outer.length === shape.length + 1;
  const terms = [];
  for (let j = 0; j < g.length; j += 1) {
    if (broadcastFrom(j, outer, shape) !== i) continue;
    const place = placeOf(j, outer);
    const label = g.length === sizeOf(shape) ? say("page.slope_above")
      : isByExample ? exampleName(place[0]) : say("page.at", { place: indexText(place) });
    const example = isByExample && g.length !== sizeOf(shape) ? place[0] : undefined;
    terms.push({ ...product(label, local[j], g[j]), example });
  }
  return { terms };
}

function shareOf(node, step, upstream, i) {
  const { shape } = nodes.get(step.input).value;
  const from = shape.length ? reducedTo(i, shape, node.terms.axes) : 0;
  const into = node.terms.kind === "mean" ? sizeOf(shape) / sizeOf(upstream.shape) : 1;
  const amount = valuesOf(upstream)[from];
  const label = say("page.share", {
    name: `${gradientName(node)}${indexText(placeOf(from, upstream.shape))}`,
  });
  if (into === 1) return { label, amount, detail: `${number(amount)} × 1` };
  return { label, amount: amount / into, detail: `${number(amount)} ÷ ${into}` };
}

// The eight of the largest size, and what the others add up to.
const SHOWN = 8;

function sorted(found, shown = SHOWN) {
  const order = [...found.terms].sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
  const rest = order.slice(shown);
  return {
    largest: order.slice(0, shown),
    more: rest.length + (found.more ?? 0),
    rest: rest.reduce((sum, term) => sum + term.amount, found.rest ?? 0),
  };
}
