"""The canvas of a workflow, as people use it."""

from playwright.sync_api import expect


def opened(editor, workflow):
    """The workflow's page, by its address. The tests of the recipes come by the list."""
    editor.page.goto(f"{editor.url}/admin/stripeflow_workflows/workflow/{workflow}/change/")
    return Canvas(editor, workflow)


class Canvas:
    """The page of a workflow: its cards, and the panel beside them."""

    def __init__(self, editor, workflow):
        self.editor, self.page, self.workflow = editor, editor.page, workflow
        self.stage, self.panel = self.page.locator(".sf-stage"), self.page.locator(".sf-panel")
        self.titles = self.stage.get_by_role("article").get_by_role("heading")

    def menu(self, title, entry):
        card = self.editor.card(title)
        card.get_by_label(f"What to do with “{title}”").click()
        card.locator(".sf-menu-items").get_by_text(entry, exact=True).click()
        self.editor.settle()

    def shows(self, *titles):
        expect(self.titles).to_have_text(titles)

    def focused(self):
        self.editor.settle()
        return self.page.evaluate("document.activeElement.textContent").strip()
