// Big keys that write an amount into a field; the first one replaces what was suggested.
import { el } from "../dom.js";
import { plain } from "../money.js";

const ROWS = [["1", "2", "3", 500], ["4", "5", "6", 1000], ["7", "8", "9", 2000], [".", "0", "⌫", "All"]];
const LONGEST = 10;

export class Keypad {
  #field;
  #fresh = true;
  #all;

  constructor(place, field, all) {
    this.#field = field;
    this.#all = all;
    place.replaceChildren(...ROWS.flat().map((key) => this.#key(key)));
    field.addEventListener("input", () => (this.#fresh = false));
  }

  // The next key starts a new amount.
  suggest(amount) {
    this.#fresh = true;
    this.#field.value = amount ? plain(amount) : "";
  }

  // Nobody has typed since the last suggestion.
  get untouched() {
    return this.#fresh && document.activeElement !== this.#field;
  }

  #key(key) {
    const amount = typeof key === "number";
    const label = key === "⌫" ? "Delete" : key === "." ? "Point" : null;
    return el("button", { type: "button", class: amount || key === "All" ? "key quick" : "key", "aria-label": label, onclick: () => this.#press(key) },
      amount ? `$${key / 100}` : key);
  }

  #press(key) {
    if (key === "All") return void this.#all();
    if (typeof key === "number") return this.#write(plain(key));
    const before = this.#fresh && key !== "⌫" ? "" : this.#field.value;
    this.#write(key === "⌫" ? before.slice(0, -1) : (before + key).slice(0, LONGEST));
  }

  #write(text) {
    this.#field.value = text;
    this.#fresh = false;
  }
}
