from stripeflow.triggers.cluster_settings import CLUSTER, with_stripeflow
from stripeflow.workflows.checks.system import check_queue

OWN = {"name": "shop", "orm": "default", "timeout": 60, "retry": 90, "ALT_CLUSTERS": {"mail": {"workers": 1}}}


def test_own_cluster_and_its_alternatives_stay_as_they_are():
    merged = with_stripeflow(OWN)
    assert {name: merged[name] for name in OWN if name != "ALT_CLUSTERS"} == {
        name: value for name, value in OWN.items() if name != "ALT_CLUSTERS"
    }
    assert merged["ALT_CLUSTERS"] == {"mail": {"workers": 1}, "stripeflow": CLUSTER}


def test_given_settings_are_not_changed():
    with_stripeflow(OWN)
    assert set(OWN["ALT_CLUSTERS"]) == {"mail"}


def test_changes_go_over_our_values():
    assert with_stripeflow(OWN, workers=4)["ALT_CLUSTERS"]["stripeflow"]["workers"] == 4


def test_merged_settings_pass_every_check_of_the_queue(settings):
    settings.Q_CLUSTER = with_stripeflow(OWN)
    assert check_queue(None) == []
