"""Apps of tests that switch one safeguard off each, to prove that the campaign notices."""
