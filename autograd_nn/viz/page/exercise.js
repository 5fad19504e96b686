// The exercise: before a backward step is shown, its number is asked for. A wrong answer is
// compared with the numbers that mistakes give, which were found when the page was made.

const exercise = { on: false, asked: null, right: 0, answered: 0 };
const CARRIED = 0.02; // who rounds on the way to three digits may be so far from the number

function switchExercise() {
  exercise.on = !exercise.on;
  stop();
  document.getElementById("exercise-switch").setAttribute("aria-pressed", String(exercise.on));
  endQuestion();
  verdict(exercise.on ? say("exercises.begins") : "");
}

// What a step can be asked for: an element, the numbers it follows from, and the answer. Nothing is
// asked where the answer stands among what is given.
function questionOf(step) {
  if (step.contribution === undefined || valuesOf(step.contribution) === null) return null;
  const values = valuesOf(step.contribution);
  let i = data.exercise.edges[step.edge]?.at ?? 0;
  for (let j = 0; j < values.length; j += 1) if (Math.abs(values[j]) > Math.abs(values[i])) i = j;
  const { terms, more } = termsOfContribution(step, i);
  if (!terms || more || !Number.isFinite(values[i])) return null;
  const sum = step.after === undefined ? null : gradientAt(step.input, steps.indexOf(step));
  const before = sum && valuesOf(sum)[i];
  const answer = before === null ? values[i] : valuesOf(step.after)[i];
  const given = [...new Set([step.formula, ...givenNumbers(step, i, terms)])];
  const shown = given.flatMap((text) => text.split(/[\s:=×·()]+/));
  if (shown.includes(number(answer))) return null;
  return { step, i, before, answer, given, part: values[i], isTried: false };
}

function ask(question) {
  tellQuestion(question);
  document.getElementById("question").hidden = false;
  document.getElementById("answer").value = "";
  verdict("");
  document.getElementById("answer").focus();
}

// A question and a verdict are of the numbers of now; what was typed stays.
function askAnew() {
  if (!exercise.on) return;
  verdict("");
  if (!exercise.asked) return;
  const { step, isTried } = exercise.asked;
  const question = questionOf(step);
  if (question) tellQuestion({ ...question, isTried });
  else endQuestion();
}

function tellQuestion(question) {
  exercise.asked = question;
  const { before, given } = question;
  const words = { way: wayOf(question.step), goal: goalOf(question) };
  document.getElementById("asked").textContent = before === null
    ? say("exercises.ask_contribution", words)
    : say("exercises.ask_sum", { ...words, before: number(before) });
  document.getElementById("given").replaceChildren(...given.map((text) => el("li", {}, text)));
  document.getElementById("tolerance").textContent = say("exercises.three_digits");
}

function goalOf({ step, i }) {
  return gradientName(nodes.get(step.input)) + indexText(placeOf(i, step.contribution.shape));
}

function wayOf(step) {
  const key = nodes.get(step.node).inputs.length > 1 ? "exercises.way_of_role_to" : "exercises.way_to";
  return say(key, { way: step.way, target: nodes.get(step.input).label });
}

// What the formula speaks of where there is one product, else the largest terms, to be added.
function givenNumbers(step, i, terms) {
  const node = nodes.get(step.node);
  if (terms.length > 1) {
    const { largest: first, more, rest } = sorted({ terms }, 4);
    const found = first.map((term) => `${term.label}: ${term.detail} = ${number(term.amount)}`);
    return more ? [...found, say("exercises.more_add_up", { count: more, sum: number(rest) })] : found;
  }
  if (node.terms?.kind !== "elementwise") return [`${terms[0].label}: ${terms[0].detail}`];
  const upstream = gradientAt(node.id, steps.length);
  const name = `${gradientName(node)}${indexText(placeOf(i, upstream.shape))}`;
  const spoken = [...node.inputs.map((id) => nodes.get(id)), node].filter(({ label, value }) =>
    value && valuesOf(value) && label !== number(valuesOf(value)[0]) &&
    step.formula.split("=").slice(1).join("=").includes(label));
  return [`${name} = ${number(valuesOf(upstream)[i])}`, ...spoken.map((part) => {
    const from = broadcastFrom(i, upstream.shape, part.value.shape);
    return `${element(part, from)} = ${number(valuesOf(part.value)[from])}`;
  })];
}

// ---------------------------------------------------------------------- the verdict

// A number and half a unit of its last digit; null where a text is none. Zeros at its end may be
// left out: 2 is taken as 2.00. 1 1/5 is one and a fifth; else a space parts thousands alone.
function readNumber(text) {
  const mixed = /^\s*([-+−]?)(\d+) +(\d+ *\/ *\d+)\s*$/.exec(text);
  if (mixed) {
    const part = readNumber(mixed[3]);
    const value = Number(mixed[2]) + (part?.value ?? NaN);
    return part && { value: "-−".includes(mixed[1] || "+") ? -value : value, half: 0 };
  }
  if (/\d +\d/.test(text) && !/^\s*[-+−]?\d{1,3}( \d{3})+([.,]\d*)?\s*$/.test(text)) return null;
  const plain = plainNumber(text.replace(/\s/g, "")).replace(/[·×*]10\^?/, "e");
  if (!/^[^/]+(\/[^/]+)?$/.test(plain)) return null;
  const [above, below] = plain.split("/").map(Number);
  const value = below === undefined ? above : above / below;
  if (!Number.isFinite(value)) return null;
  const [, decimals = "", power = 0] = /^[^.e]*\.?(\d*)(?:e(.+))?$/i.exec(plain) ?? [];
  const third = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2);
  const last = below === undefined ? 10 ** (Number(power) - decimals.length) : 0;
  return { value, half: Math.min(last, third) / 2 };
}

// The numbers that mistakes give, each with the mistake in words. Those found when the page was
// made hold as long as no number was changed.
function mistakesIn({ step, i, before, part }) {
  const isChanged = live.isOn && (live.count() > 0 || live.canUndo());
  const known = data.exercise.edges[step.edge];
  if (known?.at === i && !isChanged) return known.wrong.map(([place, x]) => [data.exercise.told[place], x]);
  const start = before ?? 0;
  const about = nodes.get(step.node).label;
  return [
    ...(before === null ? [] : [[say("mistakes.overwritten", { about }), part]]),
    [say("mistakes.sign"), start - part],
    [say("mistakes.doubled"), start + 2 * part],
    [say("mistakes.halved"), start + part / 2],
  ];
}

// Whether a number is right, and which mistake it shows; as `exercise` in Python tells it.
function judged({ value, half }, question) {
  const { step, answer } = question;
  const floor = Math.abs(answer) * (step.contribution.dtype === "float64" ? 1e-9 : 1e-4);
  const isSaid = (x) => Math.abs(value - x) <= 1.000001 * half + floor;
  if (isSaid(answer)) return { isRight: true };
  const found = mistakesIn(question).find(([, x]) => isSaid(x));
  if (!found && Math.abs(value - answer) <= CARRIED * Math.abs(answer)) return { isRight: true };
  const where = wayOf(step);
  const mistake = found
    ? say("exercises.happens", { mistake: found[0], where })
    : say("exercises.unknown_mistake", { where });
  return { isRight: false, told: say("exercises.first_wrong", { name: goalOf(question), mistake }) };
}

function check(event) {
  event.preventDefault();
  const text = document.getElementById("answer").value.trim();
  const said = readNumber(text);
  if (said === null || twofold(text)) {
    verdict(twofold(text) ?? say("exercises.no_number"));
    return;
  }
  const { isRight, told } = judged(said, exercise.asked);
  count(isRight);
  if (isRight) reveal(say("exercises.right_it_is", { number: number(exercise.asked.answer) }));
  else {
    verdict(inARow(told, score()));
    document.getElementById("answer").select();
  }
}

// A question counts once, by its first answer.
function count(isRight) {
  if (!exercise.asked.isTried) {
    exercise.answered += 1;
    exercise.right += isRight ? 1 : 0;
  }
  exercise.asked.isTried = true;
}

function score() {
  return say("exercises.some_right", { right: exercise.right, count: exercise.answered });
}

function showAnswer() {
  count(false);
  reveal(say("exercises.it_is", { number: number(exercise.asked.answer) }));
}

function reveal(text) {
  const { step, i } = exercise.asked;
  endQuestion();
  goTo(steps.indexOf(step) + 1);
  state.cell = { of: "gradient", i };
  show();
  verdict(inARow(text, score()));
  document.getElementById("next").focus();
}

function endQuestion() {
  exercise.asked = null;
  document.getElementById("question").hidden = true;
}

function verdict(text) {
  document.getElementById("verdict").textContent = text;
}
