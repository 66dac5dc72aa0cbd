// Choose among the rows of the table: search, filters, sorting, a map and years whose counts follow. All values are read from the cells.
"use strict";
const tools = document.getElementById("tools"), table = document.getElementById("t-outages");
const other = document.querySelector("nav a[hreflang]");
if (other?.href && location.hash === "#" + other.hreflang) location.replace(other.href); // index.html#fr
if (tools && table) {
  const { compare } = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const filled = (form, values) => form.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const named = (name, count) => filled(tools.dataset.pair, { name, count });
  const rows = [...table.tBodies[0].rows].map(row => ({
    row,
    cells: [...row.cells].map(cell => {
      const inner = cell.firstElementChild, unknown = inner?.className === "none", text = cell.textContent;
      const value = inner?.value ?? inner?.dateTime ?? text; // of a length of time: its ends in minutes, as "270 86400"
      return { value, unknown, parts: text.split(", ").map(part => part.charAt(0).toUpperCase() + part.slice(1)), text };
    }),
    text: plain([...row.cells].map(cell => cell.textContent).join(" ")),
  }));
  for (const entry of rows) entry.year = Number(entry.cells[1].value.slice(0, 4));

  // what can be chosen; each filter tells whether a row passes
  const form = tools.querySelector("form"), search = form.querySelector("input");
  const selects = [...form.querySelectorAll("[data-column]")].map(select => {
    const of = ({ cells: { [select.dataset.column]: cell } }) =>
      cell.unknown ? [cell.text] : select.dataset.any ? [select.dataset.any] : cell.parts;
    const unknown = new Set(rows.filter(r => r.cells[select.dataset.column].unknown).flatMap(of));
    const values = [...new Set(rows.flatMap(of))].sort((a, b) => unknown.has(a) - unknown.has(b) || compare(a, b));
    for (const value of values) select.add(new Option(value, value));
    return { select, of, passes: row => !select.value || of(row).includes(select.value) };
  });
  const [from, to] = form.querySelectorAll("[data-year]");
  const first = Math.min(...rows.map(r => r.year)), last = Math.max(...rows.map(r => r.year));
  const years = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  for (const year of years) for (const select of [from, to]) select.add(new Option(year, year));
  const period = { passes: row => row.year >= (from.value || first) && row.year <= (to.value || last) };
  const words = { passes: row => plain(search.value).split(/\s+/).every(word => row.text.includes(word)) };
  const filters = [words, period, ...selects];
  const passing = without => rows.filter(row => filters.every(f => f === without || f.passes(row)));
  const counted = values => values.reduce((all, value) => all.set(value, (all.get(value) ?? 0) + 1), new Map());

  // the map and the years: one stop of the Tab key each, arrows inside
  const dots = [...tools.querySelectorAll(".map button")], bars = years.map(year => {
    const bar = document.createElement("button"), name = document.createElement("span");
    bar.type = "button";
    name.textContent = bar.value = year;
    bar.append(document.createElement("i"), name);
    return bar;
  });
  tools.querySelector(".years").append(...bars);
  for (const dot of dots) dot.value = dot.textContent;
  const picked = (button, count, pressed) => {
    button.title = named(button.value, count);
    button.setAttribute("aria-label", button.title);
    button.setAttribute("aria-pressed", pressed);
    button.style.setProperty("--n", count);
  };
  for (const [buttons, toggle] of [
    [dots, value => { selects[0].select.value = selects[0].select.value === value ? "" : value; }],
    [bars, value => { const off = from.value === value && to.value === value; from.value = to.value = off ? "" : value; }],
  ]) {
    buttons.forEach((button, n) => {
      button.tabIndex = n ? -1 : 0;
      button.onclick = () => { toggle(button.value); update(); };
      button.onkeydown = event => {
        const there = buttons.filter(b => !b.hidden), at = there.indexOf(button);
        const next = { ArrowRight: there[at + 1], ArrowLeft: there[at - 1], Home: there[0], End: there.at(-1) }[event.key];
        if (next) { event.preventDefault(); next.focus(); }
      };
      button.onfocus = () => buttons.forEach(b => { b.tabIndex = b === button ? 0 : -1; });
    });
  }

  function update() {
    const shown = new Set(passing());
    for (const row of rows) row.row.hidden = !shown.has(row);
    more.hidden = !body.className || shown.size <= 25;
    const status = tools.querySelector("[role=status]");
    status.textContent = filled(status.dataset.form, { shown: shown.size, all: rows.length });
    for (const filter of selects) {
      const count = counted(passing(filter).flatMap(filter.of));
      for (const option of [...filter.select.options].slice(1))
        option.text = `${option.value} (${count.get(option.value) ?? 0})`;
      if (filter === selects[0])
        for (const dot of dots) {
          const n = count.get(dot.value) ?? 0, on = dot.value === filter.select.value;
          picked(dot, n, on);
          dot.hidden = !n && !on;
          dot.style.zIndex = 999 - n; // small ones lie on large ones
        }
    }
    const count = counted(passing(period).map(row => row.year)), most = Math.max(1, ...count.values());
    const chosen = Boolean(from.value || to.value);
    for (const bar of bars) {
      const n = count.get(Number(bar.value)) ?? 0, year = Number(bar.value);
      picked(bar, n, chosen && year >= (from.value || first) && year <= (to.value || last));
      bar.firstChild.style.height = `${100 * n / most}%`;
    }
    tools.classList.toggle("chosen-year", chosen);
    tools.classList.toggle("chosen-country", Boolean(selects[0].select.value));
    for (const buttons of [dots, bars]) // the stop of the Tab key is never one that is not there
      if (!buttons.some(b => b.tabIndex === 0 && !b.hidden)) (buttons.find(b => !b.hidden) ?? buttons[0]).tabIndex = 0;
  }

  // sorting: unknown last in either direction, earlier order kept among equals
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const text = rows.every(({ cells }) => cells[column].value === cells[column].text || cells[column].unknown);
      const before = head.getAttribute("aria-sort"), down = before ? before === "ascending" : !text;
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      rows.sort(({ cells: { [column]: a } }, { cells: { [column]: b } }) =>
        a.unknown - b.unknown || (a.unknown ? 0 : (down ? -1 : 1) * compare(a.value, b.value)));
      table.tBodies[0].append(...rows.map(row => row.row));
    };
  });
  heads[1].setAttribute("aria-sort", "descending");

  // a phone shows the first 25 rows until it is asked for all, see landing.css
  const body = table.tBodies[0], more = document.getElementById("more");
  body.className = "short";
  more.onclick = () => {
    body.className = "";
    more.hidden = true;
    body.querySelectorAll("tr:not([hidden])")[25].querySelector("a").focus();
  };

  form.onsubmit = event => event.preventDefault();
  form.oninput = update;
  form.onreset = () => setTimeout(update);
  tools.hidden = false;
  update();
}
