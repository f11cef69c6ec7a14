// Panel of one model: its form, the answer, what if, the same request elsewhere, and tables.

const MOST_NAMED = 3;

class Panel {
  constructor(model, { onrefusedkey }) {
    this.model = model;
    this.onrefusedkey = onrefusedkey;
    this.form = new Form(model);
    this.kept = null;
    this.last = null;
    this.alert = element("p", { class: "error", role: "alert" });
    this.status = element("p", { role: "status" }, `Press Predict, and the model answers from these values: ${model.answer}.`);
    this.formId = newId();
    this.answers = element("div", { class: "answers" });
    this.difference = element("p", { class: "difference" });
    this.whatIf = element("button", { type: "button", onclick: () => this.keep(), hidden: true }, "What if?");
    this.stop = element("button", { type: "button", onclick: () => this.keep(null), hidden: true }, "Stop comparing");
    this.keptHint = element("p", { class: "hint", hidden: true }, "Change a field: the model is asked again, and this answer stays to compare with.");
    this.link = element("input", { readonly: true, "aria-label": "Link to this form with its values", onfocus: () => this.link.select() });
    this.command = element("pre", { tabindex: "0", role: "region", "aria-label": "curl command for this row" });
    this.table = new Table(model, { onrefused: (problem) => this.refuseKey(problem) });
    this.element = element("div", {}, element("div", { class: isSigned ? "" : "pair" }, this.formSection(), isSigned ? null : this.answerSection()),
      this.elsewhereSection(), this.table.element);
    this.row = model.examples[0];
  }

  get row() { return this.form.row; }

  set row(row) {
    this.form.row = row;
    this.alert.textContent = "";
    this.update();
  }

  formSection() {
    const examples = this.model.examples.map((row, index) => element("button", { type: "button", onclick: () => { this.row = row; this.changed(); } },
      `Example ${index + 1}`));
    const empty = element("button", { type: "button", onclick: () => { this.row = {}; this.changed(); } }, "Empty the form");
    const title = newId();
    return element("section", { "aria-labelledby": title },
      element("h2", { id: title }, "Values"),
      element("div", { class: "row", role: "group", "aria-label": "Fill in" }, ...examples, empty),
      element("form", {
        novalidate: true, "aria-labelledby": title,
        oninput: () => this.update(),
        onchange: () => this.changed(),
        id: this.formId,
        onsubmit: (event) => { event.preventDefault(); if (!isSigned) this.ask(); },
      }, ...this.form.groups, this.alert));
  }

  answerSection() {
    const title = newId();
    this.answerPart = element("section", { "aria-labelledby": title, class: "result-part" },
      // Beside the form and not below it: a form of many fields is longer than the screen.
      element("h2", { id: title }, "Answer"),
      element("div", { class: "row" }, element("button", { class: "main", form: this.formId }, "Predict"), this.whatIf, this.stop), this.status, this.difference, this.keptHint, this.answers);
    return this.answerPart;
  }

  elsewhereSection() {
    const title = newId();
    const copied = element("p", { role: "status", class: "hint" });
    const command = element("div", {}, this.command, copyButton("Copy command", () => this.command.textContent, copied));
    return element("section", { "aria-labelledby": title },
      element("h2", { id: title }, "Ask from elsewhere"),
      isSigned
        ? element("p", {}, "This API takes requests with an AWS signature (version 4), which a page cannot make without your credentials: ask with this command, in a shell that has them.")
        : null,
      isSigned ? command : element("details", {}, element("summary", {}, "The same request as curl"), command),
      element("div", { class: "row" }, this.link, copyButton("Copy link", () => this.link.value, copied)),
      element("p", { class: "hint" }, "The link has the values of the form, and never the key."), copied);
  }

  /** Brings up to date what follows from the form. */
  update() {
    this.command.textContent = rowCommand(this.model, this.row);
    this.link.value = link(this.model, this.row);
    this.form.compare(this.kept?.row ?? null);
  }

  /** A value has changed: while an answer is kept, the model is asked again. */
  changed() {
    this.update();
    if (this.kept) this.ask({ movesFocus: false });
  }

  async ask({ movesFocus = true } = {}) {
    if (!key.value) return this.onrefusedkey("Type the API key first.");
    this.running?.abort();
    const running = new AbortController();
    this.running = running;
    this.alert.textContent = "";
    this.status.className = "";
    this.status.textContent = "Asking the model.";
    this.answerPart.setAttribute("aria-busy", "true");
    try {
      const answer = await predict(this.model, this.row, running.signal);
      this.form.fail([]);
      this.show(answer);
      if (movesFocus) this.answerPart.scrollIntoView({ block: "nearest" });
    } catch (problem) {
      if (problem.name === "AbortError") return undefined;
      this.status.textContent = "";
      if (!(problem instanceof Problem)) throw problem;
      this.refuse(problem, movesFocus);
    } finally {
      if (this.running === running) this.answerPart.removeAttribute("aria-busy");
    }
    return undefined;
  }

  refuse(problem, movesFocus) {
    const others = this.form.fail(problem.errors, movesFocus);
    // An answer in view is the one of the form.
    this.answers.replaceChildren(...(this.kept ? [this.view("Kept", this.kept)] : []));
    this.difference.textContent = "";
    this.whatIf.hidden = true;
    if (this.refuseKey(problem)) return;
    const isMarked = problem.errors.length > 0 && others.length === 0;
    const id = problem.status >= 500 && problem.id ? [`Request ${problem.id}.`] : [];
    this.alert.textContent = isMarked ? "There is no answer to this row: correct the marked fields." : [problem.message, ...others, ...id].join(" ");
  }

  refuseKey(problem) {
    if (problem.status === 403) this.onrefusedkey(`The API refused this key: ${problem.message}`);
    return problem.status === 403;
  }

  view(title, { prediction, version }) {
    return predictionView(title, this.model, prediction, version);
  }

  show(answer) {
    this.last = answer;
    const { model, kept } = this;
    const changed = kept ? this.form.compare(kept.row) : [];
    const names = changed.length > MOST_NAMED ? `${changed.length} fields` : changed.map(words).join(", ");
    const title = changed.length ? `With another value of ${names}` : "Now";
    this.answers.replaceChildren(...(kept ? [this.view("Kept", kept), this.view(title, answer)] : [this.view("Prediction", answer)]));
    this.difference.textContent = kept ? difference(model, kept.prediction, answer.prediction) : "";
    // The same text is in view; this line says it to screen readers.
    this.status.className = "spoken";
    this.status.textContent = `${spoken(model, answer.prediction)} ${this.difference.textContent}`;
    this.whatIf.hidden = false;
    this.whatIf.textContent = kept ? "Keep the new answer" : "What if?";
  }

  /** Keeps an answer to compare the next ones with; null keeps none. */
  keep(answer = this.last) {
    this.kept = answer;
    this.stop.hidden = this.keptHint.hidden = answer === null;
    this.show(this.last);
    this.update();
    (answer ? this.form.inputs[0].input : this.whatIf).focus();
  }
}
