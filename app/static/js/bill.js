// The bill: a keypad, and the sum to take. What is shown mirrors services/offers/rules.py; the server decides.

start();
document.addEventListener("shown", start); // send.js has put another page here

function start() {
  const form = document.querySelector("form[data-bill]");
  if (form && form.querySelector("#amount")) keypad(form);
}

function keypad(form) {
  const terms = form.dataset;
  const input = form.querySelector("#amount");
  const said = form.querySelector("[data-said]");
  const go = form.querySelector(".keypad .go");
  form.querySelector("[data-keypad]").hidden = false;
  form.querySelector("[data-plain]").hidden = true;
  form.querySelector("[data-sums]").hidden = false;
  input.setAttribute("inputmode", "none"); // our keys, not the phone's
  form.querySelector("[data-keypad]").addEventListener("click", (event) => {
    const key = event.target.closest("button");
    if (!key || key.type === "submit") return;
    press(key.value);
    changed();
  });
  input.addEventListener("input", changed);
  mirror();

  function press(key) {
    const text = input.value;
    if (key === "del") input.value = text.slice(0, -1);
    else if (key === "." ? !text.includes(".") : !/\.\d\d$/.test(text) && text.length < 10) {
      input.value = (text === "0" && key !== "." ? "" : text === "" && key === "." ? "0" : text) + key;
    }
  }

  function changed() {
    said.hidden = true; // what was wrong with the former amount
    mirror();
  }

  function mirror() {
    const sum = fen(input.value);
    const short = sum ? missing(terms, sum) : 0;
    const saved = sum && !short ? off(terms, sum) : 0;
    const shown = form.querySelector("[data-saved]");
    shown.textContent = short ? terms.short.replace("{sum}", yuan(short)) : saved ? "−" + yuan(saved) : "0.00";
    shown.classList.toggle("short", short > 0);
    form.querySelector("[data-pay]").textContent = short ? "—" : yuan(sum - saved);
    go.textContent = sum && !short ? terms.go + "\n" + yuan(sum - saved) : terms.done;
  }
}

// How much a bill is below what the offer takes.
function missing(terms, sum) {
  const least = terms.kind === "amount_off" ? terms.threshold : terms.kind === "fixed_price" ? terms.price : 0;
  return Math.max(0, Number(least) - sum);
}

function off(terms, sum) {
  if (terms.kind === "amount_off") return Number(terms.off);
  if (terms.kind === "fixed_price") return sum - Number(terms.price);
  if (terms.kind !== "percent") return 0;
  const share = Math.floor((sum * Number(terms.percent) + 50) / 100);
  return terms.most ? Math.min(share, Number(terms.most)) : share;
}

// Whole fen, so that no sum is off by a hair.
function fen(text) {
  const match = /^(\d{1,7})(?:\.(\d{0,2}))?$/.exec(text.trim());
  return match ? Number(match[1]) * 100 + Number(((match[2] || "") + "00").slice(0, 2)) : 0;
}

function yuan(sum) {
  return Math.floor(sum / 100) + "." + String(sum % 100).padStart(2, "0");
}
