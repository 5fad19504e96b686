// A program as data, bound once: every place gets its memory, and every call its arrays.

function memoryOf({ shapes, seen, contents }) {
  const memory = shapes.map((shape, place) => place in seen ? null : kernels.empty(shape));
  reshaped(seen, shapes, memory);
  for (const [place, array] of Object.entries(contents)) memory[place].values.set(valuesOf(array));
  return memory;
}

// The same memory in another shape.
function reshaped(seen, shapes, memory) {
  for (const [place, of] of Object.entries(seen)) {
    memory[place] = { shape: shapes[place], values: memory[of].values };
  }
}

function boundCalls(program, phase, memory) {
  const at = (place) => Array.isArray(place) ? place.map(at) : memory[place];
  return (program.calls[phase] ?? []).map(([which, place, operands, ...settings]) =>
    boundCall(kernels[program.functions[which]], [...operands.map(at), ...settings, memory[place]]));
}

// Written out, because a call with a spread array takes three times as long.
function boundCall(run, [a, b, c, d, e, f]) {
  if (c === undefined) return () => run(a, b);
  if (d === undefined) return () => run(a, b, c);
  if (e === undefined) return () => run(a, b, c, d);
  return f === undefined ? () => run(a, b, c, d, e) : () => run(a, b, c, d, e, f);
}

// The forward pass once more, with other numbers in some places: the calls, and the memory.
function forwardWith(program, memory, others) {
  const own = [...memory];
  for (const [place, other] of others) own[place] = other;
  for (const [, place] of program.calls.forward ?? []) own[place] = kernels.empty(program.shapes[place]);
  reshaped(program.seen, program.shapes, own);
  return { calls: boundCalls(program, "forward", own), memory: own };
}
