// Makes each WASM FILE named as small as binaryen can, in place. One process for all: binaryen is compiled anew
// by every process that loads it, which takes longer than what there is to do for most of the parts.
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

// Parts have names of a kind that binaryen doesn't know, and every one of them would be told of.
for (const method of ["error", "warn"]) {
  const say = console[method];
  console[method] = (...text) => String(text[0]).startsWith("warning: unknown name subsection") || say(...text);
}

const [library, ...files] = process.argv.slice(2);
const { default: binaryen } = await import(pathToFileURL(library).href);

// What rustc assumes of browsers for this target; a module that uses more is refused.
const { BulkMemory, BulkMemoryOpt, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } =
  binaryen.Features;
const features = BulkMemory | BulkMemoryOpt | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt;

binaryen.setDebugInfo(false);
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
// Also what is emitted, as a stack machine's code.
binaryen.setGenerateStackIR(true);
binaryen.setOptimizeStackIR(true);
// Offsets may be put into loads and stores. The first KiB is the stack's end: a program that comes there has overflowed it.
binaryen.setLowMemoryUnused(true);

for (const file of files) {
  const module = binaryen.readBinary(await readFile(file));
  module.setFeatures(features);
  // The first passes leave small steps behind that the following ones can put together anew.
  module.runPasses(["flatten", "rereloop"]);
  module.optimize();
  module.optimize();
  module.runPasses(["strip-debug", "strip-producers"]);
  if (!module.validate()) throw new Error(`${file} isn't valid any more`);
  await writeFile(file, module.emitBinary());
  module.dispose();
}
