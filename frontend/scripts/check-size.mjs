// What a first visit loads must stay small: the scripts that index.html names,
// with what they import at once, and the page of the keys.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const LIMIT = 200_000;
const SITE = new URL("../build/site/", import.meta.url).pathname;
// What does not gain by it lies there as it is.
const size = (path) => {
  const packed = join(SITE, `${path}.br`);
  return statSync(existsSync(packed) ? packed : join(SITE, path)).size;
};

const seen = new Set();
function follow(path) {
  if (seen.has(path)) return;
  seen.add(path);
  const text = readFileSync(join(SITE, path), "utf8");
  // Static imports only: those of import() come when their page does.
  for (const [, file] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
    follow(`assets/${file}`);
  }
}

const html = readFileSync(join(SITE, "index.html"), "utf8");
for (const [, path] of html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)) follow(path);
const assets = readdirSync(join(SITE, "assets"));
for (const name of ["keys", "en"]) {
  const file = assets.find((asset) => new RegExp(`^${name}-[\\w-]{8}\\.js$`).test(asset));
  if (!file) throw new Error(`no chunk is named ${name}`);
  follow(`assets/${file}`);
}
const total = [...seen].reduce((sum, path) => sum + size(path), 0);
console.log(
  `first load: ${total} bytes of compressed script in ${seen.size} files (${LIMIT} at most)`,
);
if (total > LIMIT) {
  for (const path of seen) console.error(`  ${size(path)}  ${path}`);
  process.exit(1);
}
