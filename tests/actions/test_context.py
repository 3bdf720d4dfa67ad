import pytest


def test_stripe_metadata_names_run_and_step(context):
    assert context.stripe_metadata == {"stripeflow_run": context.run_id, "stripeflow_step": "refund"}


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://flows.example.com", "/admin/runs/1/", "https://flows.example.com/admin/runs/1/"),
        ("https://flows.example.com/", "/admin/runs/1/", "https://flows.example.com/admin/runs/1/"),
        ("https://flows.example.com", "https://other.example.com/1", "https://other.example.com/1"),
        ("https://flows.example.com", "", ""),
    ],
)
def test_the_run_url_is_made_absolute(make_context, settings, base, path, url):
    settings.STRIPEFLOW = {"BASE_URL": base}
    assert make_context(run_url=path).absolute_run_url == url
