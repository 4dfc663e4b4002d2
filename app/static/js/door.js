// The venue's code on a screen: a fresh one each half minute. Times are the server's "seconds left".

const place = document.getElementById("beam");
const lost = document.getElementById("lost");
let failures = 0;
let dead = 0;
arm();

function arm() {
  const part = place.querySelector("[data-left]");
  clearTimeout(dead);
  dead = setTimeout(() => show(false), Number(part.dataset.good) * 1000);
  setTimeout(renew, Number(part.dataset.left) * 1000 + 200);
}

function show(good) {
  place.classList.toggle("is-dead", !good);
  lost.hidden = good;
}

async function renew() {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 8000);
  try {
    const answer = await fetch(place.dataset.part, { signal: stop.signal });
    if (answer.redirected || answer.status === 401 || answer.status === 403) return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-left]");
    place.replaceChildren(document.adoptNode(part));
    failures = 0;
    show(true);
    arm();
  } catch (error) {
    failures += 1;
    setTimeout(renew, Math.min(10000, 1000 * 2 ** failures));
  } finally {
    clearTimeout(timer);
  }
}
