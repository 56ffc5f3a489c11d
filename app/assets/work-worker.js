// Finds proofs of work, off the page's thread: see app/model/src/types/challenge.rs for what is asked.
//
// In:  { id, rounds, bits }, as JSON
// Out: a nonce for each round, as JSON, so that SHA-256 of nonce, round and id begins with so many zero bits.
//
// Plain numbers, since WebCrypto takes a promise for each hash and finds a tenth as many. What is hashed has
// to fit one block with its padding: an id of at most 47 ASCII characters.

const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const START = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const K = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

// The first word of the SHA-256 (FIPS 180-4 §6.2.2) of the one block in w[0..16].
function firstWord(w) {
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15];
    const y = w[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  return (START[0] + a) | 0;
}

function solve({ id, rounds, bits }) {
  const w = new Int32Array(64);
  const block = new DataView(new ArrayBuffer(64));
  [...id].forEach((character, at) => block.setUint8(8 + at, character.charCodeAt(0)));
  block.setUint8(8 + id.length, 0x80);
  block.setUint32(60, (8 + id.length) * 8);
  for (let t = 2; t < 16; t++) w[t] = block.getInt32(t * 4);
  return Array.from({ length: rounds }, (_, round) => {
    w[1] = round;
    let nonce = 0;
    for (w[0] = 0; Math.clz32(firstWord(w)) < bits; w[0] = ++nonce);
    return nonce;
  });
}

addEventListener("message", ({ data }) => postMessage(JSON.stringify(solve(JSON.parse(data)))));
