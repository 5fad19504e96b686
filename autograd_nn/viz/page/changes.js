// What follows when numbers change: all that is shown is told anew, within one frame.

const PANEL = 58; // milliseconds between two panels while numbers run, on an average
const FADING = 900; // milliseconds for which what changed is marked

const changes = {
  frame: null, panelAt: 0, later: null, count: 0,
  isRunning: false, isMarking: false, marked: new Set(), timer: null,
};

function startFollowing() {
  if (!live.isOn) return;
  live.onChange(() => { changes.frame ??= requestAnimationFrame(showNumbers); });
}

function showNumbers() {
  const now = performance.now();
  const isRunning = now - changes.panelAt < 3 * PANEL && live.count() !== changes.count;
  changes.frame = null;
  changes.count = live.count();
  changes.isMarking = !isRunning;
  if (isRunning !== changes.isRunning) setRunning(isRunning);
  tellPicture();
  writeNumbers();
  writeRoot();
  showSentence();
  showTools();
  askAnew();
  tellHere();
  clearTimeout(changes.later);
  if (isRunning) changes.later = setTimeout(showAtRest, 3 * PANEL);
  if (!isRunning || now - changes.panelAt >= PANEL) showPanelNow(now);
  changes.isMarking = false;
  keepState();
}

// A reader is not told of every one of many steps, but of the last.
function setRunning(isRunning) {
  changes.isRunning = isRunning;
  for (const id of ["sentence", "live-told"]) {
    document.getElementById(id).setAttribute("aria-live", isRunning ? "off" : "polite");
  }
}

function showAtRest() {
  setRunning(false);
  showPanelNow();
}

function showPanelNow(now = performance.now()) {
  const before = numbersInPanel();
  changes.panelAt = Math.min(now, Math.max(changes.panelAt + PANEL, now - PANEL)); // when it was due
  tellRows();
  showPanel();
  const after = numbersInPanel();
  if (before.length !== after.length) return; // another node, or another view of it
  after.forEach((part, place) => {
    if (part.textContent !== before[place].textContent) markChanged(part);
  });
}

function numbersInPanel() {
  return [...document.querySelectorAll("#panel :is(td, .amount, .element, figcaption, .scale, .given li)")];
}

// What changed is marked for a moment; its colour fades then where motion is welcome.
function markChanged(part) {
  if (!changes.isMarking) return;
  part.classList.add("changed");
  changes.marked.add(part);
  clearTimeout(changes.timer);
  changes.timer = setTimeout(() => {
    for (const one of changes.marked) one.classList.remove("changed");
    changes.marked.clear();
  }, FADING);
}

function tellRows() {
  if (!document.getElementById("all-steps").open) return;
  document.querySelectorAll("#rows .told").forEach((cell, place) => write(cell, toldNow(steps[place])));
}
