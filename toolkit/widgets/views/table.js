// A table of which the kernel holds the rows: this draws one page, has the one after it ready, and says what is asked for next.

const WAIT = 250; // ms after the last key before a filter is asked

// in JupyterLab a plain key would go to the notebook: an arrow to the next cell, "dd" deletes one
const KEEPS_KEYS = ["button", "input", "select"];

function make(tag, { text, children = [], ...attributes } = {}) {
  const made = document.createElement(tag);
  if (KEEPS_KEYS.includes(tag)) made.setAttribute("data-lm-suppress-shortcuts", "");
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

const button = (text, name, press) => {
  const made = make("button", { text, type: "button", class: "seax-table-button", ...(name && { "aria-label": name }) });
  made.addEventListener("click", press);
  return made;
};

const labelled = (words, field) => make("label", { class: "seax-table-label", children: [make("span", { text: words }), field] });

function render({ model, el }) {
  const ask = (change) => {
    model.set("asked", { ...model.get("asked"), page: 0, ...change });
    model.save_changes();
  };
  const typing = (field, change) => {
    let timer;
    const now = () => { clearTimeout(timer); timer = undefined; ask(change(field.value)); };
    field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(now, WAIT); });
    field.addEventListener("change", () => timer !== undefined && now());
    return field;
  };
  const turnTo = (wanted) => {
    const shown = model.get("shown");
    const page = Math.min(Math.max(wanted, 0), shown.last);
    if (page === shown.page + 1) drawPage({ ...shown, page, rows: shown.following });
    ask({ page });
  };

  const count = make("div", { class: "seax-table-count", role: "status" });
  const problem = make("div", { role: "alert" });
  const step = make("select", { class: "seax-people-step" });
  step.addEventListener("change", () => ask({ step: step.value }));
  const steps = labelled("Show", step);
  const find = typing(make("input", { type: "search", class: "seax-people-find" }), (value) => ({ find: value }));
  const clear = button("Clear all", "", () => {
    for (const each of el.querySelectorAll("input")) if (each !== number) each.value = "";
    ask({ find: "", filters: [], sort: "", descending: false });
  });
  const titles = make("tr");
  const filters = make("tr");
  const body = make("tbody");
  const caption = make("caption", { class: "seax-sr" });
  const grid = make("table", { class: "seax-grid", children: [caption, make("thead", { children: [titles, filters] }), body] });
  const scroll = make("div", { class: "seax-scroll seax-people-grid", tabindex: "0", role: "region", "aria-label": "Rows, scrolls sideways", children: [grid] });
  const span = make("span", { class: "seax-people-said seax-num" });
  const number = make("input", { type: "number", min: "1", class: "seax-people-page" });
  const turnToTyped = () => turnTo((parseInt(number.value, 10) || 1) - 1);
  number.addEventListener("change", turnToTyped);
  number.addEventListener("keydown", (event) => event.key === "Enter" && turnToTyped());
  const pages = make("span", { class: "seax-num" });
  const back = button("‹", "Previous page", () => turnTo(model.get("asked").page - 1));
  const next = button("›", "Next page", () => turnTo(model.get("asked").page + 1));
  back.classList.add("seax-people-back");
  next.classList.add("seax-people-next");
  const turning = make("div", { class: "seax-row", children: [span, make("span", { class: "seax-push" }), labelled("Page", number), pages, back, next] });
  const choices = make("div", { class: "seax-row seax-table-choices", children: [steps, labelled("Find", find), clear] });

  let columns = "";
  function drawHeads({ heads }) {
    if (columns === (columns = JSON.stringify(heads))) return;
    body.replaceChildren(); // cells are of the columns before
    titles.replaceChildren(...heads.map(({ name, words, kind }) => {
      const mark = make("span", { "aria-hidden": "true" });
      const press = button(words, "", () => {
        const { sort, descending } = model.get("asked");
        ask({ sort: sort === name && descending ? "" : name, descending: sort === name && !descending });
      });
      press.append(mark);
      press.className = "seax-table-sort";
      return make("th", { scope: "col", "data-column": name, class: kind === "number" ? "n" : "", children: [press] });
    }));
    filters.replaceChildren(...heads.map(({ name, words, hint }) => {
      const field = make("input", { type: "text", "aria-label": `Filter ${words}`, placeholder: hint, "data-column": name });
      typing(field, (value) => {
        const others = model.get("asked").filters.filter(([column]) => column !== name);
        return { filters: value.trim() ? [...others, [name, value]] : others };
      });
      return make("td", { children: [field] });
    }));
  }

  function drawRows({ heads, rows, nothing }) {
    const cells = () => [...body.querySelectorAll("bdi")];
    if (cells().length !== rows.length * heads.length || !rows.length) {
      body.replaceChildren(...rows.map((row) => make("tr", {
        children: row.map((_, at) => {
          const { kind, name } = heads[at];
          const cell = make("bdi", { dir: kind === "text" && !name.endsWith("phone") ? "auto" : "ltr" });
          return make("td", { class: kind === "number" ? "n" : "", children: [cell] });
        }),
      })));
      if (!rows.length) body.append(make("tr", { children: [make("td", { colspan: String(heads.length || 1), class: "seax-empty", text: nothing })] }));
    }
    const texts = rows.flat();
    for (const [at, cell] of cells().entries()) { // a page of as many rows keeps its cells: half the time of new ones
      if (cell.textContent === texts[at]) continue;
      cell.textContent = texts[at];
      if (texts[at].length > 30) cell.parentElement.title = texts[at];
      else cell.parentElement.removeAttribute("title");
    }
  }

  function drawPage(shown) {
    drawRows(shown);
    const first = shown.page * shown.size;
    span.textContent = shown.found ? `Rows ${(first + 1).toLocaleString("en")} to ${(first + shown.rows.length).toLocaleString("en")} of ${shown.found.toLocaleString("en")}` : "No rows";
    number.max = String(shown.last + 1);
    number.value = String(shown.page + 1);
    pages.textContent = `of ${(shown.last + 1).toLocaleString("en")}`;
    for (const [turn, isEnd] of [[back, shown.page === 0], [next, shown.page >= shown.last]]) {
      turn.setAttribute("aria-disabled", String(isEnd)); // it keeps the focus at the end
    }
  }

  function draw() {
    const shown = model.get("shown");
    const asked = model.get("asked");
    drawHeads(shown);
    count.replaceChildren(make("b", { text: shown.found.toLocaleString("en") }), ` of ${shown.total.toLocaleString("en")} ${shown.what}`);
    problem.replaceChildren(...(shown.problem ? [make("p", { class: "seax-alert", text: shown.problem })] : []));
    step.replaceChildren(...shown.steps.map(([words, value]) => make("option", { value, text: words })));
    steps.hidden = !shown.steps.length;
    if (shown.steps.length) step.value = asked.step;
    const typed = Object.fromEntries(asked.filters);
    const set = (field, value) => field !== document.activeElement && field.value !== value && (field.value = value);
    set(find, asked.find);
    for (const field of filters.querySelectorAll("input")) set(field, typed[field.dataset.column] ?? "");
    clear.disabled = !(asked.find || asked.filters.length || asked.sort);
    for (const head of titles.children) {
      const isSorted = head.dataset.column === asked.sort;
      head.setAttribute("aria-sort", !isSorted ? "none" : asked.descending ? "descending" : "ascending");
      head.querySelector("span").textContent = !isSorted ? " ↕" : asked.descending ? " ↓" : " ↑";
    }
    caption.textContent = shown.caption;
    drawPage(shown);
  }

  const isAlone = !el.closest(".seax");
  el.append(make("div", { class: `seax-table-view${isAlone ? " seax" : ""}`, children: [count, choices, problem, scroll, turning] }));
  model.on("change:shown", draw);
  draw();
  return () => model.off("change:shown", draw);
}

export default { render };
