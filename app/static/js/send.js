// Forms of the till on a bad line. A form is sent with a limit of time and, when no answer came, once more under the
// same key; then the clerk is told that nobody knows, and a tap asks the server what became of that key. An answer is a
// page of ours: it takes this one's place without another request, so that a line cut after it hides nothing.

const TIMEOUT = 8000, PAUSE = 1000, AGAIN = 2000;
let busy = false; // one thing at a time
let here = location.pathname; // whose page is shown
let sent = null; // what went off and has no answer yet

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("send" in form.dataset)) return;
  event.preventDefault();
  if (busy || sent) return;
  const typed = form.querySelector("[data-typed]");
  if (typed) {
    // Another code is another act, and has a key of its own.
    if (form.dataset.last && form.dataset.last !== typed.value) form.elements.key.value = fresh();
    form.dataset.last = typed.value;
  }
  const body = new URLSearchParams(new FormData(form));
  const amount = body.get("amount"), scan = body.get("scan_id");
  sent = {
    url: form.action,
    body,
    check: form.dataset.send + "/" + body.get("key") + (scan ? "?scan=" + scan : ""),
    what: [form.dataset.what, amount && amount + " " + (form.dataset.unit || "")].filter(Boolean).join(" · "),
    step: form.dataset.step,
    buttons: [...form.querySelectorAll("[data-busy]")],
  };
  deliver();
});

for (const form of document.querySelectorAll("form[data-send][data-self]")) {
  form.requestSubmit ? form.requestSubmit() : form.querySelector("button").click();
}

async function deliver() {
  busy = true;
  wait(true);
  if (document.getElementById("main").hidden) say("sending", []);
  for (const last of [false, true]) {
    try {
      const answer = await ask(sent.url, { method: "POST", body: sent.body });
      if (answer.status === 429) say("often", ["check", "again"]);
      else show(answer);
      return;
    } catch (error) {
      if (!last) await new Promise((done) => setTimeout(done, PAUSE));
    }
  }
  say("lost", ["check"]);
}

async function ask(url, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT);
  try {
    const answer = await fetch(url, Object.assign({ signal: stop.signal, cache: "no-store" }, options));
    if (answer.status >= 500) throw new Error(String(answer.status));
    return { status: answer.status, url: answer.redirected ? answer.url : "", text: await answer.text() };
  } finally {
    clearTimeout(timer);
  }
}

// Throws for a page that is not ours: a hotel's or a proxy's answer is none.
function show(answer) {
  const page = new DOMParser().parseFromString(answer.text, "text/html");
  if (!page.querySelector("html[data-theme] #main")) throw new Error("not ours");
  if (answer.url && !page.querySelector(".page--till")) return location.replace(answer.url);
  if (answer.url && answer.url !== location.href) history[sent.step === "push" ? "pushState" : "replaceState"]({}, "", answer.url);
  busy = false;
  sent = null;
  here = location.pathname;
  document.title = page.title;
  for (const part of page.querySelectorAll("link[rel=stylesheet], script[src]")) {
    const name = part.src ? "src" : "href";
    if (document.querySelector(`${part.localName}[${name}="${part.getAttribute(name)}"]`)) continue;
    const copy = document.createElement(part.localName);
    for (const one of part.attributes) copy.setAttribute(one.name, one.value);
    document.head.append(copy);
  }
  document.body.textContent = "";
  document.body.append(...page.body.childNodes);
  scrollTo(0, 0);
  document.dispatchEvent(new Event("shown"));
}

async function check() {
  if (busy || !sent) return;
  busy = true;
  say("checking", []);
  let found;
  try {
    found = JSON.parse((await ask(sent.check, { headers: { Accept: "application/json" } })).text);
  } catch (error) {
    return say("away", ["check"]);
  }
  if (found.state === "recorded") recorded(found);
  else if (found.state === "refused") deliver(); // the same key brings the same refusal, now as a page
  else if (found.state === "running") {
    say("running", ["check"]);
    setTimeout(check, AGAIN);
  } else if (found.state === "unknown") say("unknown", ["again", "back"]);
  else location.reload(); // the session has ended, or the like: the server says so on the page
}

async function recorded(found) {
  say(found.said + "|", ["open"]);
  const open = document.querySelector("[data-unsure] [data-open]");
  open.href = found.url;
  try {
    const answer = await ask(found.url, {});
    show(Object.assign(answer, { url: new URL(found.url, location.href).href }));
  } catch (error) {
    busy = false; // what is known stands on the screen
  }
}

// The words of a state, and which buttons go with it.
function say(state, buttons) {
  const panel = document.querySelector("[data-unsure]");
  const [word, detail] = (panel.dataset[state] || state).split("|");
  panel.querySelector("[data-word]").textContent = word;
  panel.querySelector("[data-detail]").textContent = detail;
  panel.querySelector("[data-what]").textContent = sent.what;
  for (const name of ["check", "again", "back", "open"]) {
    panel.querySelector(`[data-${name}]`).hidden = !buttons.includes(name);
  }
  panel.hidden = false;
  document.getElementById("main").hidden = true;
  panel.focus();
  busy = !buttons.length;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unsure] button");
  if (!button || busy || !sent) return;
  if ("check" in button.dataset) check();
  if ("again" in button.dataset) deliver();
  if ("back" in button.dataset) {
    button.closest("[data-unsure]").hidden = true;
    document.getElementById("main").hidden = false;
    wait(false);
    sent = null; // the form is armed again, with its key
  }
});
addEventListener("online", check);
addEventListener("popstate", () => location.pathname === here || location.reload());
addEventListener("pageshow", (event) => event.persisted && location.reload());

function wait(on) {
  for (const button of sent.buttons) {
    if (on) button.dataset.was = button.dataset.was || button.textContent;
    button.setAttribute("aria-disabled", String(on));
    button.textContent = on ? button.dataset.busy : button.dataset.was;
  }
}

function fresh() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}
