"""The bounds of what is sent."""

from datetime import timedelta

# For one call, from the connection to the end of the answer.
TIMEOUT_SECONDS = 15.0
# What a process is sending is sent by another one after that: well above the time of one call.
LEASE = timedelta(seconds=60)
# Threads of one worker process, deliveries to one destination at a time, and those of all that fail.
THREADS = 8
AT_ONCE = 4
OF_FAILING = 4
# How long a former secret signs beside the new one.
OVERLAP = timedelta(hours=24)
# Destinations of an installation, and secrets of one that sign at the same time.
MOST_DESTINATIONS = 50
MOST_SECRETS = 5
