"use strict";
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), each => each.charCodeAt(0));
const form = document.querySelector("form[data-decision]");
const say = words => { form.querySelector("[role=status]").textContent = words; };
const chosen = () => form.elements.approver?.selectedOptions[0]?.dataset ?? form.dataset;

function follow() {
  const hasPasskey = Boolean(chosen().challenge);
  form.elements.passphrase?.closest(".seax-field").toggleAttribute("hidden", hasPasskey);
  const button = form.querySelector("[data-act]");
  button.textContent = hasPasskey ? button.dataset.passkey : button.dataset.act;
}

async function ask({ challenge, passkey }) {
  const publicKey = { challenge: bytes(challenge), timeout: 120000, userVerification: "required" };
  if (passkey) {
    const allowCredentials = [{ type: "public-key", id: bytes(passkey) }];
    return navigator.credentials.get({ publicKey: { ...publicKey, rpId: "localhost", allowCredentials } });
  }
  const name = form.elements.name.value;
  return navigator.credentials.create({ publicKey: {
    ...publicKey, rp: { id: "localhost", name: "SeaX approvals" },
    user: { id: crypto.getRandomValues(new Uint8Array(32)), name, displayName: name },
    pubKeyCredParams: [{ type: "public-key", alg: -7 }, { type: "public-key", alg: -257 }],
    authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
  } });
}

async function decide(event) {
  if (!event.submitter?.dataset.act || !chosen().challenge) return;
  event.preventDefault();
  say("Your device asks you now.");
  try {
    form.elements.answer.value = JSON.stringify((await ask(chosen())).toJSON());
  } catch (error) {
    say(`The passkey did not answer (${error.name}): nothing was recorded. Try again.`);
    return;
  }
  form.querySelector("input[name=doing]").value = event.submitter.value; // its buttons have that name, too
  form.submit();
}

if (form) {
  form.addEventListener("keydown", event => {
    if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
  });
  form.addEventListener("change", follow);
  form.addEventListener("submit", decide);
  follow();
}

async function followLedger(key) {
  for (;;) {
    const reply = await fetch("/", { method: "POST", body: new URLSearchParams({ key, doing: "wait" }) });
    const next = new DOMParser().parseFromString(await reply.text(), "text/html");
    const parts = next.querySelectorAll("[data-follows]");
    if (!parts.length) return; // the page is closed: the next click says so
    document.title = next.title;
    document.querySelectorAll("[data-follows]").forEach((part, at) => {
      if (part.innerHTML === parts[at].innerHTML) return;
      const focused = part.contains(document.activeElement) && document.activeElement.value;
      part.replaceChildren(...parts[at].childNodes);
      if (focused) [...part.querySelectorAll("button")].find(each => each.value === focused)?.focus();
    });
  }
}

const list = document.querySelector("form[data-follows]");
if (list) followLedger(list.elements.key.value).catch(() => {}); // the server has ended
