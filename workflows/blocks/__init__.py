"""The kinds of steps that we bring: one module each."""

from django.utils.module_loading import autodiscover_modules


def register_all() -> None:
    """Register our blocks, once."""
    from stripeflow.workflows.blocks import (
        action,
        approval,
        branch,
        look_up,
        missing,
        note,
        on_failure,
        once,
        set_values,
        stop,
    )
    from stripeflow.workflows.blocks.child import block as child
    from stripeflow.workflows.blocks.loop import over_list
    from stripeflow.workflows.blocks.waits import for_a_time, for_an_event, until_a_date
    from stripeflow.workflows.definition import kinds

    blocks: tuple[type[kinds.Block], ...] = (
        action.ActionBlock,
        branch.BranchBlock,
        over_list.LoopBlock,
        set_values.SetValuesBlock,
        look_up.LookUpBlock,
        note.NoteBlock,
        for_a_time.WaitBlock,
        until_a_date.WaitUntilBlock,
        for_an_event.WaitForEventBlock,
        once.OnceBlock,
        approval.ApprovalBlock,
        child.RunWorkflowBlock,
        stop.StopBlock,
        on_failure.OnFailureBlock,
    )
    for block in blocks:
        if kinds.find(block.kind) is None:
            kinds.register(block)
    kinds.stand_in(missing.MissingBlock())


def autodiscover() -> None:
    """Register our blocks, then those of installed apps."""
    register_all()
    autodiscover_modules("stripeflow_blocks")
