// What scripts add to the pages. Every page works without: nothing here is needed, it is only nicer.
"use strict";

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// A button in the field that shows what was typed.
function reveal(input) {
  const button = document.createElement("button");
  const picture = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  picture.append(
    svg("path", { d: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" }),
    svg("circle", { cx: 12, cy: 12, r: 3 }),
    svg("path", { d: "M4 4l16 16", class: "slash" }),
  );
  button.type = "button";
  button.append(picture);
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.setAttribute("aria-label", input.dataset.show);
    button.title = shown ? input.dataset.hide : input.dataset.show;
  };
  show(false);
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers remember what is in text fields; a password must not be among it.
  input.form.addEventListener("submit", () => show(false));
  input.parentElement.append(button);
  input.parentElement.classList.add("on");
}

// Says while typing whether the repeated password is the same.
function compare(input) {
  const first = document.getElementById(input.dataset.sameAs);
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.setAttribute("aria-live", "polite");
  input.closest(".field").append(hint);
  const update = () => {
    const same = first.value === input.value;
    const typing = first.value.startsWith(input.value);
    const text = same ? input.dataset.same : typing ? "" : input.dataset.different;
    hint.textContent = input.value === "" ? "" : text;
    hint.classList.toggle("same", same);
  };
  first.addEventListener("input", update);
  input.addEventListener("input", update);
}

// Asks before what cannot be undone, and sends each form once.
function guard(form) {
  let sent = false;
  const release = () => {
    sent = false;
    for (const button of form.querySelectorAll("[aria-busy]")) {
      button.removeAttribute("aria-busy");
      button.textContent = button.dataset.text;
    }
  };
  form.addEventListener("submit", (event) => {
    if (sent || (form.dataset.confirm && !window.confirm(form.dataset.confirm))) {
      event.preventDefault();
      return;
    }
    sent = true;
    window.setTimeout(release, 15000);
    const button = event.submitter;
    if (button && form.dataset.once) {
      button.setAttribute("aria-busy", "true");
      button.dataset.text = button.textContent;
      button.textContent = form.dataset.once;
    }
  });
  // Coming back with the browser's "back", or stopping a slow answer, must not leave a dead form.
  window.addEventListener("pageshow", (event) => event.persisted && release());
}

// Buttons that copy a list or print the page, beside the one that downloads it.
function tools(list) {
  const form = list.nextElementSibling;
  const add = (label, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = label;
    button.addEventListener("click", () => act(button));
    form.append(button);
  };
  if (navigator.clipboard) {
    add(list.dataset.copy, async (button) => {
      const lines = Array.from(list.querySelectorAll("li"), (item) => item.textContent.trim());
      await navigator.clipboard.writeText(lines.join("\n"));
      button.textContent = list.dataset.copied;
      window.setTimeout(() => (button.textContent = list.dataset.copy), 3000);
    });
  }
  add(list.dataset.print, () => window.print());
}

// Moments in the reader's own time zone; the UTC text stays as the tooltip.
function localise(time, format) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) return;
  time.title = time.textContent;
  time.textContent = format.format(moment);
}

// The reader's own region, if the page is in the reader's language.
const language = document.documentElement.lang;
const region = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
const format = new Intl.DateTimeFormat(region, { dateStyle: "long", timeStyle: "short" });
document.querySelectorAll("time[datetime]").forEach((time) => localise(time, format));
document.querySelectorAll("input[data-show]").forEach(reveal);
document.querySelectorAll("input[data-same-as]").forEach(compare);
document.querySelectorAll("ul[data-copy]").forEach(tools);
document.querySelectorAll("form").forEach(guard);
document.querySelector(".message[autofocus]")?.focus();
