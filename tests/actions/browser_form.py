"""What a browser without JavaScript sends when a rendered form is submitted as it stands."""

from html.parser import HTMLParser

from django.http import QueryDict


class _Boxes(HTMLParser):
    def __init__(self):
        super().__init__()
        self.pairs = []
        self.area = self.select = None
        self.options = []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "input" and found.get("type") != "submit":
            self.pairs.append((found["name"], found.get("value") or ""))
        elif tag == "textarea":
            self.area = (found["name"], [])
        elif tag == "select":
            self.select, self.options = found, []
        elif tag == "option":
            self.options.append((found["value"], "selected" in found))

    def handle_data(self, data):
        if self.area:
            self.area[1].append(data)

    def handle_endtag(self, tag):
        if tag == "textarea":
            name, chunks = self.area
            text = "".join(chunks).removeprefix("\n")
            self.pairs.append((name, text.replace("\n", "\r\n")))
            self.area = None
        elif tag == "select":
            chosen = [value for value, selected in self.options if selected]
            if not chosen and "multiple" not in self.select:
                chosen = [self.options[0][0]]
            self.pairs += [(self.select["name"], value) for value in chosen]


def submission(form):
    """Return the data of a form that is submitted untouched."""
    boxes = _Boxes()
    boxes.feed(str(form))
    boxes.close()
    data = QueryDict(mutable=True)
    for name, value in boxes.pairs:
        data.appendlist(name, value)
    return data
