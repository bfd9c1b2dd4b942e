// Mail addresses in the two forms that the provider takes: `email@example.com` and `Name
// <email@example.com>`. Syntax only: whether somebody reads mail there is not asked.

/**
 * An address: ASCII, no quoted local part, and a domain with a dot. Stricter than RFC 5321, as
 * delivery in practice is: the provider sends through Amazon SES, which takes ASCII local parts and
 * Punycode domains only. https://docs.aws.amazon.com/ses/latest/APIReference/API_Destination.html
 */
const ADDRESS =
  /^(?=.{1,254}$)(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i;

/**
 * `Name <address>`. The name is free text without control characters (a line break would start a
 * new header) and without angle brackets.
 */
const NAMED = /^[^<>\p{Cc}\u2028\u2029]*[^<>\s\p{Cc}] ?<([^<>]+)>$/u;

/** @param {string} text the address alone, without a name */
export const isAddress = (text) => ADDRESS.test(text);

/** @param {string} text either form */
export const isRecipient = (text) => isAddress(addressOf(text));

/**
 * The address inside either form; the text itself if it has neither.
 * @param {string} text
 */
export const addressOf = (text) => NAMED.exec(text)?.[1] ?? text;
