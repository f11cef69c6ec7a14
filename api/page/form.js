// Form of one model: a control for each field, filled from a row, read as a row, with the errors of the API.

// A number of JSON; other text is sent as it is, so that the API says what is wrong with it.
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;

function choice(value, text = value) {
  return element("option", { value }, text);
}

function control(field, attributes) {
  if (field.type === "boolean" || field.values) {
    const values = field.values ?? ["true", "false"];
    const shown = (value) => (field.values ? value : { true: "yes", false: "no" }[value]);
    return element("select", attributes, choice("", field.required ? "Choose" : "Not known"),
      ...values.map((value) => choice(value, shown(value))));
  }
  if (field.type === "text") return element("textarea", attributes);
  if (field.type === "date" || field.type === "time") {
    return element("input", { ...attributes, type: field.type, min: field.minimum, max: field.maximum });
  }
  const isNumber = field.type === "number" || field.type === "integer";
  return element("input", {
    ...attributes,
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    inputmode: isNumber ? (field.minimum >= 0 ? "decimal" : "text") : null,
  });
}

class FieldInput {
  constructor(field) {
    this.field = field;
    const [id, hint, error] = [newId(), newId(), newId()];
    const list = field.known ? newId() : null;
    this.input = control(field, { id, list, "aria-describedby": `${error} ${hint}`, "aria-required": field.required && "true" });
    this.error = element("p", { id: error, class: "error" });
    this.input.addEventListener("input", () => this.fail(""));
    this.note = element("p", { class: "changed", hidden: true });
    const unit = field.unit ? element("span", { class: "unit" }, ` in ${field.unit}`) : null;
    this.element = element("div", { class: "field" },
      element("label", { for: id }, words(field.name), unit),
      this.input, this.error, this.note,
      list && element("datalist", { id: list }, ...field.known.map((value) => choice(value))),
      element("p", { id: hint, class: "hint" }, field.hint));
  }

  get value() {
    const text = this.input.value;
    if (text === "") return undefined;
    if (this.field.type === "boolean") return text === "true";
    const isNumber = this.field.type === "number" || this.field.type === "integer";
    return isNumber && NUMBER.test(text.trim()) ? Number(text) : text;
  }

  set value(value) {
    this.input.value = value === undefined || value === null ? "" : String(value);
  }

  /** Shows the value that an answer was kept with, where it is another one now. */
  compare(before) {
    const now = this.value;
    this.note.hidden = before === false || String(before ?? "") === String(now ?? "");
    this.note.textContent = this.note.hidden ? "" : `Was ${before ?? "empty"}.`;
    return !this.note.hidden;
  }

  fail(sentence) {
    this.error.textContent = sentence;
    if (sentence) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
  }
}

class Form {
  constructor(model) {
    this.inputs = model.fields.map((field) => new FieldInput(field));
    this.byName = new Map(this.inputs.map((input) => [input.field.name, input]));
    const group = (legend, isRequired) => {
      const found = this.inputs.filter((input) => Boolean(input.field.required) === isRequired);
      return found.length ? element("fieldset", {}, element("legend", {}, legend),
        element("div", { class: "fields" }, ...found.map((input) => input.element))) : null;
    };
    this.groups = [group("Required", true), group("Optional: leave empty what is not known", false)].filter(Boolean);
  }

  get row() {
    const values = this.inputs.map((input) => [input.field.name, input.value]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  set row(row) {
    for (const input of this.inputs) input.value = row[input.field.name];
    this.fail([]);
  }

  /** Shows each error next to its field, moves to the first, and returns the sentences that belong to none. */
  fail(errors, movesFocus = true) {
    const sentences = new Map();
    const others = [];
    for (const { field, rule } of errors) {
      if (this.byName.has(field)) sentences.set(field, [...(sentences.get(field) ?? []), rule]);
      else others.push(field ? `${field} ${rule}.` : `The row ${rule}.`);
    }
    for (const [name, input] of this.byName) {
      input.fail(sentences.has(name) ? `${words(name)} ${sentences.get(name).join(", and ")}.` : "");
    }
    if (movesFocus) this.inputs.find((input) => sentences.has(input.field.name))?.input.focus();
    return others;
  }

  /** Marks the fields that differ from a kept row, and returns their names; null marks none. */
  compare(row) {
    return this.inputs.filter((input) => input.compare(row ? row[input.field.name] : false)).map((input) => input.field.name);
  }
}
