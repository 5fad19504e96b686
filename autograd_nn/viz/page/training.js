// Training in the page: one step, ten, a run; the loss as it falls, and what the model makes of it.

const BUDGET = 7; // milliseconds of steps in one frame: to show them takes 9 of the 16 that there are
const MOST_STEPS = 10000; // and so many at most
const REDRAWN = 1000 / 15; // milliseconds between two pictures while steps run
const CALM = 500; // milliseconds between two showings of a run where motion is not welcome
const MOST_POINTS_KEPT = 4000;
const training = { next: null, atOnce: 1, taken: 0, curve: [], drawnAt: 0, later: null, parts: [] };

atStart.push(startTraining);

function startTraining() {
  document.getElementById("training").hidden = false;
  const on = (id, action) => document.getElementById(id).addEventListener("click", action);
  on("one-step", () => takeSteps(1));
  on("ten-steps", () => takeSteps(10));
  on("run", run);
  on("course-switch", () => setCourse(document.getElementById("course").hidden));
  Object.assign(KEYS, { t: () => takeSteps(1), r: run });
  on("theme", drawCourse);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawCourse);
  for (const { start } of training.parts) start();
  live.onChange(followTraining);
  followTraining();
  setCourse(matchMedia("(min-width: 1700px)").matches);
}

// One after the other, so that the curve has all of them.
function takeSteps(count) {
  rest();
  for (let k = 0; k < count; k += 1) train(1, k > 0);
}

// The first step opens the curve where there is room.
function train(count, goesOn) {
  if (live.count() === 0 && matchMedia("(min-width: 1200px)").matches) setCourse(true);
  training.taken = count;
  live.train(count, goesOn);
  training.taken = 0;
}

function run() {
  const isRunning = training.next !== null;
  rest();
  if (!isRunning) tick(false);
  showRunning();
}

// As many steps as fit into a frame, found by trying.
function tick(goesOn) {
  const began = performance.now();
  try {
    train(training.atOnce, goesOn);
  } catch (error) {
    rest();
    throw error;
  }
  const took = Math.max(0.1, performance.now() - began);
  const fit = Math.round(training.atOnce * BUDGET / took);
  training.atOnce = Math.max(1, Math.min(MOST_STEPS, 2 * training.atOnce, fit));
  if (!Number.isFinite(live.lossValue())) {
    rest();
    document.getElementById("run-said").textContent = say("course.not_finite");
    return;
  }
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const goOn = () => tick(true);
  training.next = isCalm ? { timer: setTimeout(goOn, CALM) } : { frame: requestAnimationFrame(goOn) };
}

function rest() {
  if (training.next !== null) {
    clearTimeout(training.next.timer);
    cancelAnimationFrame(training.next.frame);
  }
  training.next = null;
  showRunning();
}

function showRunning() {
  const isRunning = training.next !== null;
  document.getElementById("run").textContent = isRunning ? say("course.pause") : say("course.run");
  // A reader is not told every step of a run.
  document.getElementById("live-told")?.setAttribute("aria-live", isRunning ? "off" : "polite");
  if (isRunning) document.getElementById("run-said").textContent = "";
}

// ---------------------------------------------------------------------- the loss as it falls

// A change by hand is the loss of the same step; an undo takes what came after it.
function followTraining() {
  const step = live.count();
  let { curve } = training;
  if (Number.isFinite(live.lossValue())) document.getElementById("run-said").textContent = "";
  // A run that was taken back does not go on.
  if (curve.length && step < curve.at(-1)[0]) rest();
  if (curve.length && step > curve.at(-1)[0] + training.taken) curve = []; // an address was opened
  while (curve.length && curve.at(-1)[0] >= step) curve.pop();
  curve.push([step, live.lossValue()]);
  if (curve.length > MOST_POINTS_KEPT) curve = curve.filter((_, i) => i % 2 === 0 || i === curve.length - 1);
  training.curve = curve;
  const wait = training.drawnAt + REDRAWN - performance.now();
  training.later ??= setTimeout(drawCourse, training.next === null ? 0 : Math.max(0, wait));
}

function drawCourse() {
  training.later = null;
  training.drawnAt = performance.now();
  if (document.getElementById("course").hidden) return;
  drawLoss();
  for (const { draw } of training.parts) draw();
}

function drawLoss() {
  const { curve } = training;
  const picture = document.getElementById("loss-curve");
  const name = nodes.get(data.root).label;
  const [step, loss] = curve.at(-1);
  const room = 10 ** Math.ceil(Math.log10(Math.max(step, 10)));
  const last = [0.2, 0.5, 1].map((part) => part * room).find((most) => most >= step);
  drawCurves(picture, { [name]: curve }, step, [Math.min(curve[0][0], last - 1), Math.max(last, 10)]);
  const told = { name, count: step, first: number(curve[0][1]), loss: number(loss) };
  picture.setAttribute("aria-label", say("course.curve_said", told));
}

function setCourse(isOpen) {
  document.getElementById("course").hidden = !isOpen;
  document.getElementById("course-switch").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) drawCourse();
}
