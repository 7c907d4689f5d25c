// What scripts add to the administration. Every page works without: nothing here is needed, it is only nicer.
"use strict";

// Moments in what is put in later, as app.js writes those of the page itself.
function localTimes(part) {
  part.querySelectorAll("time[datetime]").forEach((time) => localise(time, format));
}

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
    localTimes(fresh);
    part.replaceChildren(...fresh.childNodes);
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    // What is over stays as it is.
    if (!fresh.dataset.live) finish();
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
  const onReturn = () => follow(true);
  const finish = () => {
    stop();
    document.removeEventListener("visibilitychange", onReturn);
    for (const note of document.querySelectorAll("[data-live-note]")) note.hidden = true;
  };
  document.addEventListener("visibilitychange", onReturn);
  for (const note of document.querySelectorAll("[data-live-note]")) note.hidden = false;
  follow(false);
}

for (const part of document.querySelectorAll("[data-live]")) renew(part);

// The part of another page that has this id; nothing if whoever asked is signed out meanwhile, or refused.
async function fetched(address, id, signal) {
  const answer = await fetch(address, { signal, credentials: "same-origin" });
  if (answer.redirected || !answer.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = document.importNode(page.getElementById(id), true);
  if (part) localTimes(part);
  return part;
}

// A search whose result follows the typing. The address follows too, so that it can be kept and sent.
function follow(form) {
  let timer = 0;
  let running = null;
  const target = () => document.getElementById(form.dataset.search);
  const look = async () => {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
    const address = query.size === 0 ? form.action : `${form.action}?${query}`;
    target().setAttribute("aria-busy", "true");
    try {
      const fresh = await fetched(address, form.dataset.search, signal);
      // The whole page says it better.
      if (!fresh) return location.assign(address);
      target().replaceWith(fresh);
      history.replaceState(null, "", address);
      pickers(target());
    } catch (error) {
      if (error.name !== "AbortError") target().removeAttribute("aria-busy");
    }
  };
  const soon = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(look, wait);
  };
  form.addEventListener("input", (event) => soon(event.target.tagName === "SELECT" ? 0 : 250));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon(0);
  });
}

// One box in the head of a table that ticks all others.
function pickers(root) {
  for (const table of root.querySelectorAll("table[data-pick-all]")) {
    const boxes = [...table.querySelectorAll("tbody .pick input")];
    const cell = table.querySelector("thead th");
    if (boxes.length === 0 || cell.querySelector("input")) continue;
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", table.dataset.pickAll);
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
    });
    cell.classList.add("pick");
    cell.replaceChildren(all);
  }
}

for (const form of document.querySelectorAll("form[data-search]")) follow(form);
pickers(document);

// A slider under a number field; both say the same.
function slide(number) {
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = String(Math.max(Number(number.dataset.slider), Number(number.value)));
  slider.step = number.dataset.step;
  slider.value = number.value;
  slider.setAttribute("aria-labelledby", `${number.id}-label`);
  number.closest(".field").querySelector("label").id = `${number.id}-label`;
  number.after(slider);
  slider.addEventListener("input", () => {
    number.value = slider.value;
    number.dispatchEvent(new Event("input", { bubbles: true }));
  });
  number.addEventListener("input", () => (slider.value = number.value));
}

// A form that asks again while it is changed; the part that it names is replaced by that of the answer.
function tryOut(form) {
  let timer, asking;
  const ask = async () => {
    asking?.abort();
    const mine = (asking = new AbortController());
    const part = document.getElementById(form.dataset.answer);
    part.setAttribute("aria-busy", "true");
    const url = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    try {
      const fresh = await fetched(url, form.dataset.answer, mine.signal);
      // The form itself goes there and shows it.
      if (!fresh) return form.submit();
      part.replaceWith(fresh);
      window.history.replaceState(null, "", url);
    } catch (error) {
      if (error.name !== "AbortError") part.removeAttribute("aria-busy");
    }
  };
  form.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 200);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    window.clearTimeout(timer);
    ask();
  });
}

document.querySelectorAll("input[data-slider]").forEach(slide);
document.querySelectorAll("form[data-answer]").forEach(tryOut);
