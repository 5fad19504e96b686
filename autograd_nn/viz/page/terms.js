// Of what terms an element is a sum. Each function gives {terms, given, why}: `terms` are added
// up, `given` are numbers that go into a formula, `why` says why there is neither.

const NO_TERMS = "The page has no terms for this operation; viz.zoom(t, index) opens any.";
const TOO_LARGE = "An array of this sum is too large for the page; viz.zoom(t, index) opens it.";

// The terms of element i of the value of a node.
function termsOfValue(node, i) {
  if (!node.operation) return { why: "It was given, not computed." };
  if (!node.terms) return { why: NO_TERMS };
  const inputs = node.inputs.map((id) => nodes.get(id));
  const isThere = (input) => input.value && valuesOf(input.value) !== null;
  if (!inputs.every(isThere)) return { why: TOO_LARGE };
  if (node.terms.kind === "matmul") return { terms: productsForward(inputs, i) };
  if (node.terms.kind === "elementwise") return operands(node, inputs, i);
  return { terms: reducedElements(node, inputs[0], i) };
}

function element(node, i) {
  const { shape } = node.value;
  return `${node.label}${indexText(placeOf(i, shape))}`;
}

// Y[i, j] = Σ X[i, k]·W[k, j]; a vector is a row on the left and a column on the right.
function productsForward([x, w], i) {
  const count = x.value.shape.at(-1);
  const columns = w.value.shape.length === 1 ? 1 : w.value.shape[1];
  const row = Math.floor(i / columns);
  const column = i % columns;
  const terms = [];
  for (let k = 0; k < count; k += 1) {
    const left = row * count + k;
    const right = k * columns + column;
    terms.push(product(
      `${element(x, left)}·${element(w, right)}`,
      valuesOf(x.value)[left], valuesOf(w.value)[right],
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

// dX[i, k] = Σ_j G[i, j]·W[k, j] and dW[k, j] = Σ_i X[i, k]·G[i, j].
function productsBackward(node, step, upstream, i) {
  const [x, w] = node.inputs.map((id) => nodes.get(id));
  const other = step.slot === 0 ? w : x;
  if (valuesOf(other.value) === null) return { why: TOO_LARGE };
  const g = valuesOf(upstream);
  const values = valuesOf(other.value);
  const inner = x.value.shape.at(-1);
  const columns = w.value.shape.length === 1 ? 1 : w.value.shape[1];
  const rows = x.value.shape.length === 1 ? 1 : x.value.shape[0];
  const name = gradientName(node);
  const at = (j) => `${name}${indexText(placeOf(j, upstream.shape))}`;
  const terms = [];
  if (step.slot === 0) {
    const row = Math.floor(i / inner);
    const k = i % inner;
    for (let j = 0; j < columns; j += 1) {
      const [of, by] = [row * columns + j, k * columns + j];
      terms.push(product(`${at(of)}·${element(w, by)}`, g[of], values[by]));
    }
  } else {
    const k = Math.floor(i / columns);
    const column = i % columns;
    for (let row = 0; row < rows; row += 1) {
      const [of, by] = [row * columns + column, row * inner + k];
      const label = w.role === "parameter" && rows > 1
        ? `example ${row}` : `${element(x, by)}·${at(of)}`;
      terms.push(product(label, values[by], g[of]));
    }
  }
  return { terms };
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
    const label = g.length === sizeOf(shape) ? "local × upstream"
      : isByExample ? `example ${place[0]}` : `at ${indexText(place)}`;
    terms.push(product(label, local[j], g[j]));
  }
  return { terms };
}

function shareOf(node, step, upstream, i) {
  const { shape } = nodes.get(step.input).value;
  const from = shape.length ? reducedTo(i, shape, node.terms.axes) : 0;
  const into = node.terms.kind === "mean" ? sizeOf(shape) / sizeOf(upstream.shape) : 1;
  const amount = valuesOf(upstream)[from];
  const label = `its share of ${gradientName(node)}${indexText(placeOf(from, upstream.shape))}`;
  if (into === 1) return { label, amount, detail: `${number(amount)} × 1` };
  return { label, amount: amount / into, detail: `${number(amount)} ÷ ${into}` };
}

// The eight of the largest size, and what the others add up to.
const SHOWN = 8;

function sorted(terms, shown = SHOWN) {
  const order = [...terms].sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount));
  const rest = order.slice(shown);
  return {
    largest: order.slice(0, shown),
    more: rest.length,
    rest: rest.reduce((sum, term) => sum + term.amount, 0),
  };
}
