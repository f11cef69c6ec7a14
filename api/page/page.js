// The page: the form of the key, a panel for each model, tabs when there are several.

const panels = data.models.map((model) => new Panel(model, { onrefusedkey: refuseKey }));
let selected = 0;

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
  ...(isSigned ? [] : [keyForm(() => panels[selected].ask())]),
  ...(panels.length > 1 ? [element("div", { role: "tablist", "aria-label": "Models" }, ...tabs)] : []),
  ...panels.map((panel) => panel.element));
select(0);
follow();
addEventListener("hashchange", follow);
// A file that is dropped elsewhere would replace the page.
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
