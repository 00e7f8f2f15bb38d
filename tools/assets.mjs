// Copies the few front-end files our pages load from node_modules into static/vendor (run by `npm run build`).
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const vendor = join(root, "src", "creditmesh", "web", "static", "vendor");

const FILES = {
  "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
  "htmx.org/dist/htmx.min.js": "htmx.min.js",
  "echarts/dist/echarts.common.min.js": "echarts.min.js",
};
const LICENCES = {
  "@tabler/core/LICENSE": "tabler.LICENSE.txt",
  "htmx.org/LICENSE": "htmx.LICENSE.txt",
  "echarts/LICENSE": "echarts.LICENSE.txt",
  "echarts/NOTICE": "echarts.NOTICE.txt",
};

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
for (const [from, to] of Object.entries(FILES)) {
  // Source maps are not shipped, and a hashed static storage refuses a reference to a missing file.
  const text = readFileSync(join(modules, from), "utf8").replace(/(\/\*#|\/\/#) sourceMappingURL=[^\n]*\n?/g, "");
  writeFileSync(join(vendor, to), text);
}
for (const [from, to] of Object.entries(LICENCES)) {
  try {
    cpSync(join(modules, from), join(vendor, to));
  } catch {
    console.warn(`no licence file at ${from}`);
  }
}
console.log(`assets: ${Object.values(FILES).join(", ")} -> src/creditmesh/web/static/vendor`);
