// Requests to the API: the answer or problem, the same request as a command and as a link.

/** A refused or failed request, as the API's problem document (RFC 9457) says it. */
class Problem extends Error {
  constructor(sentence, { status = 0, errors = [], id = "" } = {}) {
    super(sentence);
    Object.assign(this, { status, errors, id });
  }
}

async function problemOf(response) {
  const id = response.headers.get("x-request-id") ?? "";
  const wait = response.headers.get("retry-after");
  const found = await response.json().catch(() => ({}));
  const sentence = found.detail ?? `The API answered with status ${response.status}.`;
  const errors = Array.isArray(found.errors) ? found.errors : [];
  return new Problem(wait ? `${sentence} Ask again in ${wait} s.` : sentence, { status: response.status, errors, id: found.request_id ?? id });
}

/** Returns the URL of a model's predictions. A parameter is sent only if the API takes it. */
function predictUrl(model, wanted) {
  const url = new URL(model.path, root);
  for (const [name, value] of Object.entries(wanted)) if (model.parameters.includes(name)) url.searchParams.set(name, value);
  return url.href;
}

/** Parameters of one prediction: every label for bars, the reasons, and the quantiles of the second target. */
const wantedOf = (model) => ({
  ...(model.task === "multiclass" && { probabilities: "true" }), reasons: "4", ...(model.quantiles && { [model.quantiles.name]: "true" }),
});

async function post(url, { body, headers, signal }) {
  let response;
  try {
    response = await fetch(url, { method: "POST", body, signal, credentials: "omit", headers: { ...headers, "x-api-key": key.value } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The API could not be reached: check the network, then ask again.");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Returns the prediction of a row, and the version of the model that answered. */
async function predict(model, row, signal) {
  const headers = { "content-type": "application/json" };
  const response = await post(predictUrl(model, wantedOf(model)), { body: JSON.stringify(row), headers, signal });
  const { predictions: [prediction], model: { version } } = await response.json();
  return { row, prediction, version };
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function curl(url, mediaType, body, more = "") {
  const region = /\.execute-api\.([a-z0-9-]+)\./.exec(location.hostname)?.[1] ?? "$AWS_REGION";
  const caller = isSigned
    ? `--aws-sigv4 "aws:amz:${region}:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\\n  -H "x-amz-security-token: $AWS_SESSION_TOKEN"`
    : '-H "x-api-key: $KEY"';
  return `curl -s ${quoted(url)} \\\n  ${caller} \\\n  -H 'content-type: ${mediaType}'${more} \\\n  ${body}`;
}

/** Returns the command that asks for the prediction of a row. */
const rowCommand = (model, row) => curl(predictUrl(model, wantedOf(model)), "application/json", `-d ${quoted(JSON.stringify(row))}`);

/** Parameters of a table: a wrong row gets its errors in the answer. */
const wantedOfTable = (model) => ({
  on_error: "skip", ...(model.task === "multiclass" && { probabilities: "true" }), ...(model.quantiles && { [model.quantiles.name]: "true" }),
});

/** Returns the command that asks for the predictions of a file. */
const tableCommand = (model) => curl(predictUrl(model, wantedOfTable(model)), "text/csv", "--data-binary @rows.csv", " -H 'accept: text/csv'");

/** Returns the link to a filled-in form. Browsers send no server what is behind "#". */
function link(model, row) {
  const fields = new URLSearchParams(Object.entries(row).map(([name, value]) => [name, String(value)]));
  return `${location.origin}${location.pathname}#${model.name}?${fields}`;
}

/** Returns the model's name and the row of such a link, null without one. */
function linked() {
  const [, name, fields] = /^#([a-z0-9_]+)\?(.*)$/.exec(location.hash) ?? [];
  return name ? { name, row: Object.fromEntries(new URLSearchParams(fields)) } : null;
}
