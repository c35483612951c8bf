// Beside each file that gains by it lie its compressed forms, which the server
// sends as they are. Made once, here, so that it never compresses anything.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const SITE = new URL("../build/site/", import.meta.url).pathname;
const TEXTS = new Set([".js", ".css", ".svg", ".json", ".txt", ".webmanifest"]);

for (const entry of readdirSync(SITE, { recursive: true, withFileTypes: true })) {
  // index.html gets a nonce with every response: it is sent as it is.
  if (!entry.isFile() || !TEXTS.has(extname(entry.name))) continue;
  const file = join(entry.parentPath, entry.name);
  const plain = readFileSync(file);
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  for (const [ending, packed] of [
    ["br", brotliCompressSync(plain, { params: quality })],
    ["gz", gzipSync(plain, { level: 9 })],
  ]) {
    if (packed.length < plain.length) writeFileSync(`${file}.${ending}`, packed);
  }
}
