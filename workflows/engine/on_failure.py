"""What a block answers whose steps run when the run would end as failed."""

from dataclasses import dataclass

from stripeflow.workflows.definition.plan import LanePlan, WayPlan


@dataclass(frozen=True)
class Begun:
    """Run the steps of `lane`. Their paths begin with `prefix`, which is another one after each retry."""

    lane: LanePlan | WayPlan
    prefix: str
