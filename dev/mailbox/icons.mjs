// The pages' pictures, drawn inline so that nothing is loaded. Decoration only: never the sole
// label of a button.

import { html } from "./html.mjs";

export const icons = {
  brand: html`<svg class="brand-icon" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9"/><path d="M7.5 23.5V15a8.5 8.5 0 0 1 17 0v8.5z"/><path class="flap" d="m8.5 16 7.5 5.2 7.5-5.2"/></svg>`,
  search: html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><circle cx="9" cy="9" r="5.5"/><path d="m13.2 13.2 3.8 3.8"/></svg>`,
  bolt: html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M11 2.5 4.5 11.5h4.8L8.6 17.5l6.9-9.2h-4.9z"/></svg>`,
  trash: html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M3.5 5.5h13M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.4 9v4.5M11.6 9v4.5"/></svg>`,
  copy: html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><rect x="7" y="7" width="9.5" height="9.5" rx="2"/><path d="M13 4.9A1.4 1.4 0 0 0 11.6 3.5H5A1.5 1.5 0 0 0 3.5 5v6.6A1.4 1.4 0 0 0 4.9 13"/></svg>`,
  out: html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M8 5H4.5v10.5H15V12M11.5 4h4.5v4.5M16 4l-7 7"/></svg>`,
  back: html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m12 4.5-5.5 5.5 5.5 5.5"/></svg>`,
  close: html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="m5 5 10 10M15 5 5 15"/></svg>`,
  empty: html`<svg class="empty-icon" viewBox="0 0 120 96" aria-hidden="true"><path class="arch" d="M16 88V50a44 44 0 0 1 88 0v38"/><path class="ground" d="M4 88h112"/><rect class="letter" x="34" y="46" width="52" height="36" rx="5"/><path class="flap" d="m36 50 24 18 24-18"/></svg>`,
};
