"""A mail server that takes its time, so that somebody else can come in between."""

import time

from django.core.mail.backends.filebased import EmailBackend as FileBackend

SECONDS = 3.0


class EmailBackend(FileBackend):
    def send_messages(self, messages):
        time.sleep(SECONDS)
        return super().send_messages(messages)
