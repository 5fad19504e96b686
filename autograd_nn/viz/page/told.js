// What the picture tells of arrays, as the pictures of Python do: the lines of numbers in a box
// and along an arrow, from the numbers as they are now.

const SHOWN_WHOLE = 6; // arrays of at most so many elements are shown element by element
const ADDED = 6; // sums of at most so many numbers are written out
const WIDE = "−0.864"; // what stands for a number in a picture made for a page that computes
const NARROWEST = 0.65; // so narrow letters can still be read

// "0.25", "[1, 2]", or "mean 0.1 (−2 … 3)".
function amount(array, digits = 4) {
  const values = valuesOf(array);
  if (values && values.length <= SHOWN_WHOLE) return nested(values, array.shape, digits);
  const { low, mean, high, notFinite } = statistics(array);
  const unusual = notFinite ? `${notFinite} not finite` : "";
  if (low === null) return unusual;
  const [first, middle, last] = [low, mean, high].map((x) => inDigits(x, digits));
  const text = low === high ? `all ${first}` : `mean ${middle} (${first} … ${last})`;
  return unusual ? `${text}, ${unusual}` : text;
}

function nested(values, shape, digits) {
  if (!shape.length) return inDigits(values[0], digits);
  if (shape.length === 1 || !values.length) {
    return `[${Array.from(values, (x) => inDigits(x, digits)).join(", ")}]`;
  }
  const size = values.length / shape[0];
  const rows = Array.from({ length: shape[0] }, (_, row) =>
    nested(values.slice(row * size, (row + 1) * size), shape.slice(1), digits));
  return `[${rows.join(", ")}]`;
}

// "norm 0.5"; what is not finite in it is said.
function normText(told, digits = 4) {
  const known = told.norm === null ? [] : [`norm ${inDigits(told.norm, digits)}`];
  const unusual = told.notFinite ? [`${told.notFinite} not finite`] : [];
  return [...known, ...unusual].join(", ") || "no elements";
}

// Statistics on two lines, the second one empty where all are the same.
function amountLines(array, digits = 4) {
  const [head, rest] = amount(array, digits).split(" (");
  const isFew = sizeOf(array.shape) <= SHOWN_WHOLE;
  return isFew ? [head] : [head, rest === undefined ? "" : `(${rest}`];
}

// ---------------------------------------------------------------------- in a box

// What stands for a box: the last of its members that gets a gradient, else the last computed one.
function lastResult(members) {
  if (members.length === 1) return members[0];
  const computed = members.filter((node) => node.operation && node.value);
  return computed.findLast((node) => arrivals.has(node.id)) ?? computed.at(-1) ?? null;
}

function valueLines(members, digits) {
  const last = lastResult(members);
  return last?.value ? amountLines(last.value, digits) : [];
}

// Of several members their parameters stand before the gradient of the last result, in a picture of
// Graphviz.
function gradientLines(members, digits, withParameters) {
  const last = lastResult(members);
  const own = last ? ownGradient(last, members, digits) : [];
  const lines = own.length ? own : ["–"];
  const isGroup = members.length > 1 && withParameters;
  return isGroup ? [...parameterLines(members, digits), ...lines] : lines;
}

function ownGradient(last, members, digits) {
  const gradient = gradientAt(last.id, steps.length);
  if (gradient === null) return [];
  const arrived = members.length > 1 ? [] : arrivals.get(last.id).map((at) => steps[at - 1]);
  if (arrived.length < 2) return amountLines(gradient, digits);
  const isSingle = arrived.every(({ contribution }) => sizeOf(contribution.shape) === 1);
  if (!isSingle || arrived.length > ADDED) {
    return [...amountLines(gradient, digits), `sum of ${arrived.length} contributions`];
  }
  const terms = arrived.map(({ contribution }, place) => {
    const [x] = valuesOf(contribution);
    if (!place) return inDigits(x, digits);
    return x < 0 ? `− ${inDigits(-x, digits)}` : `+ ${inDigits(x, digits)}`;
  });
  return [...terms, `= ${amount(gradient, digits)}`];
}

function parameterLines(members, digits) {
  const parameters = members.filter((node) => node.role === "parameter");
  const known = parameters.map((node) => gradientAt(node.id, steps.length));
  if (parameters.length > 4) {
    const together = statisticsOf(known.filter((array) => array !== null));
    return [together.norm === null && !together.notFinite ? `${parameters.length} parameters`
      : `gradient ${normText(together, digits)} together`];
  }
  return known.map((gradient) => (gradient === null ? "gradient not computed"
    : gradient.shape.length ? `gradient ${normText(statistics(gradient), digits)}`
      : `gradient ${amount(gradient, digits)}`));
}

// ---------------------------------------------------------------------- along an arrow

// How each line with a number along an arrow is told, found by what stands around its place; a
// slope may stand below its word.
const FORMS = [
  [/^slope W$/, (flows, digits, told) =>
    `${told.startsWith("slope") ? "slope " : ""}${only(flows[0].local, digits)}`],
  [/^× W$/, (flows, digits) => `× ${only(above(flows[0]), digits)}`],
  [/^= W$/, (flows, digits) => `= ${only(flows[0].contribution, digits)}`],
  [/^(together )?norm W$/, (flows, digits, told) =>
    `${told.startsWith("together") ? "together " : ""}${normText(statisticsOf(sent(flows)), digits)}`],
  [/^largest W/, largestText],
  [/^W$/, (flows, digits) => only(flows[0].contribution, digits)],
  [/(^|; )(mean W|\[)/, (flows, digits, told) =>
    `${told.split(/mean|\[/)[0]}${amount(flows[0].local, digits)}`],
];

function formOf(told, before) {
  const line = told.replaceAll(WIDE, "W");
  const text = before === "slope" ? `slope ${line}` : line;
  return text.includes("W") ? FORMS.find(([pattern]) => pattern.test(text))?.[1] ?? null : null;
}

function above(step) {
  return gradientAt(step.node, steps.length);
}

function sent(flows) {
  return flows.map((step) => step.contribution);
}

function only(array, digits) {
  return inDigits(valuesOf(array)[0], digits);
}

function largestText(flows, digits) {
  const told = statisticsOf(sent(flows));
  if (told.largest === null) return "";
  const { shape } = flows[0].contribution;
  const isOne = flows.length === 1 && shape.length > 0;
  const at = isOne ? ` at ${indexText(placeOf(told.at, shape))}` : "";
  return `largest ${inDigits(told.largest, digits)}${at}`;
}

// ---------------------------------------------------------------------- within its room

// Lines with fewer digits where they would need far more room than there is, in letters.
function fitted(make, rooms) {
  const isTooLong = (text, place) => text.length * NARROWEST > (rooms[place] ?? Infinity);
  let lines = make(4);
  for (let digits = 3; digits > 0 && lines.some(isTooLong); digits -= 1) lines = make(digits);
  return lines;
}

// Longer than its room, a text has narrower letters.
function narrow(text, told) {
  if (!text.room || told.length <= text.room) text.removeAttribute("textLength");
  else {
    text.setAttribute("textLength", text.width);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}
