// What goes on by itself until it is at its end, or stopped. `PLAYING` of a page says how: { isAtEnd,
// toStart, goOn, waits, shown }, of which `waits` stops it before its end, and `shown` is told
// whether it goes on.

function play() {
  if (state.timer !== null) {
    stop();
    return;
  }
  if (PLAYING.isAtEnd()) PLAYING.toStart();
  const tick = () => {
    PLAYING.goOn();
    if (PLAYING.isAtEnd() || PLAYING.waits?.()) stop();
    else state.timer = setTimeout(tick, Number(document.getElementById("speed").value));
  };
  state.timer = setTimeout(tick, 0);
  showPlaying();
}

function stop() {
  clearTimeout(state.timer);
  state.timer = null;
  showPlaying();
}

function showPlaying() {
  const isOn = state.timer !== null;
  document.getElementById("play").textContent = say(isOn ? "page.pause" : "page.play");
  PLAYING.shown?.(isOn);
}
