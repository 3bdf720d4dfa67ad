"""The seam to django-q2: rings a task, carrying ids and nothing else."""

from triggers import conf


def enqueue(func_path: str, *args: object) -> str:
    """Ask a worker of our cluster to call `func_path` (dotted) with `args`, and return the task's id.

    Call it after the commit of what the task reads. A lost message is found by a sweep.
    """
    # django-q2 reads its settings at import; later imports keep start-up light.
    from django_q.tasks import async_task

    return async_task(func_path, *args, cluster=str(conf.get("QUEUE_CLUSTER")), save=False)
