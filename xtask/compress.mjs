// Writes FILE.br and FILE.gz beside each FILE named, at the best quality, unless they would not be smaller.
// Node's zlib is compiled C, so this takes seconds where an unoptimised build of a Rust crate takes minutes.
import { readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

// No one setting is the best for every file, and a visitor downloads what is tried here once: block size,
// mode, direct distances.
const settings = [
  {},
  { [constants.BROTLI_PARAM_LGBLOCK]: 16, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_FONT },
  { [constants.BROTLI_PARAM_NDIRECT]: 8 },
];
const brotli = async (bytes) => {
  const common = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const tries = settings.map((more) => promisify(brotliCompress)(bytes, { params: { ...common, ...more } }));
  return (await Promise.all(tries)).reduce((best, one) => (one.length < best.length ? one : best));
};
const gz = (bytes) => promisify(gzip)(bytes, { level: 9 });

async function sibling(file, suffix, compress) {
  const bytes = await readFile(file);
  const smaller = await compress(bytes);
  if (smaller.length < bytes.length) await writeFile(file + suffix, smaller);
  else await rm(file + suffix, { force: true });
}

await Promise.all(process.argv.slice(2).flatMap((file) => [sibling(file, ".br", brotli), sibling(file, ".gz", gz)]));
