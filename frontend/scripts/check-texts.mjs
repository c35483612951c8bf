// Every text in the code stands in every catalogue, and is translated.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../src/locales/", import.meta.url);
const catalogues = () =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith(".po"))
      .map((name) => [name, readFileSync(new URL(name, folder), "utf8")]),
  );
// The time of extraction is no change.
const content = (text) => text.replace(/^"POT-Creation-Date:.*$/m, "");

const before = catalogues();
execFileSync("node_modules/.bin/lingui", ["extract", "--clean"], { stdio: "pipe" });
const after = catalogues();
const faults = [];
for (const [name, text] of Object.entries(after)) {
  if (content(text) !== content(before[name] ?? "")) {
    faults.push(`${name} was stale and has been extracted anew: commit it`);
  }
  const open = (text.match(/^msgstr ""$\n(?!")/gm) ?? []).length;
  if (open > 0) faults.push(`${name}: ${open} texts are not translated`);
}
if (faults.length > 0) {
  for (const fault of faults) console.error(fault);
  process.exit(1);
}
