// How the model answers at a frame, in the form that its data have.

const showAnswers = { plane: showPlane, images: showImages, curve: showCurve, points: showPoints, table: showTable };

const captions = {
  plane: "filming.plane", images: "filming.images", curve: "filming.curve", points: "filming.points", table: "filming.table",
};

function showPlane(place, answers, codes) {
  const ground = { side: answers.side, ...decisionsOf(codes, answers.names.length) };
  if (!place.childElementCount) {
    place.append(el("canvas", { role: "img" }), legendOfClasses(answers.names));
  }
  const canvas = place.querySelector("canvas");
  const right = onTheirGround(ground, answers, answers);
  const many = { right, count: answers.targets.length };
  canvas.setAttribute("aria-label", say("filming.plane_said", many));
  drawBoundary(canvas, ground, answers, answers);
}

function showImages(place, answers, codes) {
  const { classes, shares } = decisionsOf(codes, answers.names.length);
  if (!place.childElementCount) {
    place.append(el("ul", { class: "images" }, ...answers.targets.map((_, n) => {
      const canvas = el("canvas", { "aria-hidden": "true" });
      drawImage(canvas, answers.images, n, answers.shape);
      return el("li", {}, canvas, el("span"));
    })));
  }
  place.querySelectorAll("li").forEach((item, n) => {
    const target = answers.targets[n];
    const isRight = classes[n] === target;
    item.className = isRight ? "right" : "wrong";
    const named = classes[n] < 0 ? "nan" : answers.names[classes[n]];
    item.lastChild.textContent = isRight ? `${named} ✓` : `${named} ✗ (${answers.names[target]})`;
    item.title = say("filming.image_said", {
      named, target: answers.names[target], lead: number(Math.round(100 * shares[n])),
    });
  });
}

function drawImage(canvas, bytes, n, [height, width, colors]) {
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  const picture = pen.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    for (let k = 0; k < 3; k += 1) {
      picture.data[4 * i + k] = bytes[(n * width * height + i) * colors + (colors === 3 ? k : 0)];
    }
    picture.data[4 * i + 3] = 255;
  }
  pen.putImageData(picture, 0, 0);
}

function showCurve(place, answers, codes) {
  const values = numbersOf(codes, ...answers.down);
  const [left, right] = answers.across;
  const along = (i) => left + (right - left) * i / (values.length - 1);
  const picture = chart(place, say("filming.curve_said", { count: answers.x.length }));
  const at = drawFrame(picture, answers.across, answers.down);
  answers.x.forEach((x, i) => {
    picture.append(svg("circle", { class: "sample", cx: at.x(x), cy: at.y(answers.y[i]), r: 3 }));
  });
  const points = [...values].flatMap((y, i) => (Number.isNaN(y) ? [] : [`${at.x(along(i))},${at.y(y)}`]));
  picture.append(svg("polyline", { class: "curve answer", points: points.join(" ") }));
}

function showPoints(place, answers, codes) {
  const values = numbersOf(codes, ...answers.down);
  const picture = chart(place, say("filming.points_said", { count: values.length }));
  const at = drawFrame(picture, answers.across, answers.down);
  const [low, high] = answers.across;
  const line = { x1: at.x(low), x2: at.x(high), y1: at.y(low), y2: at.y(high) };
  picture.append(svg("line", { class: "grid level", ...line }));
  values.forEach((y, i) => {
    if (Number.isNaN(y)) return;
    picture.append(svg("circle", { class: "sample", cx: at.x(answers.x[i]), cy: at.y(y), r: 3 }));
  });
}

function chart(place, label) {
  if (!place.childElementCount) place.append(svg("svg", { class: "chart", role: "img" }));
  place.firstChild.setAttribute("aria-label", label);
  return place.firstChild;
}

// Rows are what samples are, columns what they are taken for.
function showTable(place, { names }, codes) {
  const size = names.length + 1;
  const isUsed = [...codes].some((count, i) => count && (i % size === names.length || i >= size * names.length));
  const heads = isUsed ? [...names, say("filming.others")] : names;
  const cell = (row, column) => {
    const count = codes[row * size + column];
    const kind = row === column ? "right" : count ? "wrong" : "";
    return el("td", { class: kind }, String(count));
  };
  const head = (text, scope) => el("th", { scope }, text);
  const about = { class: "wide", tabindex: "0", role: "region", "aria-labelledby": "caption" };
  place.replaceChildren(el("div", about, el("table", { "aria-labelledby": "caption" },
    el("thead", {}, el("tr", {}, el("td"), ...heads.map((name) => head(name, "col")))),
    el("tbody", {}, ...heads.map((name, row) =>
      el("tr", {}, head(name, "row"), ...heads.map((_, column) => cell(row, column))))))));
}
