// What the preview of mails looks like: templates from what was rendered to HTML. No requests, no
// state, and no script: what can be chosen is in the URL.

import { html } from "../mailbox/html.mjs";
import { icons } from "../mailbox/icons.mjs";

/** What the HTML of a mail or page may do in its frame: nothing. */
export const SANDBOX = "";

/** @typedef {import("./render.mjs").Everything} Everything */
/** @typedef {import("./render.mjs").Shown} Shown */
/** @typedef {{ scheme: string, width: string }} Look */

/** @param {Shown[]} list */
const namesIn = (list) => [...new Set(list.map(({ name }) => name))];
/** `email_change_new` as people say it. @param {string} name */
const inWords = (name) => name.replaceAll("_", " ");
/** @param {string} path @param {Look} look */
const urlWith = (path, { scheme, width }) => `${path}?scheme=${scheme}&width=${width}`;

/**
 * A whole page: bar, list, and `detail` beside it.
 * @param {{ all: Everything, look: Look, title: string, selected?: string, detail:
 *   import("../mailbox/html.mjs").Html }} state
 */
export const pageView = ({ all, look, title, selected, detail }) =>
  frame({
    title,
    reading: selected !== undefined,
    tagline: "every mail and page, as the Worker renders it; reload after an edit",
    actions: html`
      ${selected && choice("Colours", ["light", "dark"], look.scheme, (scheme) => urlWith(selected, { ...look, scheme }))}
      ${selected && choice("Width", ["wide", "narrow"], look.width, (width) => urlWith(selected, { ...look, width }))}`,
    content: html`<nav class="list-pane" aria-label="Mails and pages">
      ${list("Mails", "mail", all.mails, { look, selected })}
      ${list("Pages", "page", all.pages, { look, selected })}
    </nav>
    <section class="detail-pane" aria-label="What it looks like">${detail}</section>`,
  });

/** When nothing can be rendered. @param {{ message: string, output: string[] }} failure */
export const brokenPage = ({ message, output }) =>
  frame({
    title: "Does not build",
    reading: true,
    tagline: "",
    actions: html``,
    content: html`<section class="detail-pane alone"><article><header class="mail-head"><h1>${message.replace(": see above", "")}</h1></header>
      <pre class="mail-text" tabindex="0">${output.join("\n")}</pre><p class="note">Mend it, then reload.</p></article></section>`,
  });

/**
 * @param {{ title: string, reading: boolean, tagline: string, actions: unknown, content: unknown }}
 *   state
 */
const frame = ({ title, reading, tagline, actions, content }) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title} · Preview</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/mailbox.css">
<link rel="stylesheet" href="/assets/preview.css">
</head>
<body class="${reading ? "reading" : "browsing"}">
<header class="bar">
  <a class="brand" href="/">${icons.brand}<span>Preview</span></a>
  <span class="tagline">${tagline}</span>
  <div class="actions">${actions}</div>
</header>
<main>
${content}
</main>
</body>
</html>`;

/**
 * A switch made of links.
 * @param {string} label
 * @param {string[]} values
 * @param {string} chosen
 * @param {(value: string) => string} urlOf
 */
const choice = (label, values, chosen, urlOf) =>
  html`<div class="choice" role="group" aria-label="${label}">${values.map(
    (value) => html`<a href="${urlOf(value)}"${value === chosen && html` aria-current="true"`}>${value}</a>`,
  )}</div>`;

/**
 * Kind × language.
 * @param {string} title
 * @param {string} path
 * @param {Shown[]} shown
 * @param {{ look: Look, selected?: string }} context
 */
const list = (title, path, shown, { look, selected }) => html`<h2 class="group">${title}</h2>
<ul class="kinds">${namesIn(shown).map((name) => {
  const languages = shown.filter((one) => one.name === name);
  return html`<li><span class="kind">${inWords(name)}</span><span class="languages">${languages.map(
    ({ locale, error }) => {
      const url = `/${path}/${name}/${locale}`;
      return html`<a href="${urlWith(url, look)}" lang="${locale}" aria-label="${inWords(name)}, ${locale}"${url === selected && html` aria-current="page"`}${error && html` class="broken"`}>${locale}</a>`;
    },
  )}</span></li>`;
})}</ul>`;

/** @param {Everything} all */
export const overview = ({ mails, pages, replaced, problems }) => html`<article class="overview">
  <header class="mail-head"><h1>${namesIn(mails).length} mails and ${namesIn(pages).length} pages, each in two languages</h1></header>
  ${problemList(problems)}
  <h2>Your own templates</h2>
  ${
    replaced.length > 0
      ? html`<ul class="names">${replaced.map((name) => html`<li><code>templates/${name}</code></li>`)}</ul>`
      : html`<p>
          None. A file in <code>templates/</code> takes the place of the one with the same path in
          <code>src/templates/</code>; docs/mail.md says more.
        </p>`
  }
</article>`;

/** @param {string[]} problems */
const problemList = (problems) =>
  problems.length > 0
    ? html`<h2>What does not work</h2><ul class="names problems" role="alert">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>`
    : html`<p class="works">Everything renders, with its links, codes and forms.</p>`;

export const missing = () =>
  html`<div class="blank">${icons.empty}<h1>There is no such mail or page</h1><p><a href="/">All of them</a></p></div>`;

/** @param {{ all: Everything, shown: Shown, selected: string, look: Look }} state */
export function shownDetail({ all, shown, selected, look }) {
  const files = selected.startsWith("/mail/")
    ? [`mail/${shown.name}.${shown.locale}.html`, `mail/${shown.name}.${shown.locale}.txt`]
    : [];
  const own = files.filter((name) => all.replaced.includes(name));
  return html`<article>
  <header class="mail-head">
    <a class="back" href="/">${icons.back}All</a>
    <h1 lang="${shown.locale}">${shown.subject ?? inWords(shown.name)}</h1>
    ${own.length > 0 && html`<p class="own">From ${own.map((name) => html`<code>templates/${name}</code> `)}</p>`}
  </header>
  ${
    shown.error
      ? html`<pre class="mail-text problems" role="alert">${shown.error}</pre>`
      : html`<div class="parts">
    <iframe class="mail-html ${look.width} ${look.scheme}" src="${selected}/body?scheme=${look.scheme}" sandbox="${SANDBOX}" referrerpolicy="no-referrer" title="As HTML"></iframe>
    ${shown.text && html`<pre class="mail-text" lang="${shown.locale}" tabindex="0">${shown.text}</pre>`}
  </div>`
  }
</article>`;
}
