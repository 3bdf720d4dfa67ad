#!/usr/bin/env python
"""Django's command-line entry point for the StripeFlow site."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stripeflow_site.settings")
    from django.core.management import execute_from_command_line

    from stripeflow.triggers.log_redaction import redact_uncaught

    redact_uncaught()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
