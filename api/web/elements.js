// Elements of the document, and words for people.

const data = JSON.parse(document.getElementById("data").textContent);

// The root of the API ends where the page's own place begins: /v1, /v1/ or / of a custom domain, /v1/docs.
const path = location.pathname.replace(/\/*$/, "/");
const root = new URL(path.slice(0, path.length - data.place.length), location.origin).href;
for (const anchor of document.querySelectorAll("a[data-path]")) anchor.href = new URL(anchor.dataset.path, root).href;

let numberOfIds = 0;

/** Returns an id that no other element has. */
const newId = () => `e${++numberOfIds}`;

/** Returns an element. `on...` are listeners; other attributes are left out when they are false or null. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** Returns a name of the model as words: scheduled_departure is "Scheduled departure". */
function words(name) {
  const text = name.replaceAll("_", " ").trim() || name;
  return text[0].toUpperCase() + text.slice(1);
}

const percent = (share) => `${(100 * share).toFixed(1)} %`;

const numberFormat = new Intl.NumberFormat("en", { maximumSignificantDigits: 7 });
const shownNumber = (number) => numberFormat.format(number);

/** Returns a button that copies the text of `read()`, and says so. */
function copyButton(label, read, status) {
  return element("button", {
    type: "button",
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(read());
        status.textContent = "Copied.";
      } catch {
        status.textContent = "The browser does not let this page copy: select the text and copy it.";
      }
    },
  }, label);
}
