// Values that recent events held, beside the fields that held them; who may not see payloads gets none.

const KEPT_MS = 60_000;
const asked = new Map();

export function askSeen(url) {
  const kept = asked.get(url);
  if (!url || (kept && Date.now() - kept.when < KEPT_MS)) {
    return url ? kept.seen : Promise.resolve({});
  }
  const seen = fetch(url)
    .then((response) => (response.ok ? response.json() : { seen: {} }))
    .then((data) => data.seen)
    .catch(() => ({}));
  asked.set(url, { seen, when: Date.now() });
  return seen;
}

// The groups of a picker with the latest value beside each field, and the metadata keys that were seen.
export function withSeen(groups, seen) {
  const own = new Set(groups.flatMap((group) => group.entries.map((entry) => entry.value)));
  const others = Object.keys(seen).filter((path) => !own.has(path));
  return groups.map((group) => ({
    ...group,
    entries: group.entries.flatMap((entry) => {
      const shown = { ...entry, detail: (seen[entry.value] || [])[0] || entry.detail };
      const keys = entry.type === "metadata" ? others.filter((path) => path.startsWith(`${entry.value}.`) || path.startsWith(`${entry.value}[`)) : [];
      return [shown, ...keys.map((path) => inner(entry, path, seen[path][0]))];
    }),
  }));
}

function inner(entry, path, detail) {
  const key = path.slice(entry.value.length).replace(/^\.|^\["|"\]$/g, "");
  return { value: path, label: `${entry.label} › ${key}`, type: "string", detail, hint: path };
}
