// Shops nearest first, on a tap. The place stays in this function: nothing is sent with it and nothing keeps it.

const box = document.getElementById("near");
const button = box && box.querySelector("button");
const words = button && button.querySelector("span");
const said = document.getElementById("near-said");
const EARTH = 6371000;
const radians = (degrees) => (degrees * Math.PI) / 180;

// Phones say WGS-84, Chinese maps and our shops say GCJ-02: some hundred metres apart.
function chinese(lat, lng) {
  if (lng < 72.004 || lng > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lat, lng];
  const wave = (x, a, b) => a * Math.sin(x * Math.PI) + b * Math.sin((x * Math.PI) / 3);
  const x = lng - 105;
  const y = lat - 35;
  const both = ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + both +
    ((wave(y, 20, 40) + 160 * Math.sin((y * Math.PI) / 12) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + both +
    ((wave(x, 20, 40) + 150 * Math.sin((x * Math.PI) / 12) + 300 * Math.sin((x * Math.PI) / 30)) * 2) / 3;
  const squeeze = 0.00669342162296594323;
  const magic = 1 - squeeze * Math.sin(radians(lat)) ** 2;
  const radius = 6378245;
  return [
    lat + (north * 180) / (((radius * (1 - squeeze)) / (magic * Math.sqrt(magic))) * Math.PI),
    lng + (east * 180) / ((radius / Math.sqrt(magic)) * Math.cos(radians(lat)) * Math.PI),
  ];
}

function metres([lat, lng], [other, further]) {
  const half = (one, two) => Math.sin(radians(two - one) / 2) ** 2;
  const arc = half(lat, other) + Math.cos(radians(lat)) * Math.cos(radians(other)) * half(lng, further);
  return 2 * EARTH * Math.asin(Math.sqrt(arc));
}

function far(far) {
  if (far < 1000) return box.dataset.m.replace("{n}", Math.max(10, Math.round(far / 10) * 10));
  return box.dataset.km.replace("{n}", (far / 1000).toFixed(far < 10000 ? 1 : 0));
}

async function sort({ coords }) {
  const here = chinese(coords.latitude, coords.longitude);
  let list = document.getElementById("shops");
  if (box.dataset.all) {
    // All shops, whoever asks from wherever: which are near is for this phone to know.
    const answer = await fetch(box.dataset.all);
    if (!answer.ok) throw new Error(answer.status);
    list.outerHTML = await answer.text();
    list = document.getElementById("shops");
    document.getElementById("pages").hidden = true;
    delete box.dataset.all;
  }
  const each = [...list.children].map((shop) => {
    const places = (shop.dataset.at || "").split(" ").filter(Boolean);
    return [Math.min(...places.map((place) => metres(here, place.split(",").map(Number)))), shop];
  });
  each.sort((one, other) => (one[0] === other[0] ? 0 : one[0] - other[0]));
  for (const [way, shop] of each) {
    if (way < Infinity) shop.querySelector("[data-far]").textContent = far(way);
    list.append(shop);
  }
  over(box.dataset.sorted);
}

function over(sentence) {
  said.textContent = sentence;
  words.textContent = box.dataset.was;
  button.removeAttribute("aria-disabled");
}

if (box && navigator.geolocation) {
  box.hidden = false;
  box.dataset.was = words.textContent;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    words.textContent = box.dataset.wait;
    navigator.geolocation.getCurrentPosition(
      (place) => sort(place).catch(() => over(box.dataset.cut)),
      (error) => over(error.code === error.PERMISSION_DENIED ? box.dataset.denied : box.dataset.lost),
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}
