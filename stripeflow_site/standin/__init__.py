"""A small Stripe stand-in on loopback, for the demo, the tests and the benchmarks.

It needs no Django settings. `python -m stripeflow_site.standin --help` tells how to start it,
`README.md` what it keeps to and what it leaves out.
"""

# The key that opens the API unless another is given; dj-stripe takes only keys of at least 24 letters.
DEFAULT_API_KEY = "sk_test_standinstandinstandinstandin"
