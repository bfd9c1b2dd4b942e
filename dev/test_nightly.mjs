// `npm run test:nightly`: what takes too long for every day (dev/test_parts.mjs), all of it or, by
// name, some. `npm test` is no part of it.

import { main as test } from "./test.mjs";
import { parts } from "./test_parts.mjs";
import { bold, dim, say } from "./progress.mjs";

/** @param {string[]} args */
export async function main(args) {
  if (args.length === 0) announce();
  return test(args, "nightly");
}

function announce() {
  const nightly = parts.filter(({ when }) => when === "nightly");
  const minutes = nightly.reduce((sum, part) => sum + (part.minutes ?? 0), 0);
  const width = Math.max(...nightly.map(({ name }) => name.length));
  say(bold(`About ${minutes} minutes on two cores, after the builds:`));
  for (const { name, what, minutes } of nightly)
    say(`  ${name.padEnd(width)}  ${dim(`${minutes} min`.padStart(6))}  ${what}`);
}
