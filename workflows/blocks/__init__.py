"""The kinds of steps that we bring: one module each."""


def register_all() -> None:
    """Register our blocks, once."""
    from stripeflow.workflows.blocks import action, branch
    from stripeflow.workflows.definition import kinds

    for block in (action.ActionBlock, branch.BranchBlock):
        if kinds.find(block.kind) is None:
            kinds.register(block)
