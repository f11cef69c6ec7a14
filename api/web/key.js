// The API key: typed once, kept by the tab, sent to this API only.

const KEY = `x-api-key of ${root}`;
const isSigned = data.auth === "iam";

/** The key of this tab: the browser forgets it with the tab, and nothing else on the page holds it. */
const key = {
  get value() { return sessionStorage.getItem(KEY) ?? ""; },
  set value(text) { text ? sessionStorage.setItem(KEY, text) : sessionStorage.removeItem(KEY); },
};

const keyError = element("p", { class: "error", role: "alert" });

function refuseKey(sentence) {
  keyError.textContent = sentence;
  keyInput.setAttribute("aria-invalid", "true");
  keyInput.focus();
}

const [keyId, keyHint] = [newId(), newId()];
keyError.id = newId();
const keyInput = element("input", {
  type: "password", id: keyId, autocomplete: "off", spellcheck: "false", "aria-describedby": `${keyError.id} ${keyHint}`,
  oninput: () => {
    key.value = keyInput.value.trim();
    keyError.textContent = "";
    keyInput.removeAttribute("aria-invalid");
  },
});
keyInput.value = key.value;
const forget = element("button", { type: "button", onclick: () => { key.value = keyInput.value = ""; keyInput.focus(); } }, "Forget the key");

/** Returns the form of the key; Enter calls `onsubmit()`. */
const keyForm = (onsubmit) => element("form", { onsubmit: (event) => { event.preventDefault(); onsubmit(); } },
  element("div", { class: "card" }, element("label", { for: keyId }, "API key"),
    element("div", { class: "row" }, keyInput, forget), keyError,
    element("p", { class: "hint", id: keyHint }, "Who runs this API gives it to you. It stays in this tab until you close it, and is sent to this API only.")));
