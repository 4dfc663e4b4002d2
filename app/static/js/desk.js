// The computer that waits for a phone: asks every two seconds whether it is let in, for as long as its code is good.

const place = document.querySelector("[data-desk]");
const until = performance.now() + 120000;
if (place) {
  place.querySelector("[data-plain]").hidden = true;
  ask();
}

async function ask() {
  if (performance.now() > until) return over();
  try {
    const form = place.querySelector("[data-plain]");
    const answer = await fetch(place.dataset.desk, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.redirected) return location.replace(answer.url);
    if (answer.status === 409) return over();
  } catch (error) {
    // the network is away: the next round may find it
  }
  setTimeout(ask, 2000);
}

function over() {
  place.querySelector("[data-waiting]").hidden = true;
  place.querySelector("[data-over]").hidden = false;
  place.querySelector(".qr").style.opacity = ".12";
}
