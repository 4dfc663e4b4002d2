// Questions that hang on an earlier answer: there only where it was given so. What is hidden is not sent.

const parts = [...document.querySelectorAll("[data-only-if]")];
for (const part of parts) for (const note of part.querySelectorAll("[data-note]")) note.hidden = true;
document.addEventListener("change", look);
addEventListener("pageshow", look);
look();

// In the order of the page: an answer that has just been hidden no longer counts for what comes after it.
function look() {
  for (const part of parts) {
    const wanted = JSON.parse(part.dataset.answers);
    const given = new FormData(part.closest("form")).getAll(part.dataset.onlyIf);
    part.hidden = !given.some((one) => wanted.includes(one));
    for (const control of part.querySelectorAll("input, select, textarea")) control.disabled = part.hidden;
  }
}
