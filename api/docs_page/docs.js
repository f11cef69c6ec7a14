// The API's document in the viewer, whose requests get the key of this tab.

const asking = document.getElementById("asking");
// The viewer shows a command for each request, and this word in the place of the key.
const PLACEHOLDER = "KEY";

/** Returns the text that the page holds compressed. */
async function unpacked(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

/** Inserts a style or script; the page's policy knows the hash of each. */
function insert(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  document.head.append(made);
}

/** Returns the document, with the URL of this API as its only server, and without the figures of the model. */
async function apiDocument() {
  const response = await fetch(new URL("openapi.json", root), { credentials: "omit" });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const found = await response.json();
  // The figures would fill the screen before the first path; the page about the model has them.
  return { ...found, info: { ...found.info, description: "" }, servers: [{ url: root.slice(0, -1), description: "This API" }] };
}

function withKey(request) {
  if (request.headers?.["x-api-key"] !== undefined) request.headers["x-api-key"] = key.value;
  return request;
}

function afterwards(response) {
  if (response.status === 403 && !isSigned) {
    refuseKey(key.value ? "The API refused this key." : "Type the API key first.");
  }
  return response;
}

async function start() {
  const [spec, style, script] = await Promise.all([apiDocument(), unpacked("viewer-style"), unpacked("viewer-script")]);
  insert("style", style);
  insert("script", script);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", scheme.matches);
  scheme.addEventListener("change", follow);
  follow();
  const hidden = () => () => null;
  const viewer = SwaggerUIBundle({
    spec,
    domNode: document.getElementById("viewer"),
    // By default it would ask another host whether the document is valid.
    validatorUrl: null,
    deepLinking: false,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
    supportedSubmitMethods: isSigned ? ["get"] : ["get", "post"],
    requestInterceptor: withKey,
    responseInterceptor: afterwards,
    // The command is that of the request before it gets the key.
    showMutatedRequest: false,
    plugins: [{ wrapComponents: { authorizeBtn: hidden, authorizeOperationBtn: hidden } }],
    onComplete: () => { if (!isSigned) viewer.preauthorizeApiKey("ApiKey", PLACEHOLDER); },
  });
}

asking.append(isSigned
  ? element("p", { class: "card" }, "Predictions need an AWS signature (version 4), which a page cannot make without your credentials: the other paths can be tried here. ",
    element("a", { href: root }, "The page of the model"), " has the command that asks for a prediction, for a shell that has credentials.")
  : keyForm(() => {}));
start().catch((error) => asking.append(element("p", { class: "error", role: "alert" }, `The API's document could not be shown (${error.message}): load the page again.`)));
