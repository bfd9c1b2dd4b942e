// HTML that is safe by construction: whatever is put into a template is escaped, unless it came
// from a template itself.

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that is HTML already. Made by `html` only. */
export class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/**
 * Attributes must be quoted: `<a title="${text}">`.
 * @param {TemplateStringsArray} strings
 * @param {...unknown} values text is escaped; Html stays; arrays are joined; null, undefined and
 *   false are nothing
 */
export function html(strings, ...values) {
  return new Html(strings.reduce((before, string, index) => before + render(values[index - 1]) + string));
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function render(value) {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(render).join("");
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
