"""The wheel beside a package, and in a project, that have taken the names of our directories.

Some distributions bring a top-level package `workflows`, and many projects have an app `actions`.
"""

import json
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

NAMES = ("actions", "triggers", "workflows")
HOST = Path(__file__).parent / "host"
# What another distribution installs: `workflows` as a package, with a module, data and its own marker.
OTHER = {
    "workflows/__init__.py": "ours = 'no'\n",
    "workflows/engine.py": "def run():\n    return 7\n",
    "workflows/py.typed": "",
    "workflows/templates/page.html": "<p>Not ours.</p>\n",
    "other_workflows-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: other-workflows\nVersion: 1.0\n",
    "other_workflows-1.0.dist-info/WHEEL": (
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ),
}
LIST = "other_workflows-1.0.dist-info/RECORD"


class Environment:
    """An environment of its own, which sees what this one has installed, but for our own packages."""

    def __init__(self, folder):
        venv.create(folder, symlinks=True, with_pip=False)
        self.python = folder / "bin" / "python"
        [self.packages] = folder.glob("lib/python*/site-packages")
        # Only the path: what an installation in place would add to it is in another `.pth` file there.
        installed = [path for path in sys.path if Path(path).name == "site-packages"]
        self.shared = "\n".join(installed)

    def pip(self, *args):
        """Run this environment's pip for that one, while it does not see what is installed here."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check"]
        run([*pip, *args], cwd=self.packages)

    def share(self):
        (self.packages / "shared.pth").write_text(self.shared)

    def unshare(self):
        (self.packages / "shared.pth").unlink()

    def files(self):
        """What is installed, but for bytecode."""
        found = (path for path in self.packages.rglob("*") if path.is_file() and path.suffix != ".pyc")
        return {path.relative_to(self.packages).as_posix(): path.read_bytes() for path in found}


def run(command, *, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment with the other distribution in it."""
    folder = tmp_path_factory.mktemp("beside")
    other = folder / "other_workflows-1.0-py3-none-any.whl"
    with zipfile.ZipFile(other, "w") as archive:
        for name, text in OTHER.items():
            archive.writestr(name, text)
        archive.writestr(LIST, "".join(f"{name},,\n" for name in [*OTHER, LIST]))
    made = Environment(folder / "environment")
    made.pip("install", "--no-deps", "--no-index", str(other))
    return made


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """The folder of a project whose three apps are called as our directories are."""
    folder = tmp_path_factory.mktemp("shop") / "shop"
    shutil.copytree(HOST, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_workflow_runs_beside_packages_of_our_names_which_outlive_us(environment, host, wheel):
    before = environment.files()
    environment.pip("install", "--no-deps", "--no-index", str(wheel))
    installed = environment.files()
    assert before.items() <= installed.items()
    assert {name.split("/")[0].split("-")[0] for name in installed.keys() - before.keys()} == {"stripeflow"}

    environment.share()
    manage = [environment.python, "-W", "ignore", "manage.py"]
    run([*manage, "migrate", "--run-syncdb", "--verbosity=0"], cwd=host)
    came = json.loads(run([*manage, "take_a_payment"], cwd=host).splitlines()[-1])
    assert Path(came.pop("code")).is_relative_to(environment.packages)
    assert came == {"status": "succeeded", "noted": ["Paid: pi_1"]}
    environment.unshare()

    environment.pip("uninstall", "--yes", "stripeflow")
    assert environment.files() == before
    own = run(
        [environment.python, "-c", "from workflows import engine; print(engine.run())"], cwd=host.parent
    )
    assert own == "7\n"
