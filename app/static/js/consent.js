// WeChat's own question for consent, once for each act. Whatever fails, the page says nothing: the inbox has it all.

const form = document.querySelector("[data-consent]");
const ASKED = "asked";
const KEPT = 20;
if (form && !asked().includes(form.dataset.consent)) load();

function asked() {
  try {
    return JSON.parse(localStorage.getItem(ASKED)) || [];
  } catch (error) {
    return [];
  }
}

function done() {
  form.hidden = true;
  try {
    localStorage.setItem(ASKED, JSON.stringify([form.dataset.consent, ...asked()].slice(0, KEPT)));
  } catch (error) {
    // A browser that keeps nothing asks again.
  }
}

function load() {
  const script = document.createElement("script");
  script.src = form.dataset.script;
  script.onload = agree;
  document.head.append(script);
}

async function agree() {
  const page = location.href.split("#")[0];
  const answer = await fetch(form.dataset.signature + "?url=" + encodeURIComponent(page), {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (!answer || !answer.ok) return;
  const signed = await answer.json();
  document.addEventListener("WeixinOpenTagsError", () => (form.hidden = true));
  wx.error(() => (form.hidden = true));
  wx.ready(show);
  wx.config(signed);
}

function show() {
  const tag = document.createElement("wx-open-subscribe");
  tag.setAttribute("template", form.dataset.templates);
  // Text of another kind: the component makes its button of it, apart from this page's styles.
  const inside = document.createElement("script");
  inside.type = "text/wxtag-template";
  inside.textContent =
    "<style>.b{display:block;width:100%;height:48px;border:0;border-radius:10px;background:#07723a;color:#fff;" +
    "font-size:17px;font-weight:600}</style><button class=\"b\">" + form.dataset.tap + "</button>";
  tag.append(inside);
  tag.addEventListener("success", (event) => heard(event.detail.subscribeDetails));
  tag.addEventListener("error", done);
  form.querySelector("[data-spot]").append(tag);
  form.hidden = false;
}

// {"<template>": "{\"status\":\"accept\"}"}, as text or as an object, by the version of WeChat.
async function heard(details) {
  const read = (one) => (typeof one === "string" ? JSON.parse(one) : one);
  let accepted = false;
  for (const [template, one] of Object.entries(read(details))) {
    const status = read(one).status;
    accepted = accepted || status === "accept";
    const body = new FormData(form);
    body.set("template", template);
    body.set("answer", status);
    body.set("key", crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2) + Date.now());
    fetch(form.action, { method: "POST", body, keepalive: true }).catch(() => {});
  }
  done();
  document.querySelector("[data-thanks]").hidden = !accepted;
}

if (form) form.querySelector("[data-no]").addEventListener("click", done);
