"""Who gets no e-mail: the list that people change, and the page where a customer unsubscribes."""
