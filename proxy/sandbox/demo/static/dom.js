// Elements from names, attributes and children; nothing is ever parsed as HTML.
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function show(element, visible) {
  element.hidden = !visible;
}

// Rebuilds an element only when what it shows has changed, so that a poll disturbs neither focus nor selection.
export function painter(element, build) {
  let last;
  return (data) => {
    const seen = JSON.stringify(data);
    if (seen === last) return;
    last = seen;
    element.replaceChildren(...[build(data)].flat());
  };
}

export function table(caption, heads, rows, empty) {
  if (rows.length === 0) {
    return el("div", { class: "listing" }, el("h3", {}, caption), el("p", { class: "muted" }, empty));
  }
  const head = el("tr", {}, heads.map(([title, kind]) => el("th", { scope: "col", class: kind }, title)));
  const body = rows.map((cells) =>
    el("tr", {}, cells.map((cell, i) => el("td", { class: heads[i][1] }, cell ?? "")))
  );
  return el("div", { class: "listing" }, el("h3", {}, caption), el("table", {}, el("thead", {}, head), el("tbody", {}, body)));
}
