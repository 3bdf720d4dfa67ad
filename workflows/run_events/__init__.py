"""What programs are told of runs: the events, what each holds, and Django's signals of the same."""
