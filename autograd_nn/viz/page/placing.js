// The picture in its view: how large it is, which part is seen, and how it is moved.

const READABLE = 1.105; // pixels for each unit of the picture: its letters are at least 11 high then
const box = { x: 0, y: 0, scale: 1 }; // what is in the view's upper left corner, and how large
let placed = { width: 0, height: 0 }; // the size of the view that this is for

// Nothing, as { width: 0, height: 0 }, in a frame that is not shown yet.
function viewSize() {
  const { clientWidth, clientHeight } = document.getElementById("view");
  return { width: clientWidth, height: clientHeight };
}

function placeBox() {
  showBox();
  markRoot();
}

function showBox() {
  const { width, height } = viewSize();
  if (!width || !height) return;
  placed = { width, height };
  currentSvg().setAttribute(
    "viewBox",
    [box.x, box.y, width / box.scale, height / box.scale].map((x) => x.toFixed(2)).join(" "),
  );
  placeHere();
}

function fitPicture() {
  inTheMiddle(0);
  markRoot();
}

// At first the whole picture where its text can be read then, else the part around the step.
function placeAtFirst() {
  inTheMiddle(READABLE);
}

function inTheMiddle(least) {
  const { width, height } = viewSize();
  if (!width || !height) return;
  const { size } = currentLayout();
  box.scale = Math.max(least, Math.min(width / size.width, height / size.height, 1.6));
  box.x = (size.width - width / box.scale) / 2;
  box.y = (size.height - height / box.scale) / 2;
  showBox();
}

// Larger or smaller by a factor; what is under the point stays there.
function zoom(factor, point) {
  const { width, height } = viewSize();
  const { x, y } = point ?? { x: width / 2, y: height / 2 };
  const scale = Math.min(6, Math.max(0.05, box.scale * factor));
  box.x += x / box.scale - x / scale;
  box.y += y / box.scale - y / scale;
  box.scale = scale;
  placeBox();
}

// Where a part is, in the units of the view's upper left corner.
function placeOfPart(part) {
  const { x, y, width, height } = part.getBBox();
  const corner = currentSvg().createSVGPoint();
  [corner.x, corner.y] = [x, y];
  const matrix = currentSvg().getScreenCTM().inverse().multiply(part.getScreenCTM());
  const moved = corner.matrixTransform(matrix);
  return { x: moved.x, y: moved.y, width, height };
}

// Bring what happens now into view, where it is not: all the parts with what they are computed
// from, or the parts, or the first alone, whatever there is room for.
function follow(parts, inputs = []) {
  const { width, height } = viewSize();
  if (!width || !height || !parts.length) return;
  const seen = { width: width / box.scale, height: height / box.scale };
  const hasRoom = ({ width, height }) => width <= seen.width && height <= seen.height;
  const frames = [[...parts, ...inputs], parts].map(frameOf);
  const around = frames.find(hasRoom) ?? frameOf([parts[0]]);
  if (isSeen(around)) return;
  const { size } = currentLayout();
  box.x = within(around.x + around.width / 2 - seen.width / 2, size.width - seen.width);
  box.y = within(around.y + around.height / 2 - seen.height / 2, size.height - seen.height);
  placeBox();
}

function isSeen(frame) {
  const { width, height } = viewSize();
  return frame.x >= box.x && frame.x + frame.width <= box.x + width / box.scale &&
    frame.y >= box.y && frame.y + frame.height <= box.y + height / box.scale;
}

// Beside a picture larger than the view no room stays empty; a smaller one is in the middle.
function within(place, room) {
  return room > 0 ? Math.max(0, Math.min(room, place)) : room / 2;
}

function frameOf(parts) {
  const frames = parts.map(placeOfPart);
  const x = Math.min(...frames.map((frame) => frame.x));
  const y = Math.min(...frames.map((frame) => frame.y));
  return {
    x, y,
    width: Math.max(...frames.map((frame) => frame.x + frame.width)) - x,
    height: Math.max(...frames.map((frame) => frame.y + frame.height)) - y,
  };
}

function pan(x, y) {
  box.x += x / box.scale;
  box.y += y / box.scale;
  placeBox();
}

// Wheel, one finger or the mouse, and two fingers.
const drag = { pointers: new Map(), moved: false };

function startMoving() {
  const view = document.getElementById("view");
  const inside = (event) => {
    const { left, top } = view.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  view.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400), inside(event));
  }, { passive: false });
  view.addEventListener("pointerdown", (event) => {
    drag.pointers.set(event.pointerId, inside(event));
    if (drag.pointers.size === 1) drag.moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    const before = drag.pointers.get(event.pointerId);
    if (!before) return;
    const after = inside(event);
    const distance = Math.hypot(after.x - before.x, after.y - before.y);
    if (!drag.moved && distance < 4) return; // a click with an unsteady hand
    drag.moved = true;
    const other = [...drag.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (point) => Math.hypot(point.x - other.x, point.y - other.y);
      zoom(apart(after) / Math.max(1, apart(before)), other);
    } else {
      pan(before.x - after.x, before.y - after.y);
    }
    drag.pointers.set(event.pointerId, after);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    window.addEventListener(name, (event) => drag.pointers.delete(event.pointerId));
  }
  new ResizeObserver(() => {
    const { width, height } = viewSize();
    if (!width || !height) return;
    if (!placed.width) {
      placeAtFirst();
      markRoot();
    } else pan((placed.width - width) / 2, (placed.height - height) / 2); // the middle stays there
  }).observe(view);
}
