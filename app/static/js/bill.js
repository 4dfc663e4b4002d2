// The bill: a keypad, the sum to take, and a form that can be sent again when the network was away.
// What is shown here mirrors services/offers/rules.py; the server decides.

const form = document.querySelector("form[data-bill]");
if (form) {
  const terms = form.dataset;
  const input = form.querySelector("#amount");
  const said = form.querySelector("[data-said]");
  const sums = form.querySelector("[data-sums]");
  const go = form.querySelector(".keypad .go");
  if (input) keypad();
  form.addEventListener("submit", send);

  function keypad() {
    form.querySelector("[data-keypad]").hidden = false;
    form.querySelector("[data-plain]").hidden = true;
    input.setAttribute("inputmode", "none"); // our keys, not the phone's
    form.querySelector("[data-keypad]").addEventListener("click", (event) => {
      const key = event.target.closest("button");
      if (!key || key.type === "submit") return;
      press(key.value);
      changed();
    });
    input.addEventListener("input", changed);
    mirror();
  }

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

  // Whole fen, so that no sum is off by a hair.
  function fen(text) {
    const match = /^(\d{1,7})(?:\.(\d{0,2}))?$/.exec(text.trim());
    return match ? Number(match[1]) * 100 + Number(((match[2] || "") + "00").slice(0, 2)) : 0;
  }

  function yuan(sum) {
    return Math.floor(sum / 100) + "." + String(sum % 100).padStart(2, "0");
  }

  function mirror() {
    const sum = fen(input.value);
    const short = terms.kind === "amount_off" ? Math.max(0, Number(terms.threshold) - sum) : 0;
    const saved =
      terms.kind === "percent" ? Math.floor((sum * Number(terms.percent) + 50) / 100)
      : terms.kind === "amount_off" && !short ? Number(terms.off) : 0;
    const shown = form.querySelector("[data-saved]");
    sums.hidden = false;
    shown.textContent = sum && short ? terms.short.replace("{sum}", yuan(short)) : sum && saved ? "−" + yuan(saved) : "0.00";
    shown.classList.toggle("short", sum > 0 && short > 0);
    form.querySelector("[data-pay]").textContent = sum && short ? "—" : yuan(sum ? sum - saved : 0);
    go.textContent = sum && !short ? terms.go + "\n" + yuan(sum - saved) : terms.done;
  }

  async function send(event) {
    event.preventDefault();
    if (form.dataset.sent) return;
    wait(true);
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (answer.redirected) return location.replace(answer.url);
      if (answer.status >= 500) throw new Error(String(answer.status));
      form.submit(); // refused: the same key brings the same answer once more, now as a page
    } catch (error) {
      // The key stays the same: sent again, it is the same redemption.
      said.querySelector("span").textContent = terms.lost;
      said.hidden = false;
      said.focus();
      wait(false);
    }
  }

  function wait(on) {
    if (on) form.dataset.sent = "1";
    else delete form.dataset.sent;
    for (const button of form.querySelectorAll("[data-submit]")) {
      button.setAttribute("aria-disabled", String(on));
      if (on) button.textContent = button.dataset.busy;
      else button.textContent = terms.done;
    }
    if (!on && input) mirror();
  }
}
