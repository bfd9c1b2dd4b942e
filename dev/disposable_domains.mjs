// Writes src/domain/account/disposable_domains.txt anew from the list that it reads from standard
// input, one domain a line. disposable_domains.NOTICE beside it says where the list comes from.
//
//     pip install disposable-email-domains
//     python3 -c "import disposable_email_domains as d; print(*d.blocklist, sep='\n')" |
//       node dev/disposable_domains.mjs
//
// Then `cargo test disposable` says whether every entry is a domain as we store it, and pins how
// many there are.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./checkout.mjs";

const domains = new Set(
  readFileSync(0, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#")),
);

/**
 * The first labels by what stands behind them: `.com` for `example.com`.
 * @type {Map<string, string[]>}
 */
const groups = new Map();
for (const domain of domains) {
  const dot = domain.indexOf(".");
  if (dot < 1 || !/^[a-z0-9.-]+$/.test(domain))
    throw new Error(`not a domain in lower-case ASCII: ${JSON.stringify(domain)}`);
  const parent = domain.slice(dot);
  groups.set(parent, [...(groups.get(parent) ?? []), domain.slice(0, dot)]);
}

const sorted = [...groups].sort(([one], [other]) => (one < other ? -1 : 1));
const text = sorted.map(([parent, labels]) => [parent, ...labels.sort(), ""].join("\n")).join("\n");
writeFileSync(join(root, "src/domain/account/disposable_domains.txt"), text);
console.log(`${domains.size} domains, ${text.length} bytes`);
