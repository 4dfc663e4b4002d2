// A notice on its way: its figures come anew by themselves, and the page once it is done.

const every = 2000;
const until = performance.now() + 600000; // whoever has gone away is signed out in time
setTimeout(look, every);

async function look() {
  if (performance.now() > until) return;
  if (document.hidden) return setTimeout(look, every);
  try {
    const answer = await fetch(location.href);
    const there = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-progress]");
    const here = document.querySelector("[data-progress]");
    // Signed out meanwhile, begun, or done: the page itself says so. A fold that stands open waits for its reader.
    const changed = answer.redirected || !here !== !there || (there && !("working" in there.dataset));
    if (changed && !document.querySelector("details[open]")) return location.reload();
    if (here && there) here.replaceWith(document.adoptNode(there));
  } catch (error) {} // no network: asked again
  setTimeout(look, every);
}
