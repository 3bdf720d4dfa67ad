// One reference, opened: what it is, its filters, and what it gives with sample data or a recent event.
import { isComposing } from "../base/composing.js";
import { button, element } from "../base/dom.js";
import { closePopover, openPopover } from "../base/popover.js";
import { read, shownArgument, write, writtenArgument } from "./expressions.js";

export function openChip(box, chip, known, replace) {
  const start = box.startOf(chip);
  let raw = chip.dataset.raw;
  const parsed = read(raw);
  const type = known.typeOf(parsed.path);
  const title = element("p", { className: "sf-chip-title" }, known.shown(`{{ ${parsed.path} }}`).label);
  const path = element("code", { className: "sf-chip-path" }, parsed.path);
  const list = element("div", { className: "sf-chip-filters" });
  const shows = element("p", { className: "sf-chip-shows", role: "status" });

  const showValue = async () => {
    await known.ask(raw);
    const answer = known.answers.get(raw) || {};
    const problem = answer.problem || answer.missing;
    shows.classList.toggle("sf-chip-problem", Boolean(answer.problem));
    shows.replaceChildren();
    if (answer.warning) {
      shows.append(element("span", { className: "sf-chip-warning" }, answer.warning), element("br"));
    }
    if (problem) {
      shows.append(problem);
    } else if (answer.value !== undefined) {
      const from = element("span", { className: "sf-hint" }, interpolate(gettext("with %s"), [known.source]));
      shows.append(`${gettext("Shows:")} `, element("b", {}, answer.value || "–"), " ", from);
    }
  };
  const change = ({ redraw = true } = {}) => {
    const fresh = write(parsed);
    if (fresh !== raw) {
      box.replace(start, start + raw.length, fresh);
      raw = fresh;
    }
    // A box in which one types stays where it is.
    if (redraw) {
      draw();
    }
    showValue();
  };
  const draw = () => {
    const rows = parsed.filters.map((filter, number) => row(known, filter, () => {
      parsed.filters.splice(number, 1);
      change();
      add.focus();
    }, () => change({ redraw: false })));
    list.replaceChildren(...rows);
    offer(add, known, type, parsed.filters);
  };
  const add = adding((key) => {
    parsed.filters.push({ key, args: [] });
    const needs = known.filters.find((one) => one.key === key).arguments.some((one) => one.required);
    if (needs) {
      draw();
    } else {
      change();
    }
    const input = list.lastElementChild && list.lastElementChild.querySelector("input");
    (input || add).focus();
  });
  const another = () => {
    closePopover({ focus: false });
    replace();
  };
  const remove = () => {
    closePopover();
    box.replace(start, start + raw.length, "");
    box.caret(start);
  };
  const buttons = element(
    "div",
    { className: "sf-chip-buttons" },
    button("sf-button", another, gettext("Choose another value")),
    button("sf-button sf-button-danger", remove, gettext("Remove")),
    button("sf-button sf-button-main", () => closePopover(), gettext("Done")),
  );
  const view = element("div", { className: "sf-chip-view" }, title, path, list, add.parentElement, shows, buttons);
  draw();
  openPopover(box.element, view, {
    label: gettext("Value"),
    rect: () => (box.chips().find((one) => box.startOf(one) === start) || box.element).getBoundingClientRect(),
    onClose: ({ focus }) => {
      if (focus) {
        box.element.focus();
        box.caret(start + raw.length);
      }
    },
  });
  showValue();
  buttons.lastElementChild.focus({ preventScroll: true });
}

function row(known, filter, remove, change) {
  const entry = known.filters.find((one) => one.key === filter.key);
  const named = entry || { label: filter.key, help: "" };
  const head = element("span", { className: "sf-chip-filter-name", title: named.help }, named.label);
  const line = element("div", { className: "sf-chip-filter" }, head);
  for (const [number, argument] of (entry ? entry.arguments : []).entries()) {
    const value = shownArgument(filter.args[number] || "");
    const input = element("input", { type: "text", value, placeholder: argument.label, "aria-label": argument.label });
    const take = () => {
      for (let before = filter.args.length; before < number; before += 1) {
        filter.args[before] = "";
      }
      filter.args[number] = writtenArgument(input.value, argument.kind);
      change();
    };
    input.addEventListener("change", take);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !isComposing(event)) {
        event.preventDefault();
        take();
      }
    });
    line.append(input);
  }
  const away = button("sf-chip-away", remove, "×");
  away.setAttribute("aria-label", gettext("Remove this filter"));
  line.append(away);
  return line;
}

function adding(choose) {
  const select = element("select");
  select.addEventListener("change", () => {
    const key = select.value;
    select.value = "";
    if (key) {
      choose(key);
    }
  });
  element("label", { className: "sf-chip-add" }, element("span", {}, gettext("Show it as")), select);
  return select;
}

// The filters that fit what comes out of those before.
function offer(select, known, type, filters) {
  const last = filters.length && known.filters.find((one) => one.key === filters.at(-1).key);
  const now = filters.length ? (last && last.gives) || "any" : type;
  const fits = known.filters.filter((entry) => now === "any" || entry.types.includes(now));
  const options = fits.map((entry) => element("option", { value: entry.key, title: entry.help }, entry.label));
  select.replaceChildren(new Option(gettext("Choose…"), ""), ...options);
}
