// What pages gain from JavaScript. Reading and every action work without it.
"use strict";

// Live parts ask for news only while somebody looks, and keep what they show when the server can't be reached.
const stale = () => document.getElementById("stale");
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden) event.preventDefault();
});
document.addEventListener("htmx:before:response", (event) => {
  const { raw, status } = event.detail.ctx.response;
  if (raw.redirected) location.reload(); // the login has expired: the page itself leads to the login form
  if (raw.redirected || status >= 400) event.preventDefault();
  stale().hidden = status < 400;
});
document.addEventListener("htmx:error", () => (stale().hidden = false));

// Copy buttons say that they have copied, without changing their width.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = button.parentElement.querySelector("input, pre");
  field.select ? field.select() : getSelection().selectAllChildren(field);
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    document.execCommand("copy"); // plain http has no clipboard of its own
  }
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1500);
});

// What can't be undone is asked about first.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.ask;
  if (question && !confirm(question)) return event.preventDefault();
  // A second tap on a slow line sends nothing twice. Not disabled at once, or the button's own value would be lost.
  if (event.target.method === "post") setTimeout(() => event.submitter && (event.submitter.disabled = true));
});
addEventListener("pageshow", () => document.querySelectorAll("button:disabled").forEach((b) => (b.disabled = false)));

// A changed filter applies itself.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// One menu is open at a time; Escape or a tap beside it closes it.
const closeMenus = (except) =>
  document.querySelectorAll("details.menu[open]").forEach((menu) => menu !== except && (menu.open = false));
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus());

// A form that was refused: on with the field that is wrong.
document.querySelector("[aria-invalid=true]")?.focus();

// Without a network, a page that says so in place of the browser's own.
navigator.serviceWorker?.register("/sw.js");

// The clock in the corner.
const clock = document.querySelector(".clock");
if (clock) {
  const [place] = clock.textContent.split(",");
  const time = { timeZone: clock.dataset.zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  setInterval(() => (clock.textContent = `${place}, ${new Date().toLocaleTimeString("en-GB", time)}`), 5000);
}

// Whoever sets up is asked for their time zone: the browser knows it.
const zoneHere = document.querySelector("[data-zone-here]");
if (zoneHere) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zoneHere.options].some((option) => option.value === zone)) zoneHere.value = zone;
}
