// The quiz: before a backward step is shown, its number is asked for.

const quiz = { on: false, asked: null, right: 0, answered: 0 };
const CLOSE = 0.02; // an answer counts as right within two percent, and within 1e-9 of nothing

function switchQuiz() {
  quiz.on = !quiz.on;
  stop();
  document.getElementById("quiz-switch").setAttribute("aria-pressed", String(quiz.on));
  endQuestion();
  verdict(quiz.on ? "Quiz: before each backward step the page asks for its number." : "");
}

// What a step can be asked for: an element, the numbers it follows from, and the answer.
function questionOf(step) {
  if (step.contribution === undefined || valuesOf(step.contribution) === null) return null;
  const values = valuesOf(step.contribution);
  let i = 0;
  for (let j = 1; j < values.length; j += 1) if (Math.abs(values[j]) > Math.abs(values[i])) i = j;
  const { terms, more } = termsOfContribution(step, i);
  if (!terms || more || !Number.isFinite(values[i])) return null;
  const sum = step.after === undefined ? null : gradientAt(step.input, steps.indexOf(step));
  const before = sum && valuesOf(sum)[i];
  const answer = before === null ? values[i] : valuesOf(step.after)[i];
  return { step, i, terms, before, answer };
}

function ask(question) {
  quiz.asked = question;
  const { step, i, terms, before } = question;
  const target = nodes.get(step.input);
  const place = indexText(placeOf(i, step.contribution.shape));
  const goal = `${gradientName(target)}${place}`;
  document.getElementById("asked").textContent =
    `Next, ${step.way}, to ${target.label}. ` + (before === null
      ? `What does it contribute to ${goal}?`
      : `So far ${goal} is ${number(before)}. What is it with this contribution?`);
  const told = new Set([step.formula, ...givenNumbers(step, i, terms)]);
  document.getElementById("given").replaceChildren(...[...told].map((text) => el("li", {}, text)));
  document.getElementById("tolerance").textContent = "Right is what is within 2 % of the number.";
  document.getElementById("question").hidden = false;
  document.getElementById("answer").value = "";
  verdict("");
  document.getElementById("answer").focus();
}

// What the formula speaks of where there is one product, else the largest terms, to be added.
function givenNumbers(step, i, terms) {
  const node = nodes.get(step.node);
  if (terms.length > 1) {
    const { largest: first, more, rest } = sorted({ terms }, 4);
    const found = first.map((term) => `${term.label}: ${term.detail} = ${number(term.amount)}`);
    return more ? [...found, `${more} more add up to ${number(rest)}`] : found;
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

function check(event) {
  event.preventDefault();
  const text = document.getElementById("answer").value.trim().replace(",", ".").replaceAll("−", "-");
  const said = Number(text);
  if (text === "" || Number.isNaN(said)) {
    verdict("Write a number, such as −0.25 or 3e−4.");
    return;
  }
  const { answer } = quiz.asked;
  const isRight = Math.abs(said - answer) <= Math.max(CLOSE * Math.abs(answer), 1e-9);
  quiz.answered += 1;
  quiz.right += isRight ? 1 : 0;
  const told = isRight ? "Right: it is" : `Not this time: you wrote ${text}, it is`;
  reveal(`${told} ${number(answer)}.`);
}

function showAnswer() {
  quiz.answered += 1;
  reveal(`It is ${number(quiz.asked.answer)}.`);
}

function reveal(text) {
  const { step, i } = quiz.asked;
  endQuestion();
  goTo(steps.indexOf(step) + 1);
  state.cell = { of: "gradient", i };
  show();
  verdict(`${text} ${quiz.right} of ${quiz.answered} right.`);
  document.getElementById("next").focus();
}

function endQuestion() {
  quiz.asked = null;
  document.getElementById("question").hidden = true;
}

function verdict(text) {
  document.getElementById("verdict").textContent = text;
}
