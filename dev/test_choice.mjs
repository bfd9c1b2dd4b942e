// Which tests a command line means: parts by their names, files, or tests by words of their names.
// Not here: whether there is such a test, which only shows when it runs, since names are composed.
//
//     npm test                                   everything of a day
//     npm test -- worker sdk                     two parts
//     npm test -- worker races                   one file of a part
//     npm test -- rust endpoints::token::refresh some native tests
//     npm test -- "the code signs in, once"      wherever there is such a test
//     npm test -- rust -- --nocapture            arguments for the part's own test runner

import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inCheckout, root } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { filesOf, parts } from "./test_parts.mjs";

/** @typedef {import("./test_parts.mjs").Part} Part */

/**
 * @typedef {object} Job tests that run in one process
 * @property {Part} part
 * @property {string} [file] of tests in Node.js; without one it is native tests
 * @property {string[]} names words of the names of the tests; none for all
 * @property {string[]} args for the test runner
 * @property {Record<string, string>} env
 */

/**
 * @param {string[]} args @param {Part["when"]} when which parts are meant by no name at all
 * @returns {Job[]}
 */
export function choose(args, when) {
  const flagged = args.findIndex((word) => word.startsWith("-"));
  const words = flagged < 0 ? args : args.slice(0, flagged);
  const flags = flagged < 0 ? [] : args.slice(flagged);
  /** @type {Job[]} */
  const jobs = [];
  for (let at = 0; at < words.length;) {
    const part = named(words[at]);
    if (!part) {
      jobs.push(...anywhere(words[at]));
      at += 1;
      continue;
    }
    const next = words.findIndex((word, index) => index > at && named(word));
    const narrowing = words.slice(at + 1, next < 0 ? undefined : next);
    jobs.push(...(narrowing.length > 0 ? narrowing.flatMap((word) => within(part, word)) : wholly(part)));
    at += 1 + narrowing.length;
  }
  const chosen =
    words.length > 0 ? merged(jobs) : parts.filter((part) => part.when === when).flatMap((part) => wholly(part));
  return chosen.map((job) => ({ ...job, args: flags }));
}

/** @param {string} word */
const named = (word) => parts.find(({ name }) => name === word);

/** @param {Part} part @returns {Job[]} */
function wholly(part) {
  const files = filesOf(part);
  if (part.files && files.length === 0)
    throw new Failure(`no file matches ${part.files}, of which ${part.name} consists`);
  return [...(part.rust ? [job(part, { names: part.rust })] : []), ...files.map((file) => job(part, { file }))];
}

/** @param {Part} part @param {Partial<Job>} [what] @returns {Job} */
const job = (part, what = {}) => ({ part, names: [], args: [], env: {}, ...what });

/** What a word means that follows the name of a part. @param {Part} part @param {string} word */
function within(part, word) {
  const files = filesNamed(part, word);
  const found = files.length > 0 ? files : testsNamed(part, word);
  if (found.length > 0) return found;
  return wholly(part).map((whole) => ({ ...whole, names: [word] }));
}

/** What a word means that follows no name of a part. @param {string} word */
function anywhere(word) {
  const searched = parts.filter(({ when, files }) => when === "daily" || files?.startsWith("tests/nightly/"));
  const files = searched.flatMap((part) => filesNamed(part, word));
  const found = files.length > 0 ? files : searched.flatMap((part) => testsNamed(part, word));
  if (found.length > 0) return found;
  const names = (/** @type {Part["when"]} */ when) =>
    parts.filter((part) => part.when === when).map(({ name }) => name);
  throw new Failure(
    `there is no part, no file and no test \`${word}\`: name a part (${names("daily").join(", ")}; of the nightly ones ${names("nightly").join(", ")}), a file of tests, or words of a test's name`,
  );
}

/** @param {Part} part @param {string} word the name of a file or folder of tests */
function filesNamed(part, word) {
  const module = part.rust && moduleOf(word);
  return [
    ...(module ? [job(part, { names: [module] })] : []),
    ...filesOf(part)
      .filter((file) => isNameOf(word, file))
      .map((file) => job(part, { file })),
  ];
}

/** @param {Part} part @param {string} word in the name of a test */
const testsNamed = (part, word) => [
  ...(part.rust && nativeTests().some((path) => path.includes(word)) ? [job(part, { names: [word] })] : []),
  ...filesOf(part).flatMap((file) => testsIn(part, file, word)),
];

/** `tests/workerd/races.test.mjs` is also `races.test.mjs`, `races`, and in `tests/workerd`. */
const isNameOf = (/** @type {string} */ word, /** @type {string} */ file) =>
  [file, basename(file), basename(file, ".test.mjs")].includes(word) || file.startsWith(`${word.replace(/\/$/, "")}/`);

/**
 * The path of the tests in a Rust file, as in `endpoints::token::refresh::`.
 * @param {string} word
 */
function moduleOf(word) {
  const [, path] = word.match(/^tests\/(.+)\.rs$/) ?? [];
  return path && existsSync(inCheckout(word)) ? modulePath(path) : undefined;
}

/** @param {string} path without its ending */
const modulePath = (path) => `${path.replace(/\/mod$/, "").replaceAll("/", "::")}::`;

/** The functions of the native tests, by path: more than there are tests. */
function nativeTests() {
  return globSync("tests/**/*.rs", { cwd: root }).flatMap((file) => {
    const module = modulePath(file.slice("tests/".length, -".rs".length));
    return [...read(file).matchAll(/^\s*(?:async )?fn (\w+)/gm)].map(([, name]) => module + name);
  });
}

/**
 * The tests of a file that have a word in their name, or in the name of a file in Python that it
 * runs.
 * @param {Part} part @param {string} file @param {string} word
 * @returns {Job[]}
 */
function testsIn(part, file, word) {
  if (
    sources(file)
      .flatMap(titles)
      .some((title) => title.includes(word))
  )
    return [job(part, { file, names: [word] })];
  const name = word.replaceAll(" ", "_");
  const isPython = globSync(`${dirname(file)}/test_*.py`, { cwd: root }).some((source) =>
    [basename(source), ...[...read(source).matchAll(/^\s*def test_(\w+)/gm)].map(([, defined]) => defined)].some((it) =>
      it.includes(name),
    ),
  );
  return isPython ? [job(part, { file, env: { SDK_PYTHON_ONLY: name } })] : [];
}

/** What may be names of tests: all strings of several words. @param {string} file */
const titles = (file) =>
  [...read(file).matchAll(/"[^"\n]* [^"\n]*"|`[^`\n]* [^`\n]*`/g)].map(([literal]) => literal.slice(1, -1));

/**
 * A file and the modules beside it that define tests for it.
 * @param {string} file @param {Set<string>} [seen]
 * @returns {string[]}
 */
function sources(file, seen = new Set()) {
  if (seen.has(file) || !existsSync(inCheckout(file))) return [];
  seen.add(file);
  const beside = [...read(file).matchAll(/(?:from|^import) "(\.\/[^"]+)"/gm)].map(([, name]) =>
    join(dirname(file), name),
  );
  const own = seen.size === 1 || /^\s*test\(/m.test(read(file)) ? [file] : [];
  return [...own, ...beside.flatMap((module) => sources(module, seen))];
}

/** @param {string} file */
const read = (file) => readFileSync(inCheckout(file), "utf8");

/** One job for each process: what was named several times runs once. @param {Job[]} jobs */
function merged(jobs) {
  /** @type {Map<string, Job>} */
  const byProcess = new Map();
  for (const job of jobs) {
    const key = JSON.stringify([job.part.name, job.file, job.env]);
    const other = byProcess.get(key);
    const names = other && (other.names.length > 0 && job.names.length > 0 ? [...other.names, ...job.names] : []);
    byProcess.set(key, { ...job, names: names ?? job.names });
  }
  return [...byProcess.values()];
}
