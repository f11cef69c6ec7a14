// Tables: a CSV file, answered row by row, shown and offered as a file.

const MOST_SHOWN = 20;

/** Returns the lines of a CSV (RFC 4180), each as an array of its cells. */
function csvLines(text) {
  const lines = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\r|$)/gy;
  const source = text.replace(/^\ufeff/, "").replace(/[\r\n]+$/, "");
  while (cell.lastIndex <= source.length) {
    const found = cell.exec(source);
    if (!found) throw new Problem("The browser cannot read the file as CSV.");
    lines.at(-1).push(found[1]?.replaceAll('""', '"') ?? found[2]);
    if (found[3] === "") break;
    if (found[3] !== ",") lines.push([]);
  }
  return lines;
}

const csvCell = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const csvText = (lines) => lines.map((line) => `${line.map(csvCell).join(",")}\r\n`).join("");

/** Returns the answers next to their rows: the lines, and in how many columns the rows are. */
function joined(model, rows, answers) {
  const width = Math.max(...rows.map((row) => row.length));
  const padded = rows.map((row) => [...row, ...Array(width - row.length).fill("")]);
  // The answers have a header line; if the rows have as many lines, theirs is a header too.
  const isNamed = rows.length === answers.length;
  const names = model.fields.slice(0, width).map((field) => field.name);
  const all = isNamed ? padded : [names, ...padded];
  if (all.length !== answers.length) return { lines: answers, width: 0 };
  return { lines: all.map((line, index) => [...line, ...answers[index]]), width };
}

class Table {
  constructor(model, { onrefused }) {
    this.model = model;
    this.onrefused = onrefused;
    const id = newId();
    const hint = newId();
    this.input = element("input", {
      type: "file", id, accept: ".csv,text/csv", "aria-describedby": hint, onchange: () => this.ask(this.input.files[0]),
    });
    this.status = element("p", { role: "status" });
    this.result = element("div", {});
    const title = newId();
    const command = element("pre", { tabindex: "0", role: "region", "aria-label": "curl command for a CSV file" }, tableCommand(model));
    this.element = element("section", {
      "aria-labelledby": title,
      ondragover: (event) => { event.preventDefault(); this.element.classList.add("dropping"); },
      ondragleave: () => this.element.classList.remove("dropping"),
      ondrop: (event) => this.drop(event),
    },
    element("h2", { id: title }, "Many rows"),
    ...(isSigned ? [element("p", {}, "This command asks for the rows of a CSV file.")] : [
      element("label", { for: id }, "CSV file: choose it, or drop it here"), this.input,
      element("p", { class: "hint", id: hint }, `The first line names the fields. At most ${data.limits.sentence}.`)]),
    this.status, this.result,
    isSigned ? command : element("details", {}, element("summary", {}, "The same request as curl"), command));
  }

  drop(event) {
    event.preventDefault();
    this.element.classList.remove("dropping");
    if (!isSigned) this.ask(event.dataTransfer.files[0]);
  }

  async ask(file) {
    if (!file) return;
    this.result.replaceChildren();
    try {
      if (file.size > data.limits.bytes) {
        throw new Problem(`${file.name} has ${shownNumber(file.size)} bytes. A request may have ${data.limits.sentence}: split the file.`);
      }
      this.status.textContent = `Asking for the rows of ${file.name}.`;
      const text = await file.text();
      const headers = { "content-type": "text/csv", accept: "text/csv" };
      const response = await post(predictUrl(this.model, wantedOfTable(this.model)), { body: file, headers });
      this.show(file.name, joined(this.model, csvLines(text), csvLines(await response.text())));
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.status.textContent = problem.message;
      this.onrefused(problem);
    } finally {
      // So that the same file can be chosen again.
      this.input.value = "";
    }
  }

  show(name, { lines, width }) {
    const [head, ...rows] = lines;
    const wrong = head.at(-1) === "error" ? rows.filter((row) => row.at(-1)).length : 0;
    const failed = wrong ? ` ${wrong} of them ${wrong === 1 ? "is" : "are"} wrong: the column error says why.` : "";
    this.status.textContent = `${rows.length} ${rows.length === 1 ? "row" : "rows"} of ${name} answered.${failed}`;
    const cells = (kind, line) => line.map((text, index) =>
      element(kind, { class: index >= width && "result", scope: kind === "th" && "col" }, text));
    const caption = newId();
    const shown = rows.length > MOST_SHOWN ? `The first ${MOST_SHOWN} of ${rows.length} rows` : "All rows";
    URL.revokeObjectURL(this.url);
    this.url = URL.createObjectURL(new Blob([csvText(lines)], { type: "text/csv" }));
    this.result.replaceChildren(
      element("p", {}, element("a", { href: this.url, download: `${this.model.name}-predictions.csv` }, `Download all ${rows.length} rows as CSV`)),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": caption },
        element("table", {}, element("caption", { id: caption }, shown),
          element("thead", {}, element("tr", {}, ...cells("th", head))),
          element("tbody", {}, ...rows.slice(0, MOST_SHOWN).map((row) => element("tr", {}, ...cells("td", row)))))));
  }
}
