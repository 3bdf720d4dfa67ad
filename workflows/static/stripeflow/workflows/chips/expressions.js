// The text of references as the server writes it: `{{ trigger.amount | money }}`. Only its shape is known here;
// what a path means, and whether it exists, is asked of the server.

const QUOTED = `"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'`;
const REFERENCE = new RegExp(`\\{\\{((?:${QUOTED}|[^{}"'])*)\\}\\}`, "g");
const ROOT = /^(trigger|event|steps|item|input)[.[]/;

// A text as literal pieces and references, in their order: [{text}, {raw}].
export function split(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(REFERENCE)) {
    // `{{ "{{" }}` is a text of its own, and no reference.
    if (/^\s*(["']|$)/.test(found[1])) {
      continue;
    }
    if (found.index > at) {
      parts.push({ text: text.slice(at, found.index) });
    }
    parts.push({ raw: found[0] });
    at = found.index + found[0].length;
  }
  if (at < text.length) {
    parts.push({ text: text.slice(at) });
  }
  return parts;
}

// `{{ path | filter(argument) }}` as its path and its filters.
export function read(raw) {
  const [path, ...filters] = divided(raw.slice(2, -2), "|");
  return {
    path,
    filters: filters.map((call) => {
      const found = /^([\w-]+)\s*(?:\((.*)\))?$/s.exec(call);
      return found ? { key: found[1], args: found[2] ? divided(found[2], ",") : [] } : { key: call, args: [] };
    }),
  };
}

export function write(parsed) {
  return `{{ ${[parsed.path, ...calls(parsed)].join(" | ")} }}`;
}

// Its filters, each as it is written: `minus(500)`.
export function calls({ filters }) {
  return filters.map(({ key, args }) => {
    const given = args.slice(0, args.findLastIndex((one) => one !== "") + 1);
    return given.length ? `${key}(${given.map((one) => one || '""').join(", ")})` : key;
  });
}

// An argument as a person types it, and back.
export function shownArgument(written) {
  const quoted = /^(["'])(.*)\1$/s.exec(written);
  return quoted ? quoted[2].replace(/\\(.)/g, (_all, one) => ({ n: "\n", t: "\t" })[one] || one) : written;
}

export function writtenArgument(typed, kind) {
  const plain = typed.trim();
  if (!typed || (kind === "whole number" && /^-?\d+$/.test(plain)) || ROOT.test(plain)) {
    return plain;
  }
  return `"${typed.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function divided(text, by) {
  const pattern = new RegExp(`(?:${QUOTED}|\\([^)]*\\)|[^${by}"'(]|["'(])+`, "g");
  return (text.match(pattern) || []).map((part) => part.trim()).filter(Boolean);
}
