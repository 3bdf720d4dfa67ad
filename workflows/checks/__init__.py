"""Django system checks: the settings, and what each value has to be."""
