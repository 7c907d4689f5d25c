// What scripts add to the administration. Every page works without: nothing here is needed, it is only nicer.
"use strict";

// A part of the page that renews itself while somebody sees it: the same page is asked for, and the same part put in its place.
function renew(part) {
  const pause = Number(part.dataset.live) * 1000;
  let timer = 0;
  let busy = false;
  const open = () => [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
  const replace = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
    // Whoever is in the middle of it, with the keyboard or a selection, is left alone.
    const selection = window.getSelection();
    const selected = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
    if (!fresh || selected || part.contains(document.activeElement)) return;
    const opened = open();
    part.replaceChildren(...fresh.childNodes);
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  };
  const ask = async () => {
    if (busy) return;
    busy = true;
    try {
      const answer = await fetch(window.location.href, { redirect: "error", cache: "no-store" });
      if (answer.ok) replace(await answer.text());
      else if (answer.status < 500) stop();
    } catch {
      // The server is gone or wants a new login; the next try, or a reload, tells.
    }
    busy = false;
  };
  const stop = () => window.clearInterval(timer);
  const follow = (asks) => {
    stop();
    if (document.hidden) return;
    if (asks) ask();
    timer = window.setInterval(ask, pause);
  };
  document.addEventListener("visibilitychange", () => follow(true));
  for (const note of document.querySelectorAll("[data-live-note]")) note.hidden = false;
  follow(false);
}

for (const part of document.querySelectorAll("[data-live]")) renew(part);
