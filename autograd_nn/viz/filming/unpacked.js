// What was packed in a byte for each number, all frames one after the other.

// The bytes of every frame: they travel as what changed since the last one, deflated.
async function unpacked({ frames, size, data: text }) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const codes = new Uint8Array(await new Response(stream).arrayBuffer());
  for (let i = size; i < codes.length; i += 1) codes[i] += codes[i - size]; // modulo 256
  return Array.from({ length: frames }, (_, n) => codes.subarray(n * size, (n + 1) * size));
}

const STEPS = 254; // the codes of numbers are 0 … 254; 255 is what is not finite

function numbersOf(codes, low, high) {
  return Float64Array.from(codes, (code) => (code > STEPS ? NaN : low + (code / STEPS) * (high - low)));
}

// The class that each answer names, −1 where it is not finite, and by how much it is ahead.
function decisionsOf(codes, count) {
  const shades = Math.floor((STEPS + 1) / count);
  return {
    classes: Int16Array.from(codes, (code) => (code > STEPS ? -1 : Math.floor(code / shades))),
    shares: Float64Array.from(codes, (code) => (code > STEPS ? 0 : (code % shades) / (shades - 1))),
  };
}
