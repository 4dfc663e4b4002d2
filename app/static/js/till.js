// Till pages: the camera, and a field that takes whatever a hardware scanner types.

// A scanner types and sends Enter, wherever the focus happens to be. The first key moves the focus into the field, so
// the key itself lands there too. A key pressed in another field, or with Ctrl or Alt, is somebody's own.
document.addEventListener("keydown", (event) => {
  const field = document.getElementById("code"), main = document.getElementById("main");
  const own = event.target.closest && event.target.closest("input, textarea, select");
  if (!field || main.hidden || own || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key.length !== 1 || event.key === " ") return;
  field.value = "";
  field.focus();
});

const camera = document.querySelector("[data-camera]");
if (camera) prepare(document.querySelector("form[data-scan]"));

async function prepare(form) {
  if (!("BarcodeDetector" in window) || !window.isSecureContext || !navigator.mediaDevices) return;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  if (!formats.includes("qr_code")) return;
  camera.hidden = false;
  for (const way of document.querySelectorAll("[data-with-camera]")) way.hidden = false;
  const open = camera.querySelector("[data-open]");
  const close = camera.querySelector("[data-close]");
  const finder = camera.querySelector("[data-finder]");
  const video = finder.querySelector("video");
  const said = camera.querySelector("[data-camera-said]");
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  let stream = null;

  const stop = () => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    finder.hidden = close.hidden = true;
    open.hidden = false;
  };
  const look = async () => {
    if (!stream) return;
    const found = await detector.detect(video).catch(() => []);
    if (stream && found.length) {
      stop();
      if (navigator.vibrate) navigator.vibrate(60);
      form.querySelector("#code").value = found[0].rawValue;
      form.requestSubmit ? form.requestSubmit() : form.submit();
    } else setTimeout(look, 200);
  };
  open.addEventListener("click", async () => {
    said.hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    } catch (error) {
      said.textContent = camera.dataset.denied;
      said.hidden = false;
      return;
    }
    video.srcObject = stream;
    finder.hidden = close.hidden = false;
    open.hidden = true;
    await video.play().catch(() => {});
    look();
  });
  close.addEventListener("click", stop);
  document.addEventListener("visibilitychange", () => document.hidden && stop());
  document.addEventListener("shown", stop);
}
