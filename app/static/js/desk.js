// A computer that waits for a phone to let it in.

const place = document.querySelector("[data-desk]");
const form = place.querySelector("[data-plain]");
const until = performance.now() + 120000;
form.hidden = true;
ask();

async function ask() {
  if (performance.now() > until) return over();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.redirected) return location.replace(answer.url);
    if (answer.status === 409) return over();
  } catch (error) {} // no network: asked again
  setTimeout(ask, 2000);
}

function over() {
  place.querySelector("[data-waiting]").hidden = true;
  place.querySelector("[data-over]").hidden = false;
  place.querySelector(".qr").style.opacity = ".12";
}
