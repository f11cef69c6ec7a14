// Elements of the document, and words for people.

const data = JSON.parse(document.getElementById("data").textContent);

// The page is the root of the API, with or without a slash at the end: /v1, /v1/ or / of a custom domain.
const root = new URL(location.pathname.replace(/\/*$/, "/"), location.origin).href;

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
