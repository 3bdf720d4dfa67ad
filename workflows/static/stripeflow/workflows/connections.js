/* The form of a connection: shows the settings of the chosen authentication, and no others. */

const kind = document.getElementById("id_kind");
const auth = document.getElementById("id_auth");

function row(name) {
  return document.querySelector(`.field-${name}`);
}

function show(name, visible) {
  const found = row(name);
  if (found) {
    found.hidden = !visible;
  }
}

function update() {
  const rules = JSON.parse(kind.dataset.stripeflowKinds)[kind.value];
  const needing = JSON.parse(auth.dataset.stripeflowSecret);
  for (const option of auth.options) {
    option.hidden = option.disabled = !rules.auths.includes(option.value);
  }
  if (!rules.auths.includes(auth.value)) {
    auth.value = rules.auths[0];
  }
  show("address", rules.asks);
  show("auth", rules.auths.length > 1);
  for (const box of document.querySelectorAll("[class*='field-setting_']")) {
    box.hidden = !box.className.includes(`field-setting_${auth.value}_`);
  }
  for (const name of ["secret", "typed"]) {
    show(name, auth.value in needing);
  }
  const label = document.querySelector("label[for=id_typed]");
  if (label && auth.value in needing) {
    label.textContent = `${needing[auth.value]}:`;
  }
  show("kind", kind.options.length > 1);
}

if (kind && auth) {
  kind.addEventListener("change", update);
  auth.addEventListener("change", update);
  update();
}
