// Types from the service's own description of its API, for src/api/conforms.ts.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const description = new URL("../../docs/reference/openapi.json", import.meta.url);
const types = await openapiTS(JSON.parse(readFileSync(description, "utf8")));
writeFileSync(
  new URL("../src/api/schema.ts", import.meta.url),
  `// Made by npm run schema from docs/reference/openapi.json; not written by hand.\n${astToString(types)}`,
);
