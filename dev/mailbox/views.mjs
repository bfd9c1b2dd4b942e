// What the pages look like: templates from mails and failures to HTML. No requests, no state.

import { addressOf } from "./addresses.mjs";
import { timeAgo } from "./assets/time.mjs";
import { beginningOf, codesIn, firstLinkIn, plainText, splitLinks } from "./highlights.mjs";
import { html } from "./html.mjs";
import { icons } from "./icons.mjs";

/** Where `npm start` serves edgegate: for the empty mailbox's advice only. */
const APP_URL = "http://localhost:8787";

/** More than the widest list shows of a mail's first line. */
const SNIPPET_CHARS = 140;

/** How a mail can be shown. */
export const VIEWS = { html: "HTML", text: "Text", raw: "Raw" };

/** What a mail's own HTML may do in its frame; pages.mjs says the same in its policy. */
export const MAIL_SANDBOX = "allow-popups allow-popups-to-escape-sandbox";

/** The failures that the panel offers. */
const PRESETS = [
  [{ status: 500 }, "Server error", "Answers 500"],
  [{ status: 503 }, "Unavailable", "Answers 503"],
  [{ status: 429 }, "Too many requests", "Answers 429, retry after 1 s"],
  [{ status: 422 }, "Refused", "Answers 422: retrying is no use"],
  [{ drop: true }, "Cut off", "Closes the connection; no mail"],
  [{ drop_after_accept: true }, "Answer lost", "Takes the mail, then closes"],
  [{ delay_ms: 10_000 }, "Slow", "Takes the mail after 10 s"],
  [{ status: 200, body: "<html>Bad gateway</html>" }, "Garbled", "Answers 200, but not JSON; no mail"],
];

/**
 * A whole page: bar, list, and `detail` beside it.
 * @param {object} state
 * @param {string} state.title
 * @param {string} state.etag
 * @param {string} [state.selected] the id of the mail that is open
 * @param {string} state.search
 * @param {import("./messages.mjs").Message[]} state.found
 * @param {import("./failures.mjs").Failure[]} state.rules
 * @param {import("./html.mjs").Html} state.detail
 * @param {number} state.at now, milliseconds since 1970
 * @param {number} state.dropped
 * @param {number} state.maxMessages
 */
export const pageView = ({
  title,
  etag,
  selected,
  search,
  found,
  rules,
  detail,
  at,
  dropped,
  maxMessages,
}) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/mailbox.css">
<script type="module" src="/assets/mailbox.mjs"></script>
</head>
<body class="${selected ? "reading" : "browsing"}" data-etag="${etag}">
${topBar(rules)}
<div id="failing" role="status">${failingBanner(rules)}</div>
<main>
<section class="list-pane" aria-label="Mails">
  <form class="search" role="search" action="/">
    ${icons.search}
    <input type="search" name="search" value="${search}" placeholder="Search by recipient" aria-label="Search by recipient" autocomplete="off" spellcheck="false">
    <kbd aria-hidden="true">/</kbd>
  </form>
  <ol id="mails">${found.map((message) => listItem(message, { selected, search, at }))}</ol>
  <div id="note">${listNote({ found: found.length, search, dropped, maxMessages })}</div>
</section>
<section class="detail-pane" aria-label="Mail">
${detail}
</section>
</main>
${failuresDialog(rules)}
<div id="announcer" class="visually-hidden" role="status"></div>
</body>
</html>`;

/** @param {import("./failures.mjs").Failure[]} rules */
const topBar = (rules) => html`<header class="bar">
  <a class="brand" href="/">${icons.brand}<span>Mailbox</span></a>
  <span class="tagline">edgegate in development: no mail leaves this machine</span>
  <div class="actions">
    <button type="button" class="button" id="open-failures" aria-haspopup="dialog">${icons.bolt}<span>Failures</span><span id="failure-count">${rules.length > 0 && html`<span class="count">${rules.length}</span>`}</span></button>
    <button type="button" class="button" id="delete-all">${icons.trash}<span>Delete all</span></button>
  </div>
</header>`;

/** @param {import("./failures.mjs").Failure[]} rules */
const failingBanner = (rules) =>
  rules.length > 0 &&
  html`<div class="banner">${icons.bolt}<p><strong>Failing on purpose.</strong> ${rules.length === 1 ? describe(rules[0]) : `${rules.length} failures are set; the first that fits applies.`}</p>
  <button type="button" class="link-button" data-clear-failures>Clear</button></div>`;

/** @param {import("./failures.mjs").Failure} rule */
export function describe({ status, drop, drop_after_accept, delay_ms, to, times, used }) {
  const who = to ? `to ${to}` : "to anybody";
  const wait = delay_ms ? `${delay_ms >= 1000 ? `${delay_ms / 1000} s` : `${delay_ms} ms`}` : null;
  const after = wait ? ` after ${wait}` : "";
  const what = drop
    ? `cut off${after}`
    : drop_after_accept
      ? `accepted${after}, but the answer is lost`
      : status !== undefined
        ? `answered ${status}${after}`
        : `accepted${after || " at once"}`;
  const left = times === undefined ? "until cleared" : times - used === 1 ? "once more" : `${times - used} more times`;
  return `Mail ${who} is ${what}, ${left}.`;
}

/**
 * @param {import("./messages.mjs").Message} message
 * @param {{ selected?: string, search: string, at: number }} context
 */
const listItem = (
  message,
  { selected, search, at },
) => html`<li data-id="${message.id}"><a href="${mailUrl(message.id, { search })}"${message.id === selected && html` aria-current="page"`}>
  ${avatar(message.to[0])}
  <span class="line"><span class="who">${message.to.map(addressOf).join(", ")}</span>${time(message.created_at, at)}</span>
  <span class="subject">${message.subject}</span>
  <span class="snippet">${beginningOf(message, SNIPPET_CHARS)}</span>
</a></li>`;

/** @param {{ found: number, search: string, dropped: number, maxMessages: number }} state */
function listNote({ found, search, dropped, maxMessages }) {
  if (found === 0 && search) return html`<p class="note">No mail to “${search}”. <a href="/">Show all</a></p>`;
  if (found === 0) return html`<p class="note">New mail appears here by itself.</p>`;
  return (
    dropped > 0 &&
    html`<p class="note">${dropped} older ${dropped === 1 ? "mail" : "mails"} dropped: the mailbox keeps the newest, ${maxMessages} at most.</p>`
  );
}

/**
 * @param {import("./messages.mjs").Message} message
 * @param {{ view: string, search: string, at: number }} context
 */
export function mailDetail(message, { view, search, at }) {
  const link = firstLinkIn(message);
  const codes = codesIn(message);
  return html`<article>
  <header class="mail-head">
    <a class="back" href="${search ? `/?search=${encodeURIComponent(search)}` : "/"}">${icons.back}All mail</a>
    <h1>${message.subject}</h1>
    <div class="envelope">
      ${avatar(message.to[0])}
      <dl>
        <div><dt>To</dt><dd>${message.to.join(", ")}</dd></div>
        ${message.cc.length > 0 && html`<div><dt>Cc</dt><dd>${message.cc.join(", ")}</dd></div>`}
        ${message.bcc.length > 0 && html`<div><dt>Bcc</dt><dd>${message.bcc.join(", ")}</dd></div>`}
        <div><dt>From</dt><dd>${message.from}</dd></div>
        ${message.reply_to.length > 0 && html`<div><dt>Reply to</dt><dd>${message.reply_to.join(", ")}</dd></div>`}
      </dl>
      ${time(message.created_at, at)}
    </div>
    ${
      (codes.length > 0 || link) &&
      html`<div class="finds">
      ${codes.map((code) => html`<div class="find"><span class="label">Code</span><span class="code">${code}</span>${copyButton(code, "the code")}</div>`)}
      ${link && html`<div class="find find-link"><span class="label">First link</span><a class="url" href="${link}" target="_blank" rel="noopener noreferrer" title="${link}">${link.replace(/^https?:\/\//i, "")}</a>${copyButton(link, "the link")}<a class="button primary" href="${link}" target="_blank" rel="noopener noreferrer">Open${icons.out}</a></div>`}
    </div>`
    }
    <nav class="views" aria-label="How to show this mail">
      ${Object.entries(VIEWS).map(([name, label]) => viewLink(message, { name, label, view, search }))}
      <a class="json" href="/messages/${message.id}" target="_blank">JSON</a>
    </nav>
  </header>
  ${content(message, view)}
</article>`;
}

/**
 * @param {import("./messages.mjs").Message} message
 * @param {{ name: string, label: string, view: string, search: string }} context
 */
const viewLink = (message, { name, label, view, search }) =>
  name === "html" && !message.html
    ? html`<span class="view absent" title="This mail has no HTML">${label}</span>`
    : html`<a class="view" href="${mailUrl(message.id, { view: name, search })}"${name === view && html` aria-current="true"`}>${label}</a>`;

/** The button of a preset. @param {unknown} rule @param {boolean} first */
function choice(rule, first) {
  const checked = first && html` checked autofocus`;
  return html`<input type="radio" name="preset" value="${JSON.stringify(rule)}"${checked}>`;
}

/**
 * @param {import("./messages.mjs").Message} message
 * @param {string} view
 */
function content(message, view) {
  if (view === "html" && message.html) {
    return html`<iframe class="mail-html" src="/mail/${message.id}/body" sandbox="${MAIL_SANDBOX}" referrerpolicy="no-referrer" title="The mail as HTML"></iframe>`;
  }
  if (view === "raw") return html`<pre class="mail-text raw" tabindex="0">${rawRequest(message)}</pre>`;
  const parts = splitLinks(plainText(message));
  const lead = !message.text && html`<em>This mail has no text part; this is its HTML as text.</em>\n\n`;
  const link = (/** @type {string} */ url) =>
    html`<a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a>`;
  const shown = parts.map((part) => (part.isLink ? link(part.text) : part.text));
  return html`<pre class="mail-text" tabindex="0">${lead}${shown}</pre>`;
}

/** @param {import("./messages.mjs").Message} message */
const rawRequest = ({ request }) =>
  `POST ${request.path} HTTP/1.1\n${Object.entries(request.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n")}\n\n${JSON.stringify(request.body, null, 2)}`;

export const emptyMailbox = () => html`<div class="blank">
  ${icons.empty}
  <h1>No mail yet</h1>
  <p>In development edgegate sends its mail to this mailbox instead of the mail provider: it posts to <code>/emails</code> here. Sign somebody up, and the confirmation is here a moment later.</p>
  <div class="try"><code>${signUpCommand}</code>${copyButton(signUpCommand, "the command")}</div>
</div>`;

const signUpCommand = `curl ${APP_URL}/auth/v1/signup -H 'content-type: application/json' -d '{"email":"ada@example.com","password":"correct horse battery"}'`;

export const nothingSelected = () => html`<div class="blank">
  ${icons.empty}
  <h1>Choose a mail</h1>
  <p>Its code and its link come first. <kbd>j</kbd> and <kbd>k</kbd> go through the list, <kbd>/</kbd> searches.</p>
</div>`;

export const mailGone = () => html`<div class="blank">
  ${icons.empty}
  <h1>This mail is gone</h1>
  <p>It was deleted, or the mailbox was restarted: it keeps mails in memory only. <a href="/">All mail</a></p>
</div>`;

/** @param {import("./failures.mjs").Failure[]} rules */
const failuresDialog = (rules) => html`<dialog id="failures" aria-labelledby="failures-title">
  <div class="dialog-head">
    <h2 id="failures-title">Fail on purpose</h2>
    <button type="button" class="icon-button" data-close aria-label="Close">${icons.close}</button>
  </div>
  <p class="dialog-lead">See what edgegate does when its mail provider lets it down: it keeps the mail and tries again.</p>
  <div id="rules">${rules.length > 0 && html`<ul>${rules.map((rule) => html`<li><span>${describe(rule)}</span><button type="button" class="link-button" data-remove-failure="${rule.id}">Remove</button></li>`)}</ul>`}</div>
  <form id="failure-form">
    <fieldset>
      <legend>What happens to the next mail</legend>
      <div class="presets">${PRESETS.map(
        ([rule, name, text], index) =>
          html`<label class="preset">${choice(rule, index === 0)}<span><strong>${name}</strong><small>${text}</small></span></label>`,
      )}</div>
    </fieldset>
    <div class="fields">
      <label>Only for <input type="email" name="to" placeholder="everybody" autocomplete="off"></label>
      <label>How often <input type="number" name="times" min="1" step="1" inputmode="numeric" placeholder="until cleared"></label>
      <label>Wait first, ms <input type="number" name="delay_ms" min="0" step="1" inputmode="numeric" placeholder="no wait"></label>
    </div>
    <p id="failure-error" role="alert"></p>
    <div class="dialog-actions">
      <button type="button" class="button" data-clear-failures>Clear all</button>
      <button type="submit" class="button primary">Set failure</button>
    </div>
  </form>
</dialog>`;

/**
 * @param {string} id
 * @param {{ view?: string, search?: string }} query
 */
function mailUrl(id, { view, search }) {
  const query = new URLSearchParams({ ...(view && { view }), ...(search && { search }) }).toString();
  return `/mail/${id}${query && `?${query}`}`;
}

/**
 * @param {string} text
 * @param {string} what
 */
const copyButton = (text, what) =>
  html`<button type="button" class="button copy" data-copy="${text}" aria-label="Copy ${what}">${icons.copy}<span>Copy</span></button>`;

/** @param {string} recipient */
function avatar(recipient) {
  const address = addressOf(recipient).toLowerCase();
  const hue = [...address].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 997, 7) % 8;
  return html`<span class="avatar hue-${hue}" aria-hidden="true">${address[0].toUpperCase()}</span>`;
}

/**
 * @param {string} iso
 * @param {number} at
 */
const time = (iso, at) =>
  html`<time datetime="${iso}" title="${iso.replace("T", " ").replace(/\.\d+Z$/, " UTC")}">${timeAgo(iso, at)}</time>`;
