"""The kinds of steps that we bring: one module each."""

from django.utils.module_loading import autodiscover_modules


def register_all() -> None:
    """Register our blocks, once."""
    from stripeflow.workflows.blocks import action, branch, missing, stop
    from stripeflow.workflows.blocks.waits import for_a_time, until_a_date
    from stripeflow.workflows.definition import kinds

    waits = (for_a_time.WaitBlock, until_a_date.WaitUntilBlock)
    for block in (action.ActionBlock, branch.BranchBlock, stop.StopBlock, *waits):
        if kinds.find(block.kind) is None:
            kinds.register(block)
    kinds.stand_in(missing.MissingBlock())


def autodiscover() -> None:
    """Register our blocks, then those of installed apps."""
    register_all()
    autodiscover_modules("stripeflow_blocks")
