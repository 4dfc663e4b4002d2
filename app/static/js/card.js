// The card page: a fresh code each half minute, the ring around it, the digits to read out.
// All times are the server's "seconds left", counted from when its answer began to arrive.

const place = document.getElementById("code");
const lost = document.getElementById("lost");
const now = () => performance.now();
// The codes of all phones change at the same second. Each phone asks a little later than that, not all at once:
// the old code is good for another half minute.
const jitter = Math.random() * 3000;
let renewAt = 0;
let deadAt = 0;
let asking = false;
let failures = 0;

function arm(received) {
  const timer = place.querySelector("[data-left]");
  const ring = place.querySelector(".qr__ring");
  const left = timer ? Number(timer.dataset.left) * 1000 : 60000;
  renewAt = received + left + jitter;
  deadAt = timer ? received + Number(timer.dataset.good) * 1000 : Infinity;
  failures = 0;
  lost.hidden = true;
  place.classList.remove("is-dead");
  if (ring) {
    ring.style.animationDuration = "30s";
    ring.style.animationDelay = Math.min(0, renewAt - now() - 30000) + "ms";
  }
}

async function renew() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const limit = new AbortController();
    const timeout = setTimeout(() => limit.abort(), 8000);
    const answer = await fetch("/card", { signal: limit.signal, headers: { "X-Part": "card" } });
    if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const received = now();
    put(await answer.text());
    clearTimeout(timeout);
    arm(received);
  } catch (error) {
    failures += 1;
    renewAt = now() + Math.min(10000, 1000 * 2 ** failures);
    say();
  } finally {
    asking = false;
  }
}

function put(html) {
  const parts = new DOMParser().parseFromString(html, "text/html");
  const code = parts.querySelector('[data-for="code"]');
  const frozen = (element) => element.querySelector("[data-frozen]") !== null;
  if (frozen(code) !== frozen(place)) return location.reload(); // another kind of page
  if (!frozen(place)) place.replaceChildren(...code.childNodes);
  const told = document.getElementById("news");
  const news = parts.querySelector('[data-for="news"]');
  const id = (element) => (element.querySelector("[data-news]") || { dataset: {} }).dataset.news;
  if (id(news) !== id(told)) {
    told.replaceChildren(...news.childNodes); // a live region: it is read out once
    const touched = navigator.userActivation && navigator.userActivation.hasBeenActive;
    if (id(told) && touched && navigator.vibrate) navigator.vibrate(90);
  }
}

function say() {
  if (!failures) return;
  const left = Math.ceil((deadAt - now()) / 1000);
  const dead = left <= 0;
  const text = dead ? place.dataset.dead : place.dataset.lost.replace("{seconds}", left);
  place.classList.toggle("is-dead", dead);
  lost.hidden = false;
  if (lost.textContent !== text) lost.textContent = text;
}

function tick() {
  const left = Math.max(0, Math.ceil((renewAt - now()) / 1000));
  const shown = place.querySelector("[data-seconds]");
  if (shown && !failures && shown.textContent !== String(left)) shown.textContent = left;
  say();
  tickDigits();
  if (left === 0) renew();
}

// The eight digits.
let digitsOver = 0;

function armDigits() {
  const typed = document.querySelector("[data-typed]");
  digitsOver = typed ? now() + Number(typed.dataset.typed) * 1000 : 0;
}

function tickDigits() {
  if (!digitsOver) return;
  const left = Math.max(0, Math.ceil((digitsOver - now()) / 1000));
  document.querySelector("[data-typed] [data-seconds]").textContent = left;
  if (left) return;
  document.querySelector("[data-typed]").hidden = true;
  document.querySelector("[data-over]").hidden = false;
  digitsOver = 0;
}

document.addEventListener("submit", async (event) => {
  if (!("digits" in event.target.dataset)) return;
  event.preventDefault();
  const form = event.target;
  if (form.dataset.sent) return; // the second tap on a slow line: new digits end the ones before
  form.dataset.sent = "1";
  form.querySelector("button").setAttribute("aria-disabled", "true");
  try {
    const headers = { "X-Part": "digits", Accept: "application/json" }; // a refusal comes as a problem, digits as a part
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers });
    if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
    if (!answer.ok) {
      const said = document.querySelector("#digits [data-said]");
      said.textContent = (await answer.json()).member_detail;
      said.hidden = false;
      return;
    }
    document.getElementById("digits").innerHTML = await answer.text();
    armDigits();
    document.querySelector("#digits button").focus();
  } catch (error) {
    form.submit(); // the browser says itself that there is no network
  } finally {
    delete form.dataset.sent;
    form.querySelector("button").removeAttribute("aria-disabled");
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest && event.target.closest("[data-renew]")) {
    event.preventDefault();
    renew();
  }
});
document.addEventListener("visibilitychange", () => document.hidden || renew());
addEventListener("online", renew);
addEventListener("pageshow", (event) => event.persisted && renew());

const entry = performance.getEntriesByType("navigation")[0];
arm(entry ? entry.responseStart : 0);
armDigits();
setInterval(tick, 250);
tick();
