"""Another version of Stripe's SDK: what it adds appears among actions and events, with no change of code.

One is made of the installed package, as the next version could be; the other is an earlier release, where a
package index can be reached.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import stripe

ROOT = Path(__file__).resolve().parents[2]
EARLIER = "15.3.1"
METHOD = '''
    def revive(
        self,
        coupon: str,
        params: Optional["CouponUpdateParams"] = None,
        options: Optional["RequestOptions"] = None,
    ) -> "Coupon":
        """
        Brings a coupon back.
        """
        return cast(
            "Coupon",
            self._request(
                "{verb}",
                "/v1/coupons/{{coupon}}/revive".format(coupon=sanitize_id(coupon)),
                base_address="api",
                params=params,
                options=options,
            ),
        )
'''
ASK = """
import json, os, stripe
from stripeflow.actions import registry
from stripeflow.triggers import catalogue
from stripeflow.workflows.maintenance.sdk_changes import installed
key = "stripe.coupons.revive"
found = registry.find(key)
said = {
    "from": os.path.dirname(stripe.__file__),
    "operations": sorted(one.key for one in registry.offers()),
    "events": [one.key for one in catalogue.event_types()],
    "inputs": list(found.input_names) if found else None,
    "marks": [found.moves_money, found.repeat.value, found.off] if found else None,
    "objects": len(catalogue.object_names()),
    "all_made": all(registry.find(one.key) is not None for one in registry.offers()),
}
print("SAID " + json.dumps(said))
"""


def asked(folder):
    """What a process says that has the package in this folder before the installed one; "" is that one."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), str(ROOT)]))}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", ASK],
        cwd=ROOT,
        env={**environ, "STRIPEFLOW_ENV_FILE": "", "STRIPEFLOW_DEBUG": "1"},
        capture_output=True,
        text=True,
    )
    line = next((one for one in done.stdout.splitlines() if one.startswith("SAID ")), "")
    assert line, done.stderr[-3000:]
    said = json.loads(line.removeprefix("SAID "))
    assert not folder or Path(said["from"]).is_relative_to(folder)
    return said


@pytest.fixture(scope="module")
def installed():
    return asked("")


@pytest.mark.parametrize(("verb", "marks"), [("get", [False, "safe", ""]), ("post", [True, "keyed", "off"])])
def test_an_operation_and_an_event_that_a_version_adds_appear(tmp_path, installed, verb, marks):
    package = tmp_path / "stripe"
    shutil.copytree(Path(stripe.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    service, event = package / "_coupon_service.py", package / "_event.py"
    service.write_text(service.read_text() + METHOD.format(verb=verb))
    first = '"account.application.authorized",'
    event.write_text(event.read_text().replace(first, f'{first}\n        "balloon.inflated",', 1))

    said = asked(tmp_path)
    assert set(said["operations"]) - set(installed["operations"]) == {"stripe.coupons.revive"}
    assert set(said["events"]) - set(installed["events"]) == {"balloon.inflated"}
    assert said["inputs"][0] == "coupon"
    moves_money, repeat, off = said["marks"]
    # What a version adds is off until somebody has reviewed it, unless it reads.
    assert [moves_money, repeat, "off" if off else ""] == marks
    assert installed["inputs"] is None


def test_an_earlier_release_offers_what_it_has(tmp_path, installed):
    index = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--target",
            tmp_path,
            f"stripe=={EARLIER}",
        ],
        capture_output=True,
        text=True,
    )
    if index.returncode:
        pytest.skip("No package index can be reached.")
    said = asked(tmp_path)
    assert said["all_made"]
    assert set(said["operations"]) != set(installed["operations"])
    assert len(said["operations"]) > 450
