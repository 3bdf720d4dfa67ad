"""The process that works: the cluster, its watchdog, what is due, one run after the other."""
