"""What people do to runs: retry, release, cancel, resolve, choose, replay."""
