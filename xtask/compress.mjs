// Writes FILE.br and FILE.gz beside each FILE named, at the best quality, unless they would not be smaller.
// Node's zlib is compiled C, so this takes seconds where an unoptimised build of a Rust crate takes minutes.
import { readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const brotli = (bytes) =>
  promisify(brotliCompress)(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
const gz = (bytes) => promisify(gzip)(bytes, { level: 9 });

async function sibling(file, suffix, compress) {
  const bytes = await readFile(file);
  const smaller = await compress(bytes);
  if (smaller.length < bytes.length) await writeFile(file + suffix, smaller);
  else await rm(file + suffix, { force: true });
}

await Promise.all(process.argv.slice(2).flatMap((file) => [sibling(file, ".br", brotli), sibling(file, ".gz", gz)]));
