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
  const unusual = unusualText(notFinite);
  if (low === null) return unusual;
  const [first, middle, last] = [low, mean, high].map((x) => inDigits(x, digits));
  const text = low === high ? say("numbers.all", { x: first })
    : say("numbers.mean", { mean: middle, low: first, high: last });
  return both(text, unusual);
}

function unusualText(notFinite) {
  return notFinite ? say("numbers.not_finite", { n: notFinite }) : "";
}

function both(first, second) {
  return first && second ? say("numbers.and", { first, second }) : first || second;
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
function normText({ norm, notFinite }, digits = 4) {
  const known = norm === null ? "" : say("numbers.norm", { x: inDigits(norm, digits) });
  return both(known, unusualText(notFinite)) || say("numbers.empty");
}

// "norm 0.5, largest 0.25 at [3, 7]"; the place where it is one array.
function sizeText(arrays, digits) {
  const told = statisticsOf(arrays);
  if (told.largest === null) return normText(told, digits);
  const { shape } = arrays[0];
  const holes = { norm: inDigits(told.norm, digits), x: inDigits(told.largest, digits) };
  const text = arrays.length > 1 ? say("numbers.norm_largest", holes)
    : say("numbers.norm_largest_at", { ...holes, place: indexText(placeOf(told.at, shape)) });
  return both(text, unusualText(told.notFinite));
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
    return amountLines(gradient, digits); // and of how many it is the sum, which stays
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
    const together = normText(statisticsOf(known.filter((array) => array !== null)), digits);
    return [gradientOf(say("numbers.gradient_together", { parameters: "", told: together }))];
  }
  return known.map((gradient) => {
    if (gradient === null) return ""; // it is said, and that stays
    const told = gradient.shape.length ? normText(statistics(gradient), digits) : amount(gradient, digits);
    return say("numbers.gradient_is", { told });
  });
}

// Of "4 parameters: gradient 0.5 together" what stands beside the name.
function gradientOf(text) {
  const mark = say("numbers.gradient_of", { label: "", told: "" });
  const [, told] = text.split(mark);
  return told === undefined ? text : say("numbers.gradient_is", { told });
}

// ---------------------------------------------------------------------- along an arrow

// How each line with a number along an arrow is told, found by what stands around its place.
const FORMS = [
  [/^slope W$/, (flows, digits) => only(flows[0].local, digits)],
  [/^× W$/, (flows, digits) => `× ${only(gradientAt(flows[0].node, steps.length), digits)}`],
  [/^= W$/, (flows, digits) => `= ${only(flows[0].contribution, digits)}`],
  [/^W$/, (flows, digits) => only(flows[0].contribution, digits)],
  [/\(W …|\[W/, (flows, digits) => amount(flows[0].local, digits)],
  [/W/, (flows, digits) => flowText(flows, digits)],
];

// The forms of the lines of a text: what stands before the numbers, and how they are told.
function formsOf(lines) {
  const slope = say("numbers.slope");
  return lines.map((line, n) => {
    if (!line.includes(WIDE)) return null;
    const [, before, place] = line.match(/^(.*; )?(.*)$/);
    const isHere = place === `${slope} ${WIDE}`;
    const isBelow = place === WIDE && lines[n - 1] === slope;
    const text = isHere || isBelow ? "slope W" : place.replaceAll(WIDE, "W");
    const [, form] = FORMS.find(([pattern]) => pattern.test(text));
    return { before: isHere ? `${slope} ` : before ?? "", form };
  });
}

// What flows along one arrow, or along several that are drawn as one.
function flowText(flows, digits) {
  const text = sizeText(flows.map((step) => step.contribution), digits);
  return flows.length > 1 ? say("numbers.together", { told: text }) : text;
}

// The lines of one form: one of them as it is, of several what stands between commas, except those
// in brackets.
function tellForm(parts, flows) {
  const [{ before, form }] = parts;
  tellLines(parts, (digits) => {
    const told = before + form(flows, digits);
    const pieces = told.split(/(?<=,) (?=\[)|(?<=,) (?![^[]*\])/);
    const last = parts.length - 1;
    const first = pieces.slice(0, last).map((piece) => piece.replace(/(?<!\]),$/, ""));
    return [...first, pieces.slice(last).join(" ")];
  });
}

function only(array, digits) {
  return inDigits(valuesOf(array)[0], digits);
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
