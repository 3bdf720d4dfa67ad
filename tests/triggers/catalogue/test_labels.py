import pytest

from stripeflow.triggers.catalogue import labels


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("amount_received", "Amount received"),
        ("id", "ID"),
        ("api_version", "API version"),
        ("receipt_url", "Receipt URL"),
        ("livemode", "Live mode"),
        ("three_d_secure", "3D Secure"),
    ],
)
def test_humanizes_names(name, label):
    assert labels.humanize(name) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("customer", "Customer ID"),
        ("latest_charge", "Latest charge ID"),
        ("id", "ID"),
        ("payment_intent_id", "Payment intent ID"),
    ],
)
def test_labels_ids(name, label):
    assert labels.id_label(name) == label


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("payment_intent", "Payment intent"),
        ("radar.early_fraud_warning", "Early fraud warning"),
        ("issuing.card", "Issuing card"),
        ("checkout.session", "Checkout session"),
        ("invoiceitem", "Invoice item"),
        ("line_item", "Invoice line item"),
        ("financial_connections.account", "Financial Connections account"),
    ],
)
def test_labels_objects(name, label):
    assert labels.object_label(name) == label
