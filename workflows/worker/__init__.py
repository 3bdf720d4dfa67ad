"""The worker process: its cluster, its watchdog, the sweep of what is due, and draining the queue."""
