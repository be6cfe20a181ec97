// Finds systems among many: by a word, and by whatever the page lets choose; and sorts them. A
// choice names the column that says it, or else each row does. What is asked for stands in the
// address, so that it can be kept and sent on.
"use strict";
const KEYS = ["text", "look", "verdict", "tier", "owner", "report"];
const table = document.getElementById("all-systems"), body = table.tBodies[0];
const fields = Object.fromEntries(
  KEYS.map((key) => [key, document.getElementById(`find-${key}`)]).filter(([, field]) => field)
);
const said = document.getElementById("found"), more = document.getElementById("find-more");
let most = 100;  // more rows at once take a browser longer than a finger takes for a letter
// As an option says it, without the sign before it.
const words = (cell) => cell.textContent.trim().replace(/\s+/g, " ").replace(/^[^\p{L}\p{N}] /u, "");
const choices = Object.entries(fields).filter(([, field]) => field.dataset.column);
const rows = [...body.rows].map((row, place) => ({
  ...row.dataset,
  ...Object.fromEntries(choices.map(([key, field]) => [key, words(row.cells[field.dataset.column])])),
  row, place,
  text: row.textContent.toLowerCase(),
  due: row.dataset.due ? Date.parse(row.dataset.due) : NaN,
}));

function report(one) {
  if (Number.isNaN(one.due)) return "none scheduled";
  return one.due < Date.now() ? "overdue" : "not due yet";
}

function find() {
  const asked = KEYS.filter((key) => fields[key] && fields[key].value.trim());
  const parts = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let many = 0;
  for (const one of rows) {
    const fits = parts.every((part) => one.text.includes(part)) && asked.every((key) =>
      key === "text" || fields[key].value === (key === "report" ? report(one) : one[key]));
    many += fits;
    const hidden = !fits || many > most;
    if (one.row.hidden !== hidden) one.row.hidden = hidden;
  }
  const found = asked.length ? `${many} of ${rows.length} systems` : `All ${rows.length} systems`;
  const first = many > most ? `${found}; the first ${most} are shown` : found;
  said.textContent = said.dataset.apart ? `${first}; ${said.dataset.apart}` : first;
  more.hidden = many <= most;
  more.textContent = `Show the other ${many - most}`;
  const kept = new URLSearchParams(asked.map((key) => [key, fields[key].value.trim()]));
  if (asked.length || location.hash.includes("=")) history.replaceState(null, "", `#${kept}`);
}

// A row says what was true when this page was built; the reader's clock knows better.
for (const one of rows) {
  if (report(one) === "overdue" && !one.row.cells[5].querySelector("b")) {
    one.row.cells[5].textContent = one.row.cells[5].textContent.replace("by", "✖ overdue since");
  }
}

function recall() {
  const kept = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
  for (const key of KEYS) if (fields[key]) fields[key].value = kept.get(key) || "";
  find();
}

function value(one, column, kind) {
  const text = one.row.cells[column].textContent.trim();
  if (kind === "place") return one.place;
  if (kind === "due") return Number.isNaN(one.due) ? Infinity : one.due;
  if (kind !== "number") return text.toLowerCase();
  const number = parseFloat(text.replace(/[^\d.]*/, "").replaceAll(",", ""));
  return Number.isNaN(number) ? -1 : number;  // where nothing is on record
}

function sort(head, column) {
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const keys = new Map(rows.map((one) => [one, value(one, column, head.dataset.sort)]));
  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
  rows.sort((a, b) => order(keys.get(a), keys.get(b)) || a.place - b.place);
  body.append(...rows.map((one) => one.row));
  find();
}

[...table.tHead.rows[0].cells].forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  button.addEventListener("click", () => sort(head, column));
  head.replaceChildren(button);
});
table.tHead.rows[0].cells[0].setAttribute("aria-sort", "ascending");
for (const link of document.querySelectorAll(".counts a[data-verdict]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    fields.verdict.value = link.dataset.verdict;
    find();
  });
}
for (const field of Object.values(fields)) field.addEventListener("input", find);
document.getElementById("find-all").addEventListener("click", () => {
  for (const field of Object.values(fields)) field.value = "";
  find();
  fields.text.focus();
});
more.addEventListener("click", () => {
  most = Infinity;
  find();
});
addEventListener("beforeprint", () => more.hidden || more.click());
addEventListener("hashchange", () => location.hash.includes("=") && recall());
document.querySelector(".find").hidden = false;
recall();
