// The sentences of steps with the numbers of now. Where a number stands a sentence has a hole: the
// form that it is told in, and its places in the page (see `holes` in Python).

const HOLE = /\ue000(\w+) ([^\ue001]*)\ue001/g;

function toldNow(step) {
  if (!live.isOn) return step.sentence;
  return step.sentence.replace(HOLE, (_, form, places) => TOLD[form](...places.split(" ").map(arrayAt)));
}

function arrayAt(place) {
  const [kind, which, more] = place.split(":");
  const step = steps[which];
  if (kind === "v") return nodes.get(which).value;
  if (kind === "g") return gradientAt(which, steps.length);
  if (kind === "l") return step.local;
  if (kind === "c") return step.contribution;
  if (kind === "a") return step.after ?? step.contribution;
  if (kind === "before") return step.kept[decodeURIComponent(more)][0];
  if (kind === "kept") return step.kept[decodeURIComponent(more)][1];
  if (kind === "decayed") {
    const x = valuesOf(nodes.get(which).value)[0];
    return { shape: [], values: [x - more * live.rate() * x] };
  }
  return { shape: [], values: [kind === "rate" ? live.rate() : live.count() + Number(which)] };
}

// The forms have the names and the results that they have in Python, in `number_forms`.
const TOLD = {
  element: (array) => elementText(valuesOf(array)[0], array),
  grouped: (array) => inBrackets(TOLD.element(array)),
  factor: (array) => inBrackets(TOLD.element(array)),
  amount: (array) => (array.shape.length ? amount(array) : TOLD.element(array)),
  size: (array) => (array.shape.length ? sizeText([array]) : TOLD.element(array)),
  total(array) {
    const { length } = valuesOf(array);
    return length > 0 && length <= SHOWN_WHOLE ? TOLD.amount(array) : TOLD.size(array);
  },
  added: (first, ...others) => others.reduce((text, array) => {
    const [x] = valuesOf(array);
    return `${text} ${x < 0 ? "−" : "+"} ${number(Math.abs(x))}`;
  }, TOLD.element(first)),
  from_to(before, after) {
    const [old, made] = [before, after].map(valuesOf);
    if (made.length === 1) return `${TOLD.amount(before)} → ${TOLD.amount(after)}`;
    const change = Array.from(made, (x, i) => x - old[i]);
    const [first, second, third] = [old, made, change].map((values) => number(wholeNorm(values)));
    return say("steps.from_to", { before: first, after: second, change: third });
  },
  kept_change(before, after) {
    if (!before.isNew || live.count() > 0) return TOLD.from_to(before, after);
    const told = sizeOf(after.shape) === 1 ? amount(after) : normText(statistics(after));
    return say("steps.new", { told });
  },
  changed(before, after) {
    const change = valuesOf(after)[0] - valuesOf(before)[0];
    if (change === 0) return say("steps.unchanged");
    if (!Number.isFinite(change)) return "";
    return say(change < 0 ? "steps.down" : "steps.up", { x: number(Math.abs(change)) });
  },
};

function elementText(x, { dtype }) {
  return dtype === "bool" ? (x ? "True" : "False") : number(x);
}

function inBrackets(text) {
  return text.startsWith("−") ? `(${text})` : text;
}

// The norm of all elements: of what is not finite it is not finite.
function wholeNorm(values) {
  const most = values.reduce((size, x) => Math.max(size, Math.abs(x)), 0);
  if (!(most > 0 && most < Infinity)) return most;
  return most * Math.sqrt(values.reduce((sum, x) => sum + (x / most) ** 2, 0));
}
