// One prediction: its headline, bars, warnings and reasons.

function bar(share, { threshold = null, label }) {
  const made = element("div", { class: "bar", role: "img", "aria-label": label }, element("span", { class: "fill" }));
  made.firstChild.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
  if (threshold !== null) {
    const mark = element("span", { class: "threshold" });
    mark.style.left = `${100 * threshold}%`;
    made.append(mark);
  }
  return made;
}

/** Returns the label or number of a prediction. */
const headline = (model, prediction) => (model.task === "regression" ? shownNumber(prediction.value) : prediction.label);

/** Returns the prediction as a sentence. */
function spoken(model, prediction) {
  if (model.task === "regression") return `Prediction: ${shownNumber(prediction.value)}.`;
  const of = model.task === "binary" ? ` of ${model.positive_label}` : "";
  return `Prediction: ${prediction.label}. Probability${of}: ${percent(prediction.probability)}.`;
}

/** Returns the difference between two predictions as a sentence. */
function difference(model, before, now) {
  const key = model.task === "regression" ? "value" : "probability";
  if (model.task === "multiclass" && before.label !== now.label) return `The label changes from ${before.label} to ${now.label}.`;
  const step = now[key] - before[key];
  const sign = step < 0 ? "\u2212" : "+";
  const amount = key === "value" ? shownNumber(Math.abs(step)) : `${(100 * Math.abs(step)).toFixed(1)} percentage points`;
  const label = key === "value" || before.label === now.label ? "" : ` The label changes from ${before.label} to ${now.label}.`;
  return `${step === 0 ? "No difference." : `Difference: ${sign}${amount}.`}${label}`;
}

function binaryBars(model, { probability }) {
  const limit = `${model.positive_label} from ${percent(model.threshold)} on`;
  return [
    element("p", {}, `Probability of ${model.positive_label}: ${percent(probability)}`),
    bar(probability, { threshold: model.threshold, label: `Probability of ${model.positive_label}: ${percent(probability)}; ${limit}.` }),
    element("p", { class: "hint" }, `The mark is the threshold: ${limit}.`),
  ];
}

const MOST_LABELS = 10;

function labelBars({ label, probability, probabilities }) {
  const all = Object.entries(probabilities ?? { [label]: probability }).sort(([, one], [, other]) => other - one);
  const bars = all.slice(0, MOST_LABELS).map(([name, share]) => element("div", { class: "scale" },
    element("span", {}, name), element("span", { class: "number" }, percent(share)),
    bar(share, { label: `${name}: ${percent(share)}` })));
  const more = all.length - bars.length;
  return more > 0 ? [...bars, element("p", { class: "hint" }, `And ${more} labels with lower probabilities.`)] : bars;
}

/** Returns the interval of a regression, as two numbers or as an object that holds them. */
function interval({ interval: found }) {
  const ends = Object.values(found ?? {}).filter((end) => typeof end === "number");
  return ends.length >= 2 ? [Math.min(...ends), Math.max(...ends)] : null;
}

function intervalText(prediction) {
  const ends = interval(prediction);
  return ends ? [element("p", {}, `Interval: ${shownNumber(ends[0])} to ${shownNumber(ends[1])}.`)] : [];
}

/** Returns the median and the range of the second target, if the model has one. */
function quantiles(model, prediction) {
  const found = model.quantiles && prediction[model.quantiles.name];
  if (!found) return [];
  const { title, unit, coverage } = model.quantiles;
  const [low, median, high] = [found.low, found.median, found.high].map((value) => shownNumber(Number(value.toPrecision(3))));
  return [
    element("p", {}, `${title}: median ${median}, range ${low} to ${high}${unit ? ` ${unit}` : ""}.`),
    element("p", { class: "hint" }, `Half of such rows are below the median; about ${coverage} of them are in the range.`),
  ];
}

/** Returns the sentence of a warning or reason: its member `sentence`, or another text that is no name. */
function sentenceOf(item) {
  if (typeof item === "string") return item;
  const texts = Object.entries(item).filter(([key, value]) => !["field", "value", "code"].includes(key) && typeof value === "string");
  return item.sentence ?? texts[0]?.[1] ?? "";
}

function warningList(prediction) {
  const found = prediction.warnings ?? [];
  return found.length ? [element("ul", { class: "warnings", "aria-label": "Warnings" }, ...found.map((warning) =>
    element("li", {}, warning.field ? element("strong", {}, `${words(warning.field)}: `) : null, sentenceOf(warning))))] : [];
}

function reason(item, largest) {
  const { field, value, contribution } = item;
  const side = contribution < 0 ? "down" : "up";
  const shown = `${contribution < 0 ? "\u2212" : "+"}${shownNumber(Math.abs(Number(contribution.toPrecision(2))))}`;
  const made = element("div", { class: "bar signed", role: "img", "aria-label": `${words(field)}: ${shown}` },
    element("span", { class: `fill ${side}` }));
  made.firstChild.style.width = `${(50 * Math.abs(contribution)) / (largest || 1)}%`;
  // Fields that are one reason have an object of values, which the sentence lists.
  const title = value === undefined || value === null || typeof value === "object" ? words(field) : `${words(field)}: ${value}`;
  return element("li", {},
    element("div", { class: "scale" }, element("span", {}, title), element("span", { class: "number" }, shown), made),
    element("p", { class: "hint" }, sentenceOf(item)));
}

function reasonList(prediction) {
  const found = (prediction.reasons ?? []).filter((item) => Number.isFinite(item.contribution));
  const largest = Math.max(...found.map((item) => Math.abs(item.contribution)));
  return found.length ? [element("h3", {}, "Reasons"),
    element("p", { class: "hint" }, "Bars to the right raise the prediction, bars to the left lower it."),
    element("ul", { class: "reasons" }, ...found.map((item) => reason(item, largest)))] : [];
}

const BARS = { binary: binaryBars, multiclass: (_, prediction) => labelBars(prediction), regression: (_, prediction) => intervalText(prediction) };

/** Returns a prediction with its title; `version` is that of the model that answered. */
function predictionView(title, model, prediction, version) {
  return element("div", { class: "answer" },
    element("h3", {}, title),
    element("p", { class: "headline" }, headline(model, prediction)),
    ...BARS[model.task](model, prediction),
    ...quantiles(model, prediction),
    ...warningList(prediction),
    ...reasonList(prediction),
    element("p", { class: "meta" }, `Model version ${version}`));
}
