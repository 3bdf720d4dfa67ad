"""Measures the speed of StripeFlow against baselines of the same run. See docs/performance.md."""
