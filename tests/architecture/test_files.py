"""What is in the repository: sources, and nothing that an installation makes."""

import shutil
import subprocess

import pytest

from stripeflow_site.local.installation import ROOT

KINDS = {
    *(".css", ".html", ".in", ".js", ".json", ".md", ".mo", ".png", ".po", ".py"),
    *(".svg", ".toml", ".txt", ".typed", ".yml"),
}
WITHOUT_A_KIND = {".ci/chromium", ".ci/run", ".gitignore", "LICENSE", "Makefile"}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="There is no repository to ask.")
def test_no_key_and_no_database_is_kept():
    git = shutil.which("git")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [name for name in listed.stdout.split("\0") if name]
    assert len(files) > 500
    strange = [name for name in files if name not in WITHOUT_A_KIND and not name.endswith(tuple(KINDS))]
    assert strange == []
