// The page: the key, a panel for each model, tabs when there are several.

const keyError = element("p", { class: "error", role: "alert" });

function refuseKey(sentence) {
  keyError.textContent = sentence;
  keyInput.setAttribute("aria-invalid", "true");
  keyInput.focus();
}

const panels = data.models.map((model) => new Panel(model, { onrefusedkey: refuseKey }));
let selected = 0;

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
const keyForm = element("form", { onsubmit: (event) => { event.preventDefault(); panels[selected].ask(); } },
  element("div", { class: "card" }, element("label", { for: keyId }, "API key"),
    element("div", { class: "row" }, keyInput, forget), keyError,
    element("p", { class: "hint", id: keyHint }, "It stays in this tab until you close it, and is sent to this API only.")));

const tabs = data.models.map((model, index) => element("button", {
  type: "button", role: "tab", id: newId(), onclick: () => select(index), onkeydown: (event) => moveTab(event, index),
}, words(model.name)));

function select(index) {
  selected = index;
  panels.forEach((panel, place) => { panel.element.hidden = place !== index; });
  tabs.forEach((tab, place) => {
    tab.setAttribute("aria-selected", String(place === index));
    tab.tabIndex = place === index ? 0 : -1;
  });
}

function moveTab(event, index) {
  const last = tabs.length - 1;
  const next = { ArrowRight: index < last ? index + 1 : 0, ArrowLeft: index ? index - 1 : last, Home: 0, End: last }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  select(next);
  tabs[next].focus();
}

/** Fills the form in with the values of the link that the page was opened with. */
function follow() {
  const found = linked();
  const index = data.models.findIndex((model) => model.name === found?.name);
  if (index < 0) return;
  select(index);
  panels[index].row = found.row;
}

if (panels.length > 1) {
  panels.forEach((panel, index) => {
    panel.element.id = newId();
    panel.element.setAttribute("role", "tabpanel");
    panel.element.setAttribute("aria-labelledby", tabs[index].id);
    tabs[index].setAttribute("aria-controls", panel.element.id);
  });
}
document.getElementById("main").append(
  ...(isSigned ? [] : [keyForm]),
  ...(panels.length > 1 ? [element("div", { role: "tablist", "aria-label": "Models" }, ...tabs)] : []),
  ...panels.map((panel) => panel.element));
for (const anchor of document.querySelectorAll("a[data-path]")) anchor.href = new URL(anchor.dataset.path, root).href;
select(0);
follow();
addEventListener("hashchange", follow);
// A file that is dropped elsewhere would replace the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
