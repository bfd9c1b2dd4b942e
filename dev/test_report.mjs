// What test runners print, read: how many tests there were, which were slow, what they had to say.

/**
 * A test that takes longer is named in the summary: it needs a reason in its file. Milliseconds.
 */
const SLOW_MS = 10_000;

/**
 * @typedef {object} Report
 * @property {number} tests
 * @property {number} skipped
 * @property {{ name: string, ms: number }[]} slow
 * @property {string[]} remarks what tests said beside their result
 */

/**
 * Reads the output of `node --test` (reporter `spec`) or `cargo test`.
 * @param {string[]} lines @param {string} [file] of the tests, if they are in Node.js
 * @returns {Report}
 */
export function reportOf(lines, file) {
  const plain = lines.map((line) => line.replace(/\x1b\[[0-9;]*m/g, ""));
  return file ? nodeReport(plain, file) : nativeReport(plain);
}

/** @param {string[]} lines @param {string} file @returns {Report} */
function nodeReport(lines, file) {
  const figure = (/** @type {string} */ name) =>
    Number(
      lines
        .findLast((line) => line.startsWith(`ℹ ${name} `))
        ?.split(" ")
        .at(-1) ?? 0,
    );
  const suites = new Set(lines.flatMap((line) => line.match(/^\s*▶ (.*)$/)?.[1] ?? []));
  const summary = lines.findIndex((line) => line.startsWith("✖ failing tests:")); // names those again that failed
  const ended = lines.slice(0, summary < 0 ? undefined : summary).flatMap((line) => {
    const [, name, ms] = line.match(/^\s*[✔✖] (.*) \(([\d.]+)ms\)/) ?? [];
    return name && !suites.has(name) ? [{ name, ms: Number(ms) }] : [];
  });
  // A file of which no test was wanted counts as one test of its own name.
  const isEmpty = ended.length === 1 && ended[0].name === file;
  return {
    tests: isEmpty ? 0 : figure("tests"),
    skipped: figure("skipped"),
    slow: ended.filter(({ ms }) => ms > SLOW_MS),
    remarks: lines
      .filter((line) => /^\s*ℹ /.test(line))
      .map((line) => line.trim().slice("ℹ ".length))
      .filter((line) => !/^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(line)),
  };
}

/** @param {string[]} lines @returns {Report} */
function nativeReport(lines) {
  const results = lines.flatMap((line) => {
    const [, ...figures] = line.match(/^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored/)?.map(Number) ?? [];
    return figures.length > 0 ? [figures] : [];
  });
  const sum = (/** @type {number} */ at) => results.reduce((total, figures) => total + figures[at], 0);
  return { tests: sum(0) + sum(1), skipped: sum(2), slow: [], remarks: [] };
}
