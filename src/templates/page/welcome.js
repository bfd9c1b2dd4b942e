// The welcome page's only script. It takes the tokens or the error out of the URL's fragment,
// removes them from the address bar before anything else, and shows what the access token can do.
// It keeps the access token in this closure and nothing anywhere else: no storage, no cookie, and
// text reaches the page as text only.
"use strict";
(() => {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);

  const token = fragment.get("access_token");
  const reason = fragment.get("error_description") || fragment.get("error");
  const part = (section, name) => section.querySelector(`[data-is="${name}"]`);

  if (reason && !token) {
    const refusal = document.getElementById("refusal");
    // Whoever made the link chose this text: it is shown short, and below our own heading.
    part(refusal, "reason").textContent = reason.slice(0, 200);
    refusal.hidden = false;
    return;
  }
  if (!token) return;

  const session = document.getElementById("session");
  const words = session.dataset;
  const [who, address, left, outcome, button] = ["who", "address", "left", "outcome", "call"].map((name) => part(session, name));
  const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // `expires_in` counts from now, whatever this machine's clock says; a negative number means: not
  // told.
  const seconds = Number.parseInt(fragment.get("expires_in") ?? "", 10);
  const end = Number.isFinite(seconds) ? performance.now() + seconds * 1000 : null;
  const tick = () => {
    const rest = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const time = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
    left.textContent = rest > 0 ? fill(words.left, { time }) : words.over;
    if (rest === 0) clearInterval(timer);
  };
  const timer = end === null ? 0 : setInterval(tick, 1000);
  if (end !== null) tick();

  const call = async () => {
    const time = new Date().toLocaleTimeString(document.documentElement.lang);
    try {
      const response = await fetch(`${words.api}/user`, {
        headers: { Authorization: `Bearer ${token}` },
        cache: "no-store",
        credentials: "omit",
      });
      const body = await response.json().catch(() => ({}));
      if (response.ok) {
        address.textContent = body.email || body.id || "?";
        who.hidden = false;
      }
      const message = body.msg ?? body.message ?? "";
      const pattern = response.ok ? words.accepted : words.refused;
      outcome.textContent = fill(pattern, { status: response.status, time, message });
      outcome.className = response.ok ? "yes" : "no";
    } catch {
      outcome.textContent = words.failed;
      outcome.className = "no";
    }
  };
  button.addEventListener("click", call);
  session.hidden = false;
  call();
})();
