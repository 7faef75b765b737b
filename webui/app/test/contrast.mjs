// contrast.mjs - proves that every pair of colours that may meet holds WCAG 2.2 AA in both themes.
// Run: node test/contrast.mjs   Exit 1 if a pair fails or if the two dark blocks differ.
import { readFileSync } from "node:fs";

const css = readFileSync(new URL("../src/style/tokens.css", import.meta.url), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
const block = (head) => {
  const from = css.indexOf("{", css.indexOf(head));
  const vars = {};
  for (const m of css.slice(from, css.indexOf("}", from)).matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)) vars[m[1]] = m[2];
  return vars;
};
const light = block(":root {");
const dark = block(':root[data-theme="dark"]');
const auto = block(':root:not([data-theme="light"])');

const lum = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
  .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const ratio = (a, b) => {
  const [hi, lo] = [lum(a), lum(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
};

const grounds = ["bg", "surface", "inset"];
const states = ["synced", "pending", "offline", "attention", "unknown"];
const solids = ["offline", "attention"];                    // with words on them
const pairs = [
  ...grounds.flatMap((g) => ["text", "text-2", "lake", "lake-press", "sun-text", ...states].map((t) => [t, g, 4.5])),
  ...["lake-tint", "sun-tint", ...states.map((s) => s + "-tint")].flatMap((g) => [["text", g, 4.5], ["text-2", g, 4.5]]),
  ...states.flatMap((s) => [[s, s + "-tint", 4.5], ...(solids.includes(s) ? [["on-" + s, s + "-solid", 4.5]] : [])]),
  ["lake", "lake-tint", 4.5], ["on-lake", "lake", 4.5], ["on-lake", "lake-press", 4.5], ["sun-text", "sun-tint", 4.5],
  ...grounds.flatMap((g) => [["edge", g, 3], ["focus", g, 3], ["sun-edge", g, 3], ["lake", g, 3]]),
  ...["pending", ...solids].flatMap((s) => grounds.map((g) => [s + "-solid", g, 3])),
  ["focus", "lake-tint", 3], ["focus", "sun-tint", 3],
];

let failed = 0;
for (const [name, theme] of [["light", light], ["dark", dark]]) {
  let worst = [Infinity];
  for (const [a, b, need] of pairs) {
    if (!theme[a] || !theme[b]) throw new Error(`no value for ${a} or ${b} in ${name}`);
    const r = ratio(theme[a], theme[b]);
    if (r / need < worst[0]) worst = [r / need, a, b, r, need];
    if (r < need) { failed++; console.log(`${name}: ${a} on ${b} is ${r.toFixed(2)}, needs ${need}`); }
  }
  console.log(`${name}: ${pairs.length} pairs, closest ${worst[1]} on ${worst[2]} ${worst[3].toFixed(2)} (needs ${worst[4]})`);
}
for (const key of Object.keys(dark)) if (dark[key] !== auto[key]) { failed++; console.log(`dark blocks differ in ${key}`); }
if (Object.keys(dark).length !== Object.keys(auto).length) { failed++; console.log("dark blocks differ in length"); }
process.exit(failed ? 1 : 0);
