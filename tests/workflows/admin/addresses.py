from django.urls import reverse


def address(obj, view="change", **query):
    """The address of a page: `address(step, "move")`, `address("step", "add", workflow=1)`."""
    is_model = not isinstance(obj, str)
    kind = obj._meta.model_name if is_model else obj
    arguments = [obj.pk] if is_model else []
    app = "stripeflow_actions" if kind == "suppression" else "stripeflow_workflows"
    base = reverse(f"admin:{app}_{kind}_{view}", args=arguments)
    given = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{base}?{given}" if given else base
