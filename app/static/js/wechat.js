// WeChat's own scanner. Its button comes when the platform has agreed; whatever fails, the other ways stay.

const box = document.querySelector("[data-wechat]");
const form = document.querySelector("form[data-scan]");
let refused = 0; // a signature that was refused is fetched anew once
if (box) load();

// By hand, so that a slow script of somebody else's holds up none of ours.
function load() {
  const script = document.createElement("script");
  script.src = box.dataset.script;
  script.onload = agree;
  document.head.append(script);
}

async function agree() {
  const page = location.href.split("#")[0];
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 8000);
  try {
    const options = { headers: { Accept: "application/json" }, signal: stop.signal };
    const answer = await fetch(box.dataset.wechat + "?url=" + encodeURIComponent(page), options);
    if (!answer.ok) throw new Error(String(answer.status));
    const signed = await answer.json();
    let bad = false;
    wx.ready(() => {
      box.hidden = bad;
    });
    wx.error(() => {
      bad = box.hidden = true;
      if (refused++ === 0) agree();
    });
    wx.config(signed);
  } catch (error) {
    box.hidden = true;
  } finally {
    clearTimeout(timer);
  }
}

if (box) {
  box.querySelector("button").addEventListener("click", () => {
    wx.scanQRCode({
      needResult: 1,
      scanType: ["qrCode", "barCode"],
      success: (found) => {
        // A bar code comes with its kind: "CODE_128,48271936".
        const text = found.resultStr;
        form.querySelector("#code").value = /^[A-Z0-9_]+,/.test(text) ? text.slice(text.indexOf(",") + 1) : text;
        form.requestSubmit ? form.requestSubmit() : form.submit();
      },
      fail: () => {
        box.querySelector("[data-wechat-said]").hidden = false;
      },
    });
  });
}
