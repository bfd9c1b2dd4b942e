// What somebody looks for in a mail: its text, the codes in it and its links.
// Reads only; nothing found here is trusted, and links are http(s) only.

/** How much of a mail is searched: far more than a mail says before its first link. */
const SEARCHED_CHARS = 200_000;

/** At most this many codes are shown: a mail with more is not about a code. */
const MAX_CODES = 3;

/** Six digits by themselves: not part of a word, a longer number, a colour or an address. */
const CODE = /(?<![\w#/=&.,:-])\d{6}(?![\w/=&-]|[.,]\d)/g;

const URL_IN_TEXT = /https?:\/\/[^\s<>"'`\\^{}|]+/gi;

/** Punctuation after an address ends the sentence, not the address. */
const TRAILING = /[.,;:!?)\]]+$/;

const NAMED_ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** @typedef {Pick<import("./messages.mjs").Message, "text" | "html">} Content */

/**
 * The text of a mail, from its HTML if it has no text.
 * @param {Content} mail
 */
export function plainText({ text, html }) {
  if (text) return text.slice(0, SEARCHED_CHARS);
  const markup = (html ?? "").slice(0, SEARCHED_CHARS);
  return decode(
    markup
      // Up to the end if they are never closed, as browsers do; this also keeps the time linear.
      .replace(/<!--[\s\S]*?(?:-->|$)/g, "")
      .replace(/<(style|script|title)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, "")
      .replace(/<\/?(?:br|p|div|table|tr|td|h[1-6]|ul|ol|li)\b[^<>]*>/gi, "\n")
      .replace(/<[^<>]*>/g, "")
      .replace(/[ \t]+/g, " ")
      .replace(/\s*\n\s*/g, "\n"),
  ).trim();
}

/**
 * How a mail begins, on one line, without its links.
 * @param {Content} mail
 * @param {number} chars
 */
export function beginningOf(mail, chars) {
  return plainText(mail)
    .slice(0, 4 * chars)
    .replace(URL_IN_TEXT, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, chars);
}

/**
 * The six-digit codes of a mail, each once.
 * @param {Content} mail
 */
export function codesIn(mail) {
  const withoutLinks = plainText(mail).replace(URL_IN_TEXT, " ");
  return [...new Set(withoutLinks.match(CODE) ?? [])].slice(0, MAX_CODES);
}

/**
 * The first link of a mail.
 * @param {Content} mail
 * @returns {string | null}
 */
export function firstLinkIn(mail) {
  const link = splitLinks(plainText(mail)).find((part) => part.isLink);
  if (link) return link.text;
  for (const [, , href] of (mail.html ?? "")
    .slice(0, SEARCHED_CHARS)
    .matchAll(/<a\s[^<>]*?href\s*=\s*(["'])(.*?)\1/gi)) {
    const url = decode(href).trim();
    if (isWebLink(url)) return url;
  }
  return null;
}

/**
 * Cuts text into links and what is between them.
 * @param {string} text
 * @returns {{ text: string, isLink: boolean }[]}
 */
export function splitLinks(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    const url = match[0].replace(TRAILING, "");
    if (!isWebLink(url)) continue;
    parts.push({ text: text.slice(end, match.index), isLink: false }, { text: url, isLink: true });
    end = match.index + url.length;
  }
  return [...parts, { text: text.slice(end), isLink: false }].filter((part) => part.text !== "");
}

/** @param {string} text */
function isWebLink(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

/** @param {string} text HTML text without tags */
function decode(text) {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (entity, decimal, hex, name) => {
    if (name) return NAMED_ENTITIES[name.toLowerCase()] ?? entity;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}
