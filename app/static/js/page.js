// On every page: countdowns, buttons that wait, forms that send themselves, a buzz for a verdict.

// Seconds since the server wrote this page: its "seconds left" count from there, whatever the phone's clock says.
const entry = performance.getEntriesByType("navigation")[0];
start(entry ? entry.responseStart : 0);
document.addEventListener("shown", () => start(performance.now())); // send.js has put another page here

function start(born) {
  for (const timer of document.querySelectorAll("[data-left][data-clock]")) count(timer, born);

  // A browser lets a page buzz only after somebody has touched it, and complains otherwise.
  const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
  const verdict = document.querySelector("[data-vibrate]");
  if (verdict && navigator.vibrate && touched) {
    navigator.vibrate(verdict.dataset.vibrate === "3" ? [90, 70, 90, 70, 90] : 90);
  }

  const alarm = document.querySelector("[role=alert][tabindex]:not([hidden])");
  if (alarm) alarm.focus();
}

function count(timer, born) {
  const shown = timer.querySelector("[data-seconds]");
  const over = born + Number(timer.dataset.left) * 1000;
  const tick = () => {
    if (!timer.isConnected) return clearInterval(running);
    const left = Math.max(0, Math.ceil((over - performance.now()) / 1000));
    const text = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    if (shown.textContent !== text) shown.textContent = text;
    if (left === 0 && "overReload" in timer.dataset && !timer.closest("[hidden]")) location.reload();
    if (left === 0) clearInterval(running);
  };
  const running = setInterval(tick, 250);
  tick();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault(); // the second tap on a slow line
    return;
  }
  if ("send" in form.dataset || "beacon" in form.dataset || "digits" in form.dataset) return;
  form.dataset.sent = "1";
  const button = event.submitter || form.querySelector("button");
  if (button) {
    button.setAttribute("aria-disabled", "true"); // grey: the tap was felt, though the next page takes its time
    if (button.dataset.busy) {
      button.dataset.was = button.textContent;
      button.textContent = button.dataset.busy;
    }
  }
  if ("file" in form.dataset) setTimeout(() => free(form), 5000); // a file comes, the page stays: it may be asked for again
});

// Back from the next page: the browser shows this one as it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) free(form);
});

function free(form) {
  delete form.dataset.sent;
  for (const button of form.elements) {
    if (button.localName !== "button") continue;
    button.removeAttribute("aria-disabled");
    if ("was" in button.dataset) button.textContent = button.dataset.was;
  }
}

for (const form of document.querySelectorAll("form[data-auto]")) form.submit();

for (const form of document.querySelectorAll("form[data-beacon]")) {
  fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true }).catch(() => {});
}

// The desk's menu lies sideways on a phone: where one is stands in the middle of it.
const menu = document.querySelector(".side ul, ul.side");
const here = menu && menu.querySelector("[aria-current]");
if (here && menu.scrollWidth > menu.clientWidth) menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
