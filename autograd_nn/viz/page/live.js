// The engine of the page: the recorded program, run anew on every change. What the page shows are
// views of its memory. A step of training is made of what the update has computed before, so that
// parameters and gradients always belong together.

const UNDONE = 200; // so many changes can be taken back
const TOGETHER = 250; // milliseconds within which changes of one kind are taken back together

const live = (() => {
  let program = null, memory = [], living = [], ahead = null;
  let steps = 0, version = 0, log = [], start = null, isScheduled = false;
  const phases = {}, past = [], listeners = [];

  function begin() {
    program = data.live ?? null;
    if (!program) return;
    memory = memoryOf(program);
    for (const [id, place] of Object.entries(program.leaves)) {
      const { value } = nodes.get(id);
      memory[place].values.set(valuesOf(value));
      value.values = memory[place].values;
    }
    for (const phase of Object.keys(program.calls)) {
      phases[phase] = boundCalls(program, phase, memory);
    }
    const parts = Object.values(program.parts).map(([place]) => place);
    const places = [...Object.values(program.leaves), ...parts, ...Object.values(program.settings)];
    const moving = program.updates.map(([old]) => old);
    living = [...new Set([...places, ...moving])].map((place) => memory[place].values);
    const moved = program.updates.map(([old, made]) => [old, memory[made]]);
    if (moved.length) ahead = forwardWith(program, memory, moved);
    isScheduled = program.rates !== null && program.settings.learning_rate !== undefined;
    recompute();
    start = kept();
  }

  const runAll = (calls = []) => {
    for (const call of calls) call();
  };

  function passes() {
    runAll(phases.forward);
    runAll(phases.backward);
    runAll(phases.update);
  }

  function recompute() {
    passes();
    runAll(phases.receipt);
    runAll(ahead?.calls);
    version += 1;
  }

  function commit() {
    for (const [old, made] of program.updates) memory[old].values.set(memory[made].values);
    const { iteration } = program.settings;
    if (iteration !== undefined) memory[iteration].values[0] += 1;
    steps += 1;
    if (!isScheduled) return;
    const rates = valuesOf(program.rates.values);
    memory[program.settings.learning_rate].values[0] = rates[Math.min(steps, rates.length - 1)];
  }

  // ---------------------------------------------------------------- what changes

  // Where the numbers of a node are that can be set: the memory, and the place there of number i.
  const leaf = (id) => {
    const [place, which] = program.parts[id] ?? [program.leaves[id], null];
    const own = which && valuesOf(which);
    return { values: memory[place].values, at: (i) => own ? own[i] : i };
  };
  const isLeaf = (id) => program !== null && (id in program.leaves || id in program.parts);

  const fitting = (id, x) => {
    const { dtype } = nodes.get(id).value;
    return dtype === "bool" ? Number(Boolean(x)) : /int/.test(dtype) ? Math.round(x) : Number(x);
  };

  // What lives on from step to step, as it is.
  const kept = () => ({ steps, log, isScheduled, values: living.map((values) => values.slice()) });

  function putBack(before) {
    ({ steps, log, isScheduled } = before);
    living.forEach((values, i) => values.set(before.values[i]));
  }

  const sameKind = (a, b) => {
    if (!a || a[0] !== b[0]) return false;
    if (a[0] === "some") return samePlaces(a[1], b[1]);
    return a[0] === "train" || a[0] === "rate" || (a[1] === b[1] && (a[0] === "all" || a[2] === b[2]));
  };
  const samePlaces = (a, b) => a.length === b.length &&
    a.every(([id, i], k) => id === b[k][0] && i === b[k][1]);

  // The log with one more action: steps one after the other are counted, and of several numbers
  // for one place the last stays.
  function longer(action) {
    const last = log.at(-1);
    if (!sameKind(last, action)) return [...log, action];
    const both = action[0] === "train" ? ["train", last[1] + action[1]] : action;
    return [...log.slice(0, -1), both];
  }

  // `goesOn`: as part of what was done last, which is taken back with it.
  function changed(action, change, goesOn) {
    const before = kept();
    try {
      change();
      recompute();
    } catch (error) { // a label that is no class
      putBack(before);
      recompute();
      throw error;
    }
    log = longer(action);
    remember(before, action, goesOn);
    tell();
  }

  function remember(before, action, goesOn = false) {
    const at = performance.now(), last = past.at(-1);
    const joins = last && sameKind(last.action, action) && (goesOn || at - last.at < TOGETHER);
    if (joins) last.at = at;
    else past.push({ before, action, at });
    if (past.length > UNDONE) past.shift();
  }

  function tell() {
    for (const listener of listeners) listener();
  }

  const ACTIONS = {
    set: (id, i, x) => {
      const { values, at } = leaf(id);
      const number = fitting(id, x), classes = program.classes[id] ?? Infinity;
      if (classes < Infinity && !(number >= 0 && number < classes)) {
        throw new RangeError(`${number} is none of ${classes} classes`);
      }
      values[at(i)] = number;
    },
    some: (places) => places.forEach(([id, i, x]) => ACTIONS.set(id, i, x)),
    all: (id, numbers) => numbers.forEach((x, i) => ACTIONS.set(id, i, x)),
    rate: (a) => {
      isScheduled = false;
      memory[program.settings.learning_rate].values[0] = a;
    },
    train: (n) => {
      for (let k = 0; k < n; k += 1) {
        commit();
        if (k + 1 < n) passes();
      }
    },
  };

  const isAction = ([kind, ...given]) => {
    if (kind === "train") return live.canTrain() && Number.isInteger(given[0]) && given[0] > 0;
    if (kind === "rate") return live.rate() !== null && Number.isFinite(given[0]);
    if (kind === "some") return Array.isArray(given[0]) && given[0].every((place) => isAction(["set", ...place]));
    if (!isLeaf(given[0])) return false;
    const size = sizeOf(nodes.get(given[0]).value.shape);
    if (kind === "all") return Array.isArray(given[1]) && given[1].length === size && given[1].every(Number.isFinite);
    return kind === "set" && Number.isInteger(given[1]) && given[1] >= 0 && given[1] < size &&
      Number.isFinite(given[2]);
  };

  function doAction(action, goesOn = false) {
    if (!isAction(action)) throw new RangeError(`not possible here: ${action.slice(0, 3)}`);
    changed(action, () => ACTIONS[action[0]](...action.slice(1)), goesOn);
  }

  return {
    begin,
    get isOn() { return program !== null; },
    // Counts up with every computation.
    version: () => version,
    canSet: isLeaf,
    canTrain: () => (program?.updates.length ?? 0) > 0,
    set: (id, i, x) => doAction(["set", id, i, x]),
    // The numbers of a node that can be set, as they were recorded.
    recorded(id) {
      const { values, at } = leaf(id);
      const first = start.values[living.indexOf(values)];
      return Float64Array.from(valuesOf(nodes.get(id).value), (_, i) => first[at(i)]);
    },
    setAll: (id, values) => doAction(["all", id, Array.from(values)]),
    // Some numbers at once, [[id, i, x], …]: one change, which is taken back as one.
    setSome: (places, goesOn = false) => doAction(["some", places], goesOn),
    train: (n = 1, goesOn = false) => doAction(["train", n], goesOn),
    rate() {
      const place = program?.settings.learning_rate;
      return place === undefined ? null : memory[place].values[0];
    },
    // Of how many steps the schedule that is followed has said the rates, once they are over.
    rateEndedAt: () => (isScheduled && steps >= program.rates.known ? program.rates.known : null),
    setRate: (a) => doAction(["rate", a]),
    count: () => steps,
    lossValue() {
      const { values } = memory[program.root];
      return values.length === 1 ? values[0] : null;
    },
    // What the page computes at first where it is not what was recorded, beyond rounding.
    differing() {
      const then = program?.recorded ?? null;
      if (then === null) return null;
      const now = live.lossValue();
      const limit = 1e-4 * Math.max(Math.abs(now), Math.abs(then)) + 1e-7;
      return Math.abs(now - then) <= limit ? null : { now, then };
    },
    // The loss with another number in one place; nothing stays of it.
    lossWith(id, i, x) {
      const { values, at } = leaf(id);
      const own = values[at(i)];
      ACTIONS.set(id, i, x);
      runAll(phases.forward);
      const loss = live.lossValue();
      values[at(i)] = own;
      runAll(phases.forward);
      return loss;
    },
    canUndo: () => past.length > 0,
    undo() {
      if (!past.length) return;
      putBack(past.pop().before);
      recompute();
      tell();
    },
    reset() {
      const before = kept();
      putBack(start);
      recompute();
      remember(before, ["reset"]);
      tell();
    },
    onChange: (listener) => { listeners.push(listener); },
    // What was done since the start, small enough for an address.
    state: () => ({ actions: log }),
    restore({ actions }) {
      const before = kept();
      putBack(start);
      try {
        for (const action of actions) {
          if (!isAction(action)) continue;
          ACTIONS[action[0]](...action.slice(1));
          passes();
          log = longer(action);
        }
      } catch { // an address of another page
        putBack(start);
      }
      recompute();
      remember(before, ["restore"]);
      tell();
    },
    // The numbers of a place; -1 is the loss with the parameters that the update makes.
    valuesAt: (place) => (place < 0 ? ahead.memory[program.root] : memory[place]).values,
    // The nodes of a batch of points with two features, of its labels, and of what is predicted; null
    // where the graph has none.
    get predicts() { return program?.predicts ?? null; },
    // What is predicted for other points, two numbers each: one row of numbers for each.
    predict(points, rows = points.length / 2) {
      const [given, result] = [program.predicts.given, program.predicts.result].map((place) => memory[place]);
      const most = given.shape[0], wide = result.values.length / most;
      const found = new Float64Array(rows * wide);
      for (let row = 0; row < rows; row += most) {
        given.values.set(points.slice(2 * row, 2 * Math.min(row + most, rows)));
        runAll(phases.predict);
        found.set(result.values.subarray(0, wide * Math.min(most, rows - row)), row * wide);
      }
      return found;
    },
    hasRow: (id) => program.probes[id] !== undefined,
    // The local derivatives of element i of a node by every element of each input, by its slot.
    row(id, i) {
      const [seed, results] = program.probes[id];
      memory[seed].values.fill(0);
      memory[seed].values[i] = 1;
      runAll(phases[id]);
      return Object.fromEntries(
        Object.entries(results).map(([slot, place]) => [slot, memory[place].values]));
    },
  };
})();
