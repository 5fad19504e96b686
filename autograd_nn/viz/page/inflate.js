// The script of the page travels compressed (RFC 1951), a third of its size. It is run as a script
// whose hash the policy of the page names, as it names this one.

function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const out = [];
  let bit = 0;
  const next = (many) => {
    let value = 0;
    for (let i = 0; i < many; i += 1, bit += 1) value |= ((bytes[bit >> 3] >> (bit & 7)) & 1) << i;
    return value;
  };

  // Which symbols have codes of each length: that is all that there is to know of a code.
  const coded = (lengths) => {
    const found = Array.from({ length: 16 }, () => []);
    lengths.forEach((length, symbol) => length && found[length].push(symbol));
    return found;
  };
  const symbol = (code) => {
    for (let length = 1, at = 0, first = 0; ; length += 1) {
      at |= next(1);
      if (at - first < code[length].length) return code[length][at - first];
      first = (first + code[length].length) << 1;
      at <<= 1;
    }
  };

  function lengthsGiven() {
    const [literals, distances, given] = [next(5) + 257, next(5) + 1, next(4) + 4];
    const own = new Array(19).fill(0);
    const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    for (let i = 0; i < given; i += 1) own[order[i]] = next(3);
    const code = coded(own), lengths = [];
    while (lengths.length < literals + distances) {
      const found = symbol(code);
      if (found < 16) lengths.push(found);
      else {
        const repeated = found === 16 ? lengths.at(-1) : 0;
        const many = found === 16 ? 3 + next(2) : found === 17 ? 3 + next(3) : 11 + next(7);
        for (let i = 0; i < many; i += 1) lengths.push(repeated);
      }
    }
    return [coded(lengths.slice(0, literals)), coded(lengths.slice(literals))];
  }

  function commonLengths() {
    const many = (count, length) => new Array(count).fill(length);
    const literals = [many(144, 8), many(112, 9), many(24, 7), many(8, 8)].flat();
    return [coded(literals), coded(many(30, 5))];
  }

  function block([literals, distances]) {
    for (let found = symbol(literals); found !== 256; found = symbol(literals)) {
      if (found < 256) out.push(found);
      else {
        const extra = found < 265 || found === 285 ? 0 : (found - 261) >> 2;
        const step = found - 257;
        const base = found === 285 ? 258 : extra ? ((4 + (step & 3)) << extra) + 3 : step + 3;
        const many = base + next(extra);
        const near = symbol(distances), more = near < 4 ? 0 : (near >> 1) - 1;
        const distance = (more ? ((2 + (near & 1)) << more) + 1 : near + 1) + next(more);
        for (let i = 0; i < many; i += 1) out.push(out[out.length - distance]);
      }
    }
  }

  for (let isLast = 0; !isLast;) {
    isLast = next(1);
    block(next(2) === 2 ? lengthsGiven() : commonLengths()); // text is never stored as it is
  }
  return new TextDecoder().decode(Uint8Array.from(out));
}

function run(text) {
  const script = document.createElement("script");
  script.textContent = inflated(text);
  document.body.append(script);
}
