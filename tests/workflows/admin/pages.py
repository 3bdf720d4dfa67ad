"""Pages as a browser without JavaScript sees them: what a form would send, with a few boxes filled in."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """The successful controls of every form on a page, by the form's id, or its number."""

    def __init__(self):
        super().__init__()
        self.forms = {}
        self.form = None
        self.select = None
        self.textarea = None
        self.templates = 0

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "template":
            self.templates += 1
        elif self.templates:
            return
        elif tag == "form":
            self.form = self.forms.setdefault(given.get("id") or f"#{len(self.forms)}", {})
        elif self.form is None:
            return
        elif tag == "input" and given.get("name"):
            self._input(given)
        elif tag == "textarea":
            self.textarea = given.get("name")
            self.form[self.textarea] = ""
        elif tag == "select":
            self.select = (given["name"], "multiple" in given) if given.get("name") else None
            if self.select:
                self.form[given["name"]] = [] if "multiple" in given else None
        elif tag == "option" and self.select:
            self._option(given)

    def _input(self, given):
        if given.get("type") in ("submit", "button"):
            return
        if given.get("type") in ("checkbox", "radio") and "checked" not in given:
            return
        self.form[given["name"]] = given.get("value", "")

    def _option(self, given):
        name, multiple = self.select
        if multiple:
            if "selected" in given:
                self.form[name].append(given["value"])
        elif "selected" in given or self.form[name] is None:
            self.form[name] = given.get("value", "")

    def handle_endtag(self, tag):
        if tag == "template":
            self.templates -= 1
        elif tag == "form":
            self.form = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.textarea = None

    def handle_data(self, data):
        if self.textarea and self.form is not None and not self.templates:
            self.form[self.textarea] += data.removeprefix("\n") if not self.form[self.textarea] else data


def form_on(response, form_id):
    """What the form of this id would send if nobody touched it."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return {name: value for name, value in parser.forms[form_id].items() if value is not None}


def form_with(response, name):
    """The same for the form that has a control of this name."""
    parser = _Forms()
    parser.feed(response.content.decode())
    form = next(form for form in parser.forms.values() if name in form)
    return {name: value for name, value in form.items() if value is not None}


def fill(client, address, form_id, button="_save", /, **boxes):
    """Open the page, fill boxes in, press the button; the answer. Names with dashes: `{"a-b": …}` by `**`."""
    page = client.get(address)
    assert page.status_code == 200, (address, page.status_code)
    sent = form_on(page, form_id) | boxes | {button: "1"}
    return client.post(address, sent)


def errors_of(response):
    """Every error on a page of the editor, of its form, its inputs and its rows."""
    form = response.context["adminform"].form
    found = [str(error) for errors in form.errors.values() for error in errors]
    inputs = getattr(form, "action_form", None)
    if inputs is not None:
        found += [str(error) for errors in inputs.errors.values() for error in errors]
    for formset in response.context["inline_admin_formsets"]:
        found += [str(error) for error in formset.formset.non_form_errors()]
        rows = (row for row in formset.formset.forms)
        found += [str(error) for row in rows for errors in row.errors.values() for error in errors]
    return found
